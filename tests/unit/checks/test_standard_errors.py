"""What the errors of an engine mean for a standard set: whose fault each is."""

import re
import subprocess
from collections.abc import Callable
from typing import Any, cast

import pytest

from provisioner.checks import mysql
from provisioner.checks import postgres as psql
from provisioner.checks.speech import Kind
from provisioner.checks.standard import mariadb, postgres
from provisioner.checks.standard.counts import judge_rows
from provisioner.checks.standard.engine import text_of
from provisioner.checks.standard.part import Finding, judge, judge_log, log_part, marked
from provisioner.checks.standard.sets import expectation, of_each
from provisioner.checks.yardstick import Former, Yardstick
from provisioner.cluster.exec import Executed
from provisioner.errors import CheckRefusedError, CheckUnableError
from provisioner.models.standard import StandardCheck

Judged = Callable[[Executed], list[Finding]]


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


INDEX = 'btree index "shop.public.a_pkey":\n    ERROR:  '
CUT = (
    "pg_dump: error: Dumping the contents of table failed.\npg_dump: detail: from server: ERROR:  "
)
FULL = "ERROR 1114 (HY000) at line 1: The table '/tmp/#sql_1_0' is full"


@pytest.mark.parametrize(
    ("judged", "output"),
    [
        (
            postgres.judge_amcheck,
            done(f"{INDEX}canceling statement due to statement timeout\n", "", 2),
        ),
        (
            postgres.judge_amcheck,
            done(f"{INDEX}out of memory\n    DETAIL:  Failed on request of size 1.\n", "", 2),
        ),
        (postgres.judge_dump, done("", f"{CUT}out of memory\nDETAIL:  Failed on request", 3)),
        (
            postgres.judge_dump,
            done(
                "", f'{CUT}could not write to file "base/pgsql_tmp/1": No space left on device', 3
            ),
        ),
        (
            lambda one: postgres.errors(one, "rows"),
            done("", 'ERROR:  58P01: could not open extension control file "/usr/share/x.control"'),
        ),
        (lambda one: mariadb.errors(one, "rows"), done("", FULL)),
        (mariadb.judge_check, done("a.b\tcheck\tError\tLock wait timeout exceeded\n")),
        (mariadb.judge_dump, done("", "mysqldump: Error 1412: Table definition has changed", 2)),
        (mariadb.judge_dump, done("", "mysqldump: Error 2008: client ran out of memory", 2)),
        (mariadb.judge_dump, done("", "mysqldump: Error 2020: Got packet bigger than", 2)),
        (
            lambda one: marked(one.stdout.splitlines(), postgres.LOG_MARKS),
            done("PANIC:  could not write to file: No space left on device"),
        ),
        (
            lambda one: marked(one.stdout.splitlines(), mariadb.LOG_MARKS),
            done("[ERROR] InnoDB: Operating system error number 28 in a file operation."),
        ),
    ],
)
def test_room_time_and_others_at_work_are_no_fault_of_the_data(
    judged: Judged, output: Executed
) -> None:
    with pytest.raises(CheckUnableError, match="not covered"):
        judged(output)


def test_one_fault_among_excuses_is_told_alone() -> None:
    said = f"{INDEX}out of memory\n{INDEX.replace('a_pkey', 'b')}item order invariant violated\n"
    (found,) = postgres.judge_amcheck(done(said, "", 2))
    text = 'btree index "shop.public.b": ERROR:  item order invariant violated'
    assert found == Finding(text, True)
    log = ["[ERROR] InnoDB: Operating system error number 5 in a file operation."]
    assert marked(log, mariadb.LOG_MARKS)


@pytest.mark.parametrize(
    ("judged", "output"),
    [
        (postgres.judge_dump, done("", f'{CUT}relation "public.part" does not exist', 3)),
        (postgres.judge_amcheck, done(f"{INDEX}server closed the connection", "", 2)),
    ],
)
def test_what_may_be_damage_or_not_is_inconclusive(judged: Judged, output: Executed) -> None:
    with pytest.raises(CheckRefusedError):
        judged(output)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("ERROR 1213 (40001) at line 1: Deadlock found when trying to get lock", Kind.UNABLE),
        ('ERROR 3 (HY000) at line 1: Error writing file (Errcode: 28 "No space")', Kind.UNABLE),
        ('ERROR 1030 (HY000) at line 1: Got error 28 "No space left on device"', Kind.UNABLE),
        (FULL, Kind.UNABLE),
        ("ERROR 1030 (HY000) at line 1: Got error 122 from storage engine", Kind.WRONG),
        ("ERROR 1712 (HY000) at line 1: Index posts is corrupted", Kind.WRONG),
    ],
)
def test_errors_of_mysql(said: str, kind: Kind) -> None:
    assert mysql.understand(said).kind is kind


@pytest.mark.parametrize("state", ["40P01", "55P03", "40001", "57014", "53100"])
def test_errors_of_postgres_that_are_nobodys_fault(state: str) -> None:
    assert psql.understand(f"ERROR:  {state}: some words").kind is Kind.UNABLE


