"""What the standard sets' scripts print, and what it means."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from provisioner.checks.kinds import questions
from provisioner.checks.standard import mariadb, postgres, redis, sets
from provisioner.checks.standard.counts import judge_objects, judge_rows
from provisioner.checks.standard.engine import text_of
from provisioner.checks.standard.part import Finding, Part, judge, marked
from provisioner.checks.standard.sets import PARTS, expectation, of_each, without
from provisioner.checks.standard.workload import container_of, only, ref_of
from provisioner.checks.yardstick import Former, Yardstick
from provisioner.cluster.api import Object
from provisioner.cluster.exec import CUT_MARK, Executed
from provisioner.errors import CheckRefusedError, CheckUnableError, IsolationError
from provisioner.models.checks import Check
from provisioner.models.standard import StandardCheck

Judged = Callable[[Executed], list[Finding]]

NO_FOLDER = (
    'pg_amcheck: error: connection to server failed: FATAL:  database "shop" does not exist\n'
    'DETAIL:  The database subdirectory "base/16384" is missing.\n'
)


def done(stdout: str = "", stderr: str = "", exit_code: int = 0) -> Executed:
    return Executed(stdout, stderr, exit_code)


def faults(found: list[Finding]) -> list[str]:
    return [one.text for one in found if one.bad]


def statements(one: Executed) -> list[Finding]:
    return postgres.judge_statements(one, "keys")


def part(engine: str, title: str) -> Part:
    return next(one for one in PARTS[engine] if one.title == title)


@pytest.mark.parametrize(
    ("judged", "output"),
    [
        (statements, done("bad\tshop.orders: 5 rows are gone\nsound\t7\n")),
        (statements, done("", "ERROR:  XX001: invalid page in block 3 of relation base/1/2")),
        (statements, done("sound\t1\n", "ERROR:  58P01: could not open file \"base/1/2\"")),
        (statements, done("sound\t1\n", "ERROR:  22021: invalid byte sequence for encoding")),
        (postgres.judge_amcheck, done("heap table \"a.b.c\", block 3:\n    torn\n", exit_code=2)),
        (postgres.judge_amcheck, done("could not read file \"base/1\"", exit_code=1)),
        (postgres.judge_amcheck, done(stderr=NO_FOLDER, exit_code=1)),
        (postgres.judge_dump, done(stderr="detail: ERROR:  invalid page in block 3", exit_code=3)),
        (mariadb.judge_check, done("a.b\tcheck\terror\tCorrupt\n")),
        (mariadb.judge_check, done("a.b\tcheck\tWarning\tInnoDB: The B-tree is corrupted.\n")),
        (mariadb.judge_check, done("", "ERROR 1712 (HY000) at line 1: Index posts is corrupted")),
        (mariadb.judge_keys, done("bad\tblog.meta: 3 rows have no counterpart in blog.posts\n")),
        (
            mariadb.judge_dump,
            done(stderr="mariadb-dump: Error 1030: Got error 1877 when dumping", exit_code=3),
        ),
        (
            mariadb.judge_dump,
            done(stderr="mariadb-dump: Couldn't execute 'x': repair failed (144)", exit_code=2),
        ),
        (mariadb.judge_check, done("a.b\tcheck\tstatus\tOK\nbad\tx/y.ibd: the definition\n")),
        (postgres.judge_apart, done("bad\tit came back as a standby\n")),
        (redis.judge_keys, done("loading:0\n# Keyspace\n")),
        (redis.judge_files, done("bad\t/data/dump.rdb: Unexpected EOF\n")),
        (lambda one: redis.judge_loading(one, ["Ready to accept connections"]), done("loading:0")),
        (lambda one: redis.judge_loading(one, ["DB loaded from disk"]), done("loading:1")),
    ],
)  # fmt: skip
def test_damage_is_a_fault(judged: Judged, output: Executed) -> None:
    assert faults(judged(output))


@pytest.mark.parametrize(
    ("judged", "output", "saw"),
    [
        (statements, done("sound\t7\nsound\t1\nnote\tshop: 1 constraints are NOT VALID"), "2 keys"),
        (statements, done(), "no keys there"),
        (postgres.judge_amcheck, done("checksums\ton\n"), "sound; page checksums are on"),
        (postgres.judge_amcheck, done("checksums\toff\n"), "page checksums are off"),
        (postgres.judge_dump, done(stderr="pg_dump: warning: circular"), "everything was read"),
        (postgres.judge_apart, done("sound\tarchive_mode is off, no standby\n"), "off"),
        (mariadb.judge_check, done("a.b\tcheck\tstatus\tOK\nc.d\tcheck\tstatus\tOK\n"), "2 tables"),
        (
            mariadb.judge_check,
            done(
                "a.b\tcheck\twarning\t1 client is using or hasn't closed the table properly\n"
                "a.b\tcheck\tstatus\tOK\n"
            ),
            "1 tables are sound",
        ),
        (
            mariadb.judge_check,
            done("a.b\tcheck\tnote\tThe storage engine for the table doesn't support check\n"),
            "1 tables",
        ),
        (
            mariadb.judge_dump,
            done(stderr="mariadb-dump: Couldn't execute 'x': View 'a.b' is invalid (1356)"),
            "everything was read; ERROR 1356",
        ),
        (mariadb.judge_apart, done("asked\n"), "no replication"),
        (mariadb.judge_apart, done("Master_Host: db\nSlave_IO_Running: No\n"), "stopped"),
        (redis.judge_keys, done("loading:0\ndb0:keys=3,expires=1,avg_ttl=5\r\n"), "3 keys, 2 of"),
        (redis.judge_files, done("sound\t/data/dump.rdb\n"), "dump.rdb is sound"),
        (redis.judge_dump, done("read\t0\t3\t90\t5\nread\t0\t1\t9\t1\nend\n"), "4 keys read, 99"),
        (
            lambda one: redis.judge_loading(one, ["1:M 25 Nov 14:21:35 * DB loaded from disk"]),
            done("loading:0"),
            "DB loaded from disk",
        ),
        (redis.judge_apart, done("role:master\r\n"), "no replica"),
    ],
)  # fmt: skip
def test_sound_data_passes(judged: Judged, output: Executed, saw: str) -> None:
    found = judged(output)
    assert not faults(found)
    assert saw in "; ".join(one.text for one in found)


@pytest.mark.parametrize(
    ("judged", "output", "raised"),
    [
        (statements, done("", "ERROR:  42703: column x does not exist"), CheckUnableError),
        (statements, done("", "ERROR:  42501: permission denied for table x"), CheckRefusedError),
        (statements, done("", "psql: error: connection to server was lost", 2), CheckRefusedError),
        (statements, done("", "", 3), CheckUnableError),
        (statements, done(CUT_MARK + "sound\t1\n"), CheckUnableError),
        (postgres.judge_amcheck, done("error: schema is missing", exit_code=1), CheckUnableError),
        (
            postgres.judge_dump,
            done(stderr="ERROR:  permission denied for table x", exit_code=3),
            CheckUnableError,
        ),
        (postgres.judge_dump, done(stderr="aborted", exit_code=3), CheckUnableError),
        (
            postgres.judge_apart,
            done("reaches\tarchive_mode is on, with archive_command set\n"),
            IsolationError,
        ),
        (
            mariadb.judge_check,
            done("", "ERROR 2013 (HY000) at line 3: Lost connection to server during query"),
            CheckRefusedError,
        ),
        (mariadb.judge_keys, done("", "ERROR 1064 (42000) at line 1: syntax"), CheckUnableError),
        (
            mariadb.judge_dump,
            done(stderr="mariadb-dump: Error 2013: Lost connection to server", exit_code=3),
            CheckRefusedError,
        ),
        (mariadb.judge_dump, done(stderr="no space left", exit_code=2), CheckUnableError),
        (
            mariadb.judge_apart,
            done("Master_Host: db.production\nSlave_IO_Running: Connecting\n"),
            IsolationError,
        ),
        (redis.judge_keys, done("NOPERM this user has no permissions"), CheckRefusedError),
        (redis.judge_keys, done("loading:0\nrdb_last_load_keys_expired:7\n"), CheckRefusedError),
        (
            redis.judge_keys,
            done("loading:0\nrdb_last_load_keys_loaded:0\ndb0:keys=1,expires=1,avg_ttl=5\n"),
            CheckRefusedError,
        ),
        (redis.judge_files, done(), CheckUnableError),
        (redis.judge_dump, done("end\n"), CheckRefusedError),
        (redis.judge_dump, done("read\t0\t3\t90\t5\n"), CheckUnableError),
        (redis.judge_dump, done("error\tERR unknown command 'EVAL'\nend\n"), CheckUnableError),
        (
            redis.judge_apart,
            done("role:slave\r\nmaster_host:10.0.0.9\r\nmaster_port:6379\r\n"),
            IsolationError,
        ),
    ],
)
def test_what_could_not_be_asked_is_no_pass_and_no_fault(
    judged: Judged, output: Executed, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        judged(output)


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ("named\t\ntable\tshop\torders\t5\ntable\tshop\tempty\t0\n", 5),
        ("named\tshop\ntable\tshop\torders\t5\ntable\tother\tx\t1\n", 6),
        ("named\tShop\ntable\tshop\torders\t5\n", 5),
        ("named\t\ntable\tshop\torders\t0\n", None),
        ("named\t\n", None),
    ],
)
def test_rows_are_counted_in_the_database_that_is_meant(rows: str, count: int | None) -> None:
    (found,) = judge_rows(done(rows), postgres.errors)
    assert (found.count, found.bad) == (count, count is None)


def test_objects_are_counted_by_kind() -> None:
    output = done("objects\tshop\t3\t4\t4\t0\nobjects\tpostgres\t0\t0\t0\t1\n")
    (found,) = judge_objects(output, postgres.errors)
    assert (found.count, found.text) == (
        12,
        "3 tables, 4 indexes, 4 constraints, 1 routines and triggers",
    )


@pytest.mark.parametrize(
    ("title", "more", "count", "passed"),
    [
        ("there is data", {}, 96, True),
        ("there is data", {}, 94, False),
        ("there is data", {"maxDrop": "50%"}, 51, True),
        ("nothing is left out", {}, 100, True),
        ("nothing is left out", {}, 99, False),
        ("nothing is left out", {"maxDrop": "2%"}, 99, True),
    ],
)
def test_what_is_less_than_in_the_last_session_that_passed(
    title: str, more: dict[str, Any], count: int, passed: bool
) -> None:
    one = part("postgres", title)
    expect = expectation(one, StandardCheck.model_validate({"set": "postgres", **more}))
    former = Yardstick(former=Former("blog-1", 100.0))
    answer = judge(one, [Finding("so many", count=count)], expect, former)
    assert (answer.passed, answer.value) == (passed, count)
    assert answer.saw == "so many"
    assert answer.expected.startswith(one.covers)


def rows_of(**tables: int) -> list[Finding]:
    counts = {f"blog.{name}": count for name, count in tables.items()}
    return [Finding("so many", count=sum(counts.values()), counts=counts)]


BEFORE = {"blog.posts": 70.0, "blog.options": 900.0, "blog.few": 8.0, "blog.sessions": 60.0}


@pytest.mark.parametrize(
    ("tables", "more", "lost"),
    [
        ({"posts": 70, "options": 900, "few": 8, "sessions": 60}, {}, ""),
        ({"posts": 64, "options": 905, "few": 4, "sessions": 65, "new": 1}, {}, ""),
        ({"posts": 35, "options": 935, "few": 8, "sessions": 60}, {}, "blog.posts: 35, not 70"),
        ({"posts": 35, "options": 935, "few": 8, "sessions": 60}, {"maxDrop": "60%"}, ""),
        ({"posts": 78, "options": 900, "sessions": 60}, {}, "blog.few: 0, not 8"),
        (
            {"posts": 1, "options": 960, "sessions": 65},
            {},
            "blog.posts: 1, not 70; blog.few: 0, not 8",
        ),
    ],
)
def test_one_table_that_lost_its_rows_is_found_among_many(
    tables: dict[str, int], more: dict[str, Any], lost: str
) -> None:
    one = part("mariadb", "there is data")
    standard = StandardCheck.model_validate({"set": "mariadb", **more})
    yardstick = Yardstick(former=Former("blog-1", 1038.0, BEFORE))
    answer = judge(
        one, rows_of(**tables), expectation(one, standard), yardstick, of_each(one, standard)
    )
    assert answer.passed is not bool(lost)
    assert answer.message == (f"less than in session blog-1: {lost}" if lost else "")
    assert answer.counts == {f"blog.{name}": count for name, count in tables.items()}


def test_tables_that_come_and_go_are_not_counted() -> None:
    (found,) = without(rows_of(posts=70, sessions=60, cache_a=5), ["*.sessions", "blog.cache*"])
    assert (found.count, found.counts) == (70, {"blog.posts": 70})
    assert found.text == "so many, 2 of them not counted"


def test_data_whose_definition_is_missing_is_found(tmp_path: Path) -> None:
    """By the set's own shell, on files as MariaDB names them."""
    blog = tmp_path / "blog"
    blog.mkdir()
    sound = "posts.frm posts.ibd parts.frm parts#P#p0.ibd #sql-1.ibd FTS_15_CONFIG.ibd a.MYD a.frm"
    for name in sound.split():
        (blog / name).touch()
    assert _orphans(tmp_path) == ""
    (blog / "posts.frm").unlink()
    assert _orphans(tmp_path).startswith("bad\tblog/posts.ibd: the definition")
    for one in blog.glob("*.frm"):
        one.unlink()
    assert _orphans(tmp_path) == "", "MySQL 8 has no such files"


