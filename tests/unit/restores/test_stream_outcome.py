"""What it means how both sides of the pipe ended: whose fault is it?"""

import pytest
from stream_fakes import planned

from provisioner import errors
from provisioner.restores.pods.log import ResticLog
from provisioner.restores.pods.pod import Ended
from provisioner.restores.stream.outcome import Dumped, Ends, judge
from provisioner.restores.stream.pod import UNREAD

WELL = Ended(0, "Completed", "")
BADLY = Ended(1, "Error", "")
WHOLE = Dumped(0, 0, "")


def judged(
    *said: str,
    dumped: Dumped | None = WHOLE,
    restic: Ended | None = WELL,
    client: Ended | None = WELL,
    log: ResticLog | None = None,
) -> None:
    judge(planned(), log or ResticLog(), dumped, Ends(restic, client), said)


def test_a_whole_dump_that_was_taken_is_no_error() -> None:
    judged()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ('ERROR:  syntax error at or near "garbage"', errors.BackupError),
        ('psql:<stdin>:7: ERROR:  missing data for column "b"', errors.BackupError),
        ("pg_restore: error: could not read from input file: end of file", errors.BackupError),
        ("pg_restore: error: input file does not appear to be a valid archive", errors.BackupError),
        ("ERROR 1064 (42000) at line 9: You have an error in your SQL syntax", errors.BackupError),
        ("8:M # Short read or OOM loading DB. Unrecoverable error", errors.BackupError),
        ("gzip: stdin: unexpected end of file", errors.BackupError),
        ("psql: error: connection to server failed: Connection refused", errors.ConfigurationError),
        ('FATAL:  password authentication failed for user "x"', errors.ConfigurationError),
        ("ERROR 1045 (28000): Access denied for user 'x'", errors.ConfigurationError),
        ("ERROR 1049 (42000): Unknown database 'shop'", errors.ConfigurationError),
        ('ERROR:  role "reader" does not exist', errors.ConfigurationError),
        ('ERROR:  relation "orders" already exists', errors.ConfigurationError),
        ("psql:<stdin>:5: error: invalid command \\restrict", errors.ConfigurationError),
        ("invalid command \\unrestrict", errors.ConfigurationError),
        ("invalid command \\N", errors.BackupError),
        (
            'ERROR:  unrecognized configuration parameter "transaction_timeout"',
            errors.ConfigurationError,
        ),
        ("pg_restore: error: unsupported version (1.16) in file header", errors.ConfigurationError),
        ("ERROR 1273 (HY000) at line 9: Unknown collation: 'x_ai_ci'", errors.ConfigurationError),
        ("ERROR at line 1: Unknown command '\\-'.", errors.ConfigurationError),
        ("8:M # Can't handle RDB format version 99", errors.ConfigurationError),
        ("The input is a PostgreSQL custom-format dump.", errors.ConfigurationError),
        ("ERROR:  could not extend file: No space left on device", errors.CapacityError),
        ("server closed the connection unexpectedly", errors.UnclearError),
        ("", errors.UnclearError),
    ],
)
def test_what_a_client_said_tells_whose_fault_it_is(said: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="restore db: pg_restore ended with exit code 1"):
        judged("COPY 5", said, client=BADLY)


def test_a_dump_that_cannot_be_read_outweighs_a_wait_for_a_connection() -> None:
    with pytest.raises(errors.BackupError, match="Short read"):
        judged("Could not connect to Redis", "# Short read or OOM loading DB", client=BADLY)


def test_a_program_that_is_not_in_the_image_is_no_fault_of_the_backup() -> None:
    with pytest.raises(errors.ConfigurationError, match="not found"):
        judged("sh: 2: exec: pg_restore: not found", client=Ended(127, "Error", ""))


def test_a_client_that_was_killed_for_memory_is_a_matter_of_room() -> None:
    with pytest.raises(errors.CapacityError, match="ran out of memory"):
        judged(client=Ended(137, "OOMKilled", ""))


def test_a_dump_that_is_cut_is_a_bad_backup_though_the_client_was_content() -> None:
    with pytest.raises(errors.BackupError, match="not whole: pg_dump did not end it"):
        judged(dumped=Dumped(0, 0, "pg_dump did not end it"))


