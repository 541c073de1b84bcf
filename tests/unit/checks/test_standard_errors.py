"""What the errors of an engine mean for a standard set: whose fault each is."""

import re
from typing import Any, cast

import pytest

from provisioner.checks import postgres as psql
from provisioner.checks.speech import Kind
from provisioner.checks.standard import postgres
from provisioner.checks.standard.counts import judge_rows
from provisioner.checks.standard.engine import text_of
from provisioner.checks.standard.part import Finding, judge_log, log_part
from provisioner.cluster.exec import Executed
from provisioner.errors import CheckRefusedError, CheckUnableError


def done(stdout: str = "", stderr: str = "", exit_code: int = 0) -> Executed:
    return Executed(stdout, stderr, exit_code)


TORN = (
    "FEHLER:  XX001: ungültige Seite in Block 3 von Relation base/16384/16385\n"
    "ORT:  PageIsVerified, bufpage.c:150\n"
)


def test_a_server_of_another_language_tells_of_damage_by_its_states() -> None:
    rows = judge_rows(done("named\tshop\ntable\tshop\tlog\t5\n", TORN), postgres.errors)
    keys = postgres.judge_statements(done("sound\tforeign\n", TORN), "keys are")
    assert [one.bad for one in (*rows, *keys)] == [True, True]
    assert psql.understand(TORN).kind is Kind.WRONG
    with pytest.raises(CheckRefusedError):
        postgres.errors(done("", "FEHLER:  42501: keine Berechtigung für Tabelle x"), "rows")


@pytest.mark.parametrize(
    "said",
    [
        "WARNING:  01000: database \"shop\" has a collation version mismatch",
        "WARNUNG:  01000: Datenbank »shop« hat unterschiedliche Versionen",
        "NOTICE:  42710: extension \"pageinspect\" already exists, skipping",
        "sh: warning: setlocale: LC_ALL: cannot change locale (de_DE.utf8)",
    ],
)  # fmt: skip
def test_warnings_are_no_errors(said: str) -> None:
    assert postgres.errors(done("", said), "rows") == []


def test_only_errors_are_asked_for_and_in_english_where_the_login_may() -> None:
    script = text_of("postgres.sh")
    assert "client_min_messages=error" in script
    assert '[ "$superuser" != t ] || export PGOPTIONS="$PGOPTIONS -c lc_messages=C"' in script
    assert "client_min_messages" not in text_of("postgres_heap.sql")


@pytest.mark.parametrize("name", ["mariadb_rows.sql", "mariadb_check.sql", "mariadb_keys.sql"])
def test_system_versioned_tables_are_tables(name: str) -> None:
    """MariaDB does not call them BASE TABLE."""
    assert "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED'" in text_of(name)
    assert "TABLE_TYPE = 'BASE TABLE'" not in text_of(name)


def test_a_log_of_which_nothing_was_seen_is_no_pass() -> None:
    with pytest.raises(CheckUnableError, match="the container's log is empty"):
        judge_log(0, done(), [], postgres.LOG_MARKS)


def test_what_a_server_logs_into_a_file_is_its_log_as_well() -> None:
    lines = "LOG:  starting PostgreSQL 15.5\nLOG:  ready\nnote\tthe server writes it in de_DE\n"
    (seen, note) = judge_log(3, done(lines), [], postgres.LOG_MARKS)
    assert seen.text == "5 lines of log without such a word"
    assert note.text == "the server writes it in de_DE"
    torn = f"{lines}ERROR:  invalid page in block 3\n"
    assert [one.bad for one in judge_log(3, done(torn), [], postgres.LOG_MARKS)] == [True]


async def test_damage_in_a_long_log_is_found_and_no_file_is_asked_for() -> None:
    class Torn:
        async def log(self, marks: re.Pattern[str]) -> tuple[int, list[str]]:
            return 9000, [
                line for line in ("PANIC: could not locate", "fine") if marks.search(line)
            ]

    part = log_part(postgres.LOG_MARKS, "", postgres.errors)
    (found,) = await part.ask(cast("Any", Torn()))
    assert found == Finding("PANIC: could not locate", True)