def _orphans(datadir: Path) -> str:
    stand_ins = f"ask() {{ echo {datadir}/; }}; sleep() {{ :; }}"
    script = f"{stand_ins}\n{text_of('mariadb_orphans.sh')}\norphans"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout


async def test_a_redis_of_which_nothing_is_left_is_no_queue_worked_off() -> None:
    done_of = done("read\t0\t1\t9\t0\nend\n")
    one = part("redis", "every key can be read")
    found = redis.judge_dump(done_of)
    standard = StandardCheck(set="redis")
    answer = judge(one, found, expectation(one, standard), Yardstick(former=Former("shop-1", 5.0)))
    assert (answer.passed, answer.value) == (False, 0)
    first = judge(one, found, expectation(one, standard))
    assert (first.passed, first.unmeasured) == (True, True), "a cache, whose keys all expire"


def test_redis_with_a_cut_end_is_told_and_not_blamed() -> None:
    """A crash-consistent copy of a running server has such an end."""
    log = ["# AOF loaded anyway because aof-load-truncated is enabled", "* DB loaded from disk"]
    (found,) = redis.judge_loading(done("loading:0"), log)
    assert not found.bad
    assert "was cut off" in found.text


@pytest.mark.parametrize(
    ("more", "left", "state"),
    [
        ({}, 3, None),
        ({}, 0, False),
        ({"maxDrop": "50%"}, 3, False),
        ({"maxDrop": "99.9%"}, 3, True),
    ],
)
async def test_elements_of_redis_may_be_lost_or_worked_off(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], left: int, state: bool | None
) -> None:
    async def reach(*_: object) -> None:
        return None

    async def findings(_engine: object) -> list[Finding]:
        return [Finding("3 keys", count=left)]

    monkeypatch.setattr(sets, "reach", reach)
    one = replace(part("redis", "every key can be read"), ask=findings)
    monkeypatch.setitem(PARTS, "redis", (one,))
    (asked,) = questions([Check.model_validate({"standard": {"set": "redis", **more}})])
    former = Yardstick(former=Former("shop-1", 1000.0))
    if state is None:
        with pytest.raises(CheckRefusedError, match="3 keys"):
            await asked.ask(cast("Any", None), former)
    else:
        assert (await asked.ask(cast("Any", None), former)).passed is state


