"""The record of a session: it shows no secret, and has one entry for each claim."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from provisioner.errors import ConfigurationError
from provisioner.models.session import CheckRecord, RestoreRecord, Session, Tools, now
from provisioner.models.words import CheckState, Outcome, PhaseState
from provisioner.phases.context import Recorder, masked
from provisioner.progress import Nobody

HIDDEN = {"s3cret-value"}


def test_text_lists_and_models_are_masked() -> None:
    record = CheckRecord(
        name="login", kind="sql", state=CheckState.FAILED, reads_data=True, saw="s3cret-value!"
    )
    assert masked("password is s3cret-value", HIDDEN) == "password is ***"
    assert masked(["a", "s3cret-value"], HIDDEN) == ["a", "***"]
    assert masked([record], HIDDEN)[0].saw == "***!"
    assert masked([record], HIDDEN)[0].state is CheckState.FAILED


def test_what_is_no_text_stays_what_it_is() -> None:
    assert masked(Outcome.PASSED, {"Passed"}) is Outcome.PASSED
    assert masked(3, HIDDEN) == 3


def test_an_error_that_no_record_tells_is_masked_too() -> None:
    recorder = Recorder(None, None, None)  # type: ignore[arg-type]
    recorder.hide({"password": "s3cret-value"})
    error = ConfigurationError(
        "s3cret-value is too short", hint="not s3cret-value", details=["s3cret-value"]
    )
    recorder.mask_error(error)
    assert (str(error), error.message) == ("*** is too short", "*** is too short")
    assert (error.hint, error.details) == ("not ***", ["***"])


def recorder_that_hides(**secret: str) -> Recorder:
    recorder = Recorder(None, None, None)  # type: ignore[arg-type]
    recorder.hide(secret)
    return recorder


@pytest.mark.parametrize(
    ("secret", "said", "shown"),
    [
        ("swordfish\n", "password swordfish, denied", "password ***, denied"),
        ("  swordfish\r\n", "swordfish!", "***!"),
        ("swordfish\nbluefish\n", "bluefish, swordfish", "***, ***"),
        ("swordfish\nroot\n", "root", "root"),
    ],
)
def test_a_secret_is_hidden_as_programs_print_it(secret: str, said: str, shown: str) -> None:
    assert recorder_that_hides(password=secret).masked(said) == shown


@pytest.mark.parametrize(
    "value",
    [
        "postgres://blog:swordfish@db/blog",
        "postgres://blog:sword@fish@db/blog",
        "redis://:swordfish@cache:6379/0\n",
        "amqp://a:swordfish@one,amqp://b:bluefish@two",
        "blog:swordfish@tcp(db:3306)/blog",
        "host=db user=blog password='swordfish' dbname=blog",
        "Server=db;Uid=blog;Pwd=swordfish;",
        "jdbc:mysql://db/blog?user=blog&password=swordfish",
        "mysql://blog:sw%6Frdfish@db/blog",
    ],
)
@pytest.mark.parametrize("of", ["Secret", "values"])
def test_the_password_of_a_connection_is_hidden_under_any_key(value: str, of: str) -> None:
    recorder = recorder_that_hides()
    hide = recorder.hide if of == "Secret" else recorder.hide_values
    hide({"DATABASE_URL": value})
    assert "fish" not in recorder.masked(f"cannot connect: {value}")


def test_a_password_is_hidden_also_as_a_driver_decodes_it() -> None:
    recorder = recorder_that_hides(dsn="mysql://blog:sw%6Frdfish@db/blog")
    assert recorder.masked("swordfish is wrong for blog") == "*** is wrong for blog"


def test_an_image_is_no_connection() -> None:
    recorder = recorder_that_hides(image="registry:5000/nginx:1.25.3-alpine@sha256:abc")
    assert recorder.masked("1.25.3-alpine") == "1.25.3-alpine"


def test_a_secret_that_begins_another_leaves_nothing_of_it() -> None:
    secrets = [f"swordfish{'-and-more' * times}" for times in range(8)]
    recorder = recorder_that_hides(**{f"token{of}": one for of, one in enumerate(secrets)})
    assert [recorder.masked(one) for one in secrets] == ["***"] * 8


def restored(claim: str, state: PhaseState, **more: Any) -> RestoreRecord:
    return RestoreRecord(name="database", snapshot="a", claim=claim, state=state, **more)


def test_each_claim_of_a_restore_has_a_record_that_its_end_replaces() -> None:
    begun = now()
    session = Session(
        id="x", verifier="x", sandbox="x", started_at=begun, expires_at=begun,
        tools=Tools(provisioner="1"),
    )  # fmt: skip
    recorder = Recorder(session, cast("Any", SimpleNamespace()), Nobody())
    for state in (PhaseState.RUNNING, PhaseState.DONE):
        for replica in (0, 1):
            recorder.put_restore(restored(f"data-db-{replica}", state, replica=replica))
    found = [(one.claim, one.state) for one in recorder.session.restores]
    assert found == [("data-db-0", PhaseState.DONE), ("data-db-1", PhaseState.DONE)]
