"""Whose fault it is that an application cannot log in: nobody knows; or finds no room."""

import pytest

from provisioner.errors import ApplicationError, CapacityError, LoginRefusedError, ProvisionerError
from provisioner.readiness.refusal import of_log

REFUSALS = [
    'psycopg2.OperationalError: FATAL:  password authentication failed for user "shop"',
    "ERROR 1045 (28000): Access denied for user 'wordpress'@'10.0.0.7' (using password: YES)",
    "redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair",
    "NOAUTH Authentication required.",
    "MongoServerError: Authentication failed.",
]


def failed(*lines: str) -> ApplicationError:
    return ApplicationError("it ends again and again", details=list(lines))


@pytest.mark.parametrize("said", REFUSALS)
def test_a_refused_login_is_told_and_blames_no_data(said: str) -> None:
    error = failed("pod web-1: Running", "  log of web:", "    starting", f"    {said}")
    found = of_log(error)
    assert type(found) is LoginRefusedError
    assert found.message == f"it ends again and again; its login is refused: {said}"
    assert "copySecrets" in found.hint
    assert found.details == error.details


@pytest.mark.parametrize(
    "said",
    [
        'FATAL:  could not write to file "pg_wal/xlogtemp.29": No space left on device',
        '[ERROR] mariadbd: Error writing file (Errcode: 28 "No space left on device")',
        "Error: ENOSPC: no space left on device, write",
    ],
)
def test_a_full_volume_is_a_matter_of_room_whatever_else_is_said(said: str) -> None:
    error = failed("  log of web:", f"    {REFUSALS[0]}", f"    {said}")
    found = of_log(error)
    assert type(found) is CapacityError
    assert found.message == f"it ends again and again; its volume is full: {said}"
    assert found.details == error.details


@pytest.mark.parametrize(
    "error",
    [
        failed("  log of web:", "    FATAL:  could not read block 5 in file base/1/2"),
        failed("  log of web:", "    SMTP: authentication failed, going on without mail"),
        failed(f"  event Unhealthy (seen 1x): {REFUSALS[0]}"),
        failed("  event FailedMount (seen 1x): no space left on device"),
        failed(),
        CapacityError("no node", details=[f"    {REFUSALS[0]}"]),
    ],
)
def test_all_else_stays_as_it_was(error: ProvisionerError) -> None:
    assert of_log(error) is error