def test_a_part_that_found_nothing_is_no_pass() -> None:
    with pytest.raises(CheckUnableError, match="said nothing"):
        judge(part("postgres", "keys hold"), [])


def test_the_first_fault_is_told_and_the_others_counted() -> None:
    findings = [Finding("fine"), Finding("one", True), Finding("two", True)]
    answer = judge(part("mariadb", "every table is sound"), findings)
    assert (answer.passed, answer.saw, answer.message) == (False, "one, and 1 more", "one\ntwo")


@pytest.mark.parametrize(
    "line",
    [
        "ERROR:  invalid page in block 3 of relation base/16384/16385",
        "PANIC:  could not locate a valid checkpoint record",
        "WARNING:  page verification failed, calculated checksum 1 but expected 2",
    ],
)
def test_postgres_log_tells_of_damage(line: str) -> None:
    assert marked([line, line], postgres.LOG_MARKS) == [Finding(line, True)]


@pytest.mark.parametrize(
    "line",
    [
        "LOG:  database system was not properly shut down; automatic recovery in progress",
        "LOG:  invalid record length at 0/1530D48: expected at least 24, got 0",
        "FATAL:  role \"root\" does not exist",
        "LOG:  starting backup recovery with redo LSN 0/2000028",
    ],
)  # fmt: skip
def test_postgres_recovery_is_no_damage(line: str) -> None:
    assert not marked([line], postgres.LOG_MARKS)


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        ("[ERROR] InnoDB: File './blog/posts.ibd' is corrupted", True),
        ("[ERROR] InnoDB: Cannot open datafile for read-only: './blog/meta.ibd'", True),
        ("[ERROR] InnoDB: Page [...] log sequence number 1 is in the future!", True),
        ("[Note] InnoDB: Starting crash recovery from checkpoint LSN=12345", False),
        ("[ERROR] mariadbd: Table './mysql/db' is marked as crashed and should be repaired", False),
        ("[Warning] Could not increase number of max_open_files", False),
    ],
)
def test_mariadb_log(line: str, damage: bool) -> None:
    assert bool(marked([line], mariadb.LOG_MARKS)) is damage