def test_what_the_client_did_not_take_is_not_judged_by_its_end() -> None:
    """It ended early by itself: what was seen of the dump is no whole one then."""
    with pytest.raises(errors.ConfigurationError, match="authentication failed"):
        judged(
            "FATAL: password authentication failed",
            dumped=Dumped(141, 141, "pg_dump did not end it"),
            restic=Ended(141, "Error", ""),
            client=BADLY,
        )


def test_restics_fault_comes_before_what_it_led_to() -> None:
    log = ResticLog().with_error("ciphertext verification failed")
    with pytest.raises(errors.BackupError, match="ciphertext verification failed"):
        judged(
            "unexpected end of file", dumped=Dumped(1, 0, ""), restic=BADLY, client=BADLY, log=log
        )


def test_a_repository_that_is_away_is_not_the_clients_fault() -> None:
    log = ResticLog().with_error("dial tcp 10.0.0.1:8000: connection refused")
    with pytest.raises(errors.RepositoryError):
        judged(dumped=Dumped(1, 0, "pg_dump did not end it"), restic=BADLY, log=log)


@pytest.mark.parametrize(
    ("dumped", "restic", "client", "error"),
    [
        (Dumped(0, 141, ""), WELL, WELL, errors.ConfigurationError),
        (Dumped(0, 141, ""), WELL, None, errors.UnclearError),
        (None, WELL, WELL, errors.UnclearError),
        (None, None, WELL, errors.UnclearError),
    ],
)
def test_a_load_that_nobody_saw_to_its_end_is_no_pass(
    dumped: Dumped | None, restic: Ended | None, client: Ended | None, error: type[Exception]
) -> None:
    with pytest.raises(error, match="before it had read the whole dump"):
        judged(dumped=dumped, restic=restic, client=client)


def test_a_small_dump_that_was_left_in_the_pipe_is_no_pass() -> None:
    with pytest.raises(errors.ConfigurationError, match="before it had read the whole dump"):
        judged("all is well", UNREAD, client=BADLY)


def test_the_report_shows_no_rows_of_the_dump() -> None:
    with pytest.raises(errors.BackupError) as raised:
        judged(
            'ERROR:  missing data for column "b"',
            'CONTEXT:  COPY users, line 3: "jane secret"',
            "ERROR 1064: error in your SQL syntax near 'jane secret' at line 1",
            client=BADLY,
        )
    told = " ".join([raised.value.message, *raised.value.details])
    assert "jane" not in told
    assert "near ..." in told


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('ERROR:  invalid input syntax for type integer: "jane, 4111"', "for type integer: ..."),
        ('ERROR:  syntax error at or near "jane"', "at or near ..."),
        ('ERROR:  malformed array literal: "jane" "x', "array literal: ..."),
        (
            "ERROR 1062 (23000) at line 9: Duplicate entry 'jane's \"mail\"' for key 'u.mail'",
            "Duplicate entry ... for key 'u.mail'",
        ),
        (
            "ERROR 1366 (22007): Incorrect integer value: 'jane' for column 'age' at row 3",
            "Incorrect integer value: ... for column 'age' at row 3",
        ),
        ("ERROR 1273 (HY000): Unknown collation: 'utf8_x'", "Unknown collation: 'utf8_x'"),
        ('FATAL:  role "reader" does not exist', 'role "reader" does not exist'),
    ],
)
def test_a_value_that_an_error_quotes_is_not_shown(said: str, shown: str) -> None:
    with pytest.raises(errors.ProvisionerError) as raised:
        judged(said, client=BADLY)
    assert raised.value.message.endswith(shown)
    assert "jane" not in " ".join([raised.value.message, *raised.value.details])


def test_a_log_of_nothing_but_data_is_not_shown() -> None:
    for said in ((), ("DETAIL:  jane",)):
        with pytest.raises(errors.UnclearError) as raised:
            judged(*said, client=Ended(1, "Error", "DETAIL:  jane\nCommand was: SELECT jane"))
        assert raised.value.message.endswith("exit code 1: Error")