def test_the_roles_own_time_limits_do_not_hold() -> None:
    assert "-c statement_timeout=0 -c lock_timeout=0" in text_of("postgres.sh")


def test_keys_are_compared_by_their_own_operators_and_no_row_is_hidden() -> None:
    """``=`` of an extension outside the search_path falls back to another type's."""
    assert "OPERATOR(%I.%s)" in text_of("postgres_keys.sql")
    assert "conpfeqop" in text_of("postgres_keys.sql")
    assert "-c row_security=off" in text_of("postgres.sh")


UNSET = "unset\tshop.{}_id_seq is at 1 and was never called, and {}.id goes on to 3\n"


def test_a_table_that_a_migration_filled_is_no_fault() -> None:
    output = "sound\tforeign\nnote\tshop.roles_id_seq was never called\n"
    for said in (output, f"sound\tforeign\n{UNSET.format('roles', 'roles')}"):
        assert [one.bad for one in postgres.judge_keys(done(said))] == [False, False]


def test_sequences_of_which_none_was_ever_called_leave_a_doubt() -> None:
    two = UNSET.format("roles", "roles") + UNSET.format("orders", "orders")
    with pytest.raises(CheckRefusedError, match=r"shop.roles_id_seq is at 1 .*; 2 are so"):
        postgres.judge_keys(done(two))
    (bad, *_) = postgres.judge_keys(done(f"bad\tshop.notes_id_seq is at 1\n{two}"))
    assert bad.bad


def test_only_numbers_that_are_next_are_looked_at() -> None:
    """A row of a fixed high number is no sequence that fell behind, nor is a text a number."""
    statements = text_of("postgres_keys.sql")
    assert "BETWEEN next AND next + 99 * %6$s" in statements
    assert "'{int2,int4,int8,numeric}'::regtype[]" in statements


@pytest.mark.parametrize(
    "said",
    [
        "named\tshop\ntable\tother\torders\t95\n",
        "named\tshop\ntable\tshop\torders\t0\ntable\tother\tx\t95\n",
    ],
)
def test_a_database_that_is_named_and_empty_leaves_a_doubt(said: str) -> None:
    """The variable of a container that was restored does nothing: production may never use it."""
    found = judge_rows(done(said), postgres.errors)
    (part, *_) = postgres.PARTS
    standard = StandardCheck(set="postgres")
    expect, each = expectation(part, standard), of_each(part, standard)
    with pytest.raises(CheckRefusedError, match=r"database shop, .* has no rows; .*: .*other"):
        judge(part, found, expect, each=each)
    former = Yardstick(former=Former("shop-1", 100.0, {"shop.orders": 100.0}))
    assert not judge(part, found, expect, former, each).passed


@pytest.mark.parametrize("rows", [postgres.ROWS, mariadb.ROWS])
@pytest.mark.parametrize(("given", "named"), [("shop", "shop"), ("", "postgres")])
def test_the_database_of_the_document_is_the_one_that_is_named(
    rows: str, given: str, named: str
) -> None:
    stand_ins = f"given_database={given}; each() {{ :; }}; everywhere() {{ :; }}"
    env = {"POSTGRES_DB": "postgres", "MYSQL_DATABASE": "postgres"}
    script = "\n".join([text_of("values.sh"), stand_ins, rows])
    said = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, check=True)
    assert said.stdout == f"named\t{named}\n"


def test_no_part_waits_for_the_other_that_looks_at_the_same_table() -> None:
    """pg_amcheck holds SHARE; a weaker lock that keeps VACUUM away does not go with it."""
    statements = text_of("postgres_heap.sql")
    assert set(re.findall(r"IN (.*) MODE", statements)) == {"SHARE"}
    assert "lock_timeout" not in statements


def test_rows_of_any_size_are_dumped() -> None:
    assert "--max-allowed-packet=1G" in mariadb.DUMP


@pytest.mark.parametrize(
    ("conninfo", "shown"),
    [
        ("user=r password='my s3cret host=pw' host=prod port=5432", "host=prod port=5432"),
        ("user=r password = s3cret host = 'prod db' port=1", "host='prod db' port=1"),
        (r"password='it\'s host=s3cret' hostaddr=10.0.0.1", "hostaddr=10.0.0.1"),
        ("password= host=s3cret port=1", "port=1"),
        (r"password=a\ host=s3cret port=1", "port=1"),
    ],
)
def test_of_the_way_to_production_only_the_place_is_told(conninfo: str, shown: str) -> None:
    """By the statement's own pattern, whose words Python reads alike."""
    statement = text_of("postgres_apart.sql")
    (pattern,) = re.findall(r"conninfo,\s*'(.*)', 'g'", statement)
    words = re.findall(pattern.replace("''", "'"), conninfo)
    (kept,) = re.findall(r"word\[1\] IN \((.*?)\)", statement)
    assert " ".join(f"{name}={value}" for name, value in words if f"'{name}'" in kept) == shown