def workload(name: str, image: str, *, kind: str = "StatefulSet", command: str = "") -> Object:
    containers = [
        {"name": "exporter", "image": "quay.io/x/postgres-exporter:v1"},
        {"name": "main", "image": image, "args": command.split()},
    ]
    spec = {"template": {"spec": {"containers": containers}}}
    return {"kind": kind, "metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize(
    ("engine", "image", "command"),
    [
        ("postgres", "postgres:16-alpine", ""),
        ("postgres", "docker.io/bitnami/postgresql@sha256:abc", ""),
        ("postgres", "registry:5000/our/database:1", "postgres -c fsync=on"),
        ("mariadb", "mariadb", ""),
        ("mariadb", "docker.io/library/mysql:8.4", ""),
        ("redis", "valkey/valkey:8", ""),
        ("redis", "our/cache:2", "redis-server /etc/redis.conf"),
    ],
)
def test_engine_is_found_by_image_or_command(engine: str, image: str, command: str) -> None:
    question = StandardCheck.model_validate(engine)
    others = [workload("web", "nginx"), workload("shell", "our/postgres-client:1", command="x")]
    found = only(question, [*others, workload("db", image, command=command)])
    assert ref_of(found) == "StatefulSet/db"
    assert container_of(question, found) == "main"


def test_several_engines_have_to_be_told_apart() -> None:
    both = [workload("a", "postgres"), workload("b", "postgres", kind="Deployment")]
    with pytest.raises(CheckUnableError, match=r"several .*: StatefulSet/a, Deployment/b") as error:
        only(StandardCheck.model_validate("postgres"), both)
    assert "workload: KIND/NAME" in error.value.hint
    named = StandardCheck(set="postgres", workload="Deployment/b")
    assert only(named, both) is both[1]


def test_no_engine_names_what_is_there() -> None:
    with pytest.raises(CheckUnableError, match=r"no workload that runs redis.*: StatefulSet/a"):
        only(StandardCheck.model_validate("redis"), [workload("a", "postgres")])


def test_container_that_is_not_there() -> None:
    question = StandardCheck(set="postgres", container="db")
    with pytest.raises(CheckUnableError, match="no container db; it has: exporter, main"):
        container_of(question, workload("a", "postgres"))


def test_each_part_is_a_question_of_its_own() -> None:
    check = Check.model_validate({"standard": "mariadb", "timeout": "5m"})
    asked = questions([check])
    assert {one.entry for one in asked} == {"mariadb"}
    assert [one.name for one in asked] == [f"mariadb: {one.title}" for one in PARTS["mariadb"]]
    assert {one.timeout for one in asked} == {check.timeout}
    # A server that was set up anew has sound tables, too.
    assert [one.name for one in asked if one.reads_data] == ["mariadb: there is data"]


def test_set_may_have_a_name() -> None:
    check = Check.model_validate({"name": "db", "standard": {"set": "redis"}})
    assert questions([check])[0].name == "db: there are keys"


def test_a_set_of_another_workload_is_another_question() -> None:
    changes = [{}, {"workload": "StatefulSet/a"}, {"workload": "StatefulSet/b"}, {"secret": "s"}]
    checks = [{"name": "db", "standard": {"set": "redis", **one}} for one in changes]
    asked = [questions([Check.model_validate(one)])[0].fingerprint for one in checks]
    assert len(set(asked)) == len(changes)
