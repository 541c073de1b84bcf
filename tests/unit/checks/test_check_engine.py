"""Engines that are started on restored data: the pods, and what their ends mean."""

from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.checks.answer import Answer
from provisioner.checks.kinds import questions
from provisioner.checks.program import Ended
from provisioner.checks.program_pod import pod
from provisioner.checks.standard import on_data
from provisioner.checks.standard.engine import Engine
from provisioner.checks.standard.engine_end import judge_end
from provisioner.checks.standard.engine_pod import Data, finder, manifest
from provisioner.checks.standard.sets import PARTS, UNDERSTAND
from provisioner.checks.standard.survey import chosen
from provisioner.checks.target import Restored, Sandbox
from provisioner.cluster.api import Object
from provisioner.errors import CheckRefusedError, CheckUnableError
from provisioner.models.checks import Check
from provisioner.models.standard import StandardCheck


def standard(set_: str = "postgres", **more: Any) -> StandardCheck:
    return StandardCheck(set=set_, image="pg:15", claim="data", **more)  # type: ignore[arg-type]


NO_CONTROL = 'PANIC: could not open file "global/pg_control": No such file or directory'
NO_REDO = "[ERROR] InnoDB: File ./ib_logfile0 was not found"


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ([f"2026-11-25 18:21:43.006 UTC [10] {NO_CONTROL}", "Aborted"], f"{NO_CONTROL}\nAborted"),
        (["LOG: a", "FATAL:  b", "HINT: c"], "FATAL: b\nLOG: a\nHINT: c"),
        (
            [f"2026-11-25 17:47:30 0 {NO_REDO}", "[ERROR] Unknown storage engine"],
            f"{NO_REDO}\n[ERROR] Unknown storage engine",
        ),
        (["1:M 25 Nov 2026 17:46:25.305 # Short read", "1:M * x"], "Short read\n1:M * x"),
        (["something new"], "something new"),
        ([], "no output"),
    ],
)
def test_a_server_that_does_not_start_on_the_data_has_failed(log: list[str], told: str) -> None:
    answer = judge_end({"exitCode": 1, "reason": "Error"}, log)
    assert (answer.passed, answer.saw, answer.message) == (False, "exit code 1", told)


@pytest.mark.parametrize(
    ("log", "state"),
    [
        (['FATAL:  could not access file "timescaledb": No such file or directory'], {}),
        (["[ERROR] mariadbd: unknown option '--nonsense'"], {}),
        (["FATAL:  database locale is incompatible with operating system"], {}),
        (["[ERROR] InnoDB: Data file uses page size 16384, but the innodb_page_size is 65536"], {}),
        (['PANIC:  could not write to file "pg_wal/x": No space left on device'], {}),
        (["there is no postgres in the image"], {"exitCode": 127}),
        ([NO_CONTROL], {"exitCode": 137, "reason": "OOMKilled"}),
        ([NO_CONTROL], {"exitCode": 137, "reason": "Error"}),
    ],
)
def test_what_else_it_lacks_is_not_the_datas_fault(log: list[str], state: Object) -> None:
    with pytest.raises(CheckUnableError):
        judge_end({"exitCode": 1} | state, log)


@pytest.mark.parametrize(
    "line",
    [
        "FATAL:  database files are incompatible with server",
        "[ERROR] InnoDB: Unsupported redo log format. The redo log was created with MariaDB 11.4",
        "1:M 25 Nov 17:46:25 # Can't handle RDB format version 12",
    ],
)
def test_data_of_another_version_cannot_be_told(line: str) -> None:
    with pytest.raises(CheckRefusedError):
        judge_end({"exitCode": 1}, [line])


def ended(*log: str, code: int = 0) -> Ended:
    return Ended("postgres", {"exitCode": code}, list(log))


def test_the_data_is_where_the_finder_says() -> None:
    assert on_data.data_of(standard(), ended("data\t./pgdata\t999\t998")) == Data(
        "pgdata", 999, 998
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("none\tindex.html wp-content ", "no data directory of postgres in claim data; it holds: "
         "index.html wp-content"),
        ("none\t", "no data directory of postgres in claim data; it is empty"),
        ("data\t./pgdata\t0\t0", "pgdata in claim data belongs to root, and postgres never runs"),
    ],
)  # fmt: skip
def test_data_that_no_server_runs_on_has_failed(said: str, told: str) -> None:
    found = on_data.data_of(standard(), ended(said))
    assert isinstance(found, Answer)
    assert not found.passed
    assert told in found.saw


def test_redis_runs_as_whoever_owns_its_data() -> None:
    found = on_data.data_of(standard("redis"), ended("data\t.\t0\t0"))
    assert found == Data(".", 0, 0)


@pytest.mark.parametrize("said", ["several\t./a ./b", "find: not found", ""])
def test_data_that_was_not_found_for_sure_is_not_blamed(said: str) -> None:
    with pytest.raises(CheckUnableError):
        on_data.data_of(standard(), ended(said))


def test_the_finder_alone_is_root_and_writes() -> None:
    (container,) = pod("x", finder(standard(folder="old")))["spec"]["containers"]
    assert container["command"][-2:] == ["postgres", "old"]
    assert container["securityContext"]["runAsUser"] == 0
    assert [one["readOnly"] for one in container["volumeMounts"]] == [False]


@pytest.mark.parametrize("set_", ["postgres", "mariadb", "redis"])
def test_the_server_runs_as_the_owner_without_rights(set_: str) -> None:
    made = manifest("x", standard(set_, args=["-c", "a=b"]), Data("pgdata", 999, 998), "node-1")
    spec = made["spec"]
    (container,) = spec["containers"]
    assert (spec["securityContext"]["runAsUser"], spec["restartPolicy"]) == (999, "Never")
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["args"] == ["-c", "a=b"]
    assert {"name": "DATA", "value": "/restored/pgdata"} in container["env"]
    assert "node-1" in str(spec["affinity"])


def test_whoever_owns_the_data_has_a_name() -> None:
    """PostgreSQL does not start in single-user mode without one."""
    spec = manifest("x", standard(), Data("pgdata", 4321, 4321), None)["spec"]
    (before,), (server,) = spec["initContainers"], spec["containers"]
    assert "id -un" in before["command"][-1]
    mount = {"name": "run", "mountPath": "/etc/passwd", "subPath": "passwd"}
    assert mount in server["volumeMounts"]


def test_every_question_of_a_set_needs_its_start() -> None:
    check = Check.model_validate(
        {"name": "db", "standard": {"set": "postgres", "image": "pg", "claim": "data"},
         "needs": ["files"]}
    )  # fmt: skip
    start, *parts = questions([check])
    assert (start.name, start.needs, start.reads_data) == (
        "db: it starts on the data", ("files",), False
    )  # fmt: skip
    assert len(parts) == len(PARTS["postgres"])
    assert {one.needs for one in parts} == {("files", start.entry)}
    assert start.entry != check.name  # else it would wait for itself


class Cluster:
    """Has one pod, as it is."""

    def __init__(self, state: Object) -> None:
        self.state = state

    async def find(self, *_: object) -> Object:
        return {
            "metadata": {"name": "p"},
            "spec": {},
            "status": {"containerStatuses": [{"name": "engine", "state": self.state}]},
        }


def engine(state: Object, monkeypatch: pytest.MonkeyPatch) -> Engine:
    async def read_log(*_: object, **_more: object) -> list[str]:
        return ["PANIC:  could not read block 3"]

    monkeypatch.setattr(on_data, "read_log", read_log)
    app: Any = SimpleNamespace(cluster=Cluster(state), namespace="x", engines={})
    app.engines[on_data.key_of(standard())] = "p"
    return on_data.reach(standard(), app, UNDERSTAND["postgres"])


async def gone(_: Engine) -> None:
    raise CheckUnableError("the container is not there")


async def test_a_server_that_ends_while_it_is_asked_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fallen = engine({"terminated": {"exitCode": 134}}, monkeypatch)
    answer = await on_data.asked(gone, fallen)
    assert isinstance(answer, Answer)
    assert (answer.passed, answer.saw) == (False, "exit code 134")
    assert answer.message == "PANIC: could not read block 3"


async def test_one_that_runs_on_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckUnableError, match="the container is not there"):
        await on_data.asked(gone, engine({"running": {}}, monkeypatch))


def test_without_a_start_there_is_nobody_to_ask() -> None:
    app: Any = Sandbox(SimpleNamespace(), "x", "", SimpleNamespace())  # type: ignore[arg-type]
    with pytest.raises(CheckUnableError, match="no engine was started on claim data"):
        on_data.reach(standard(), app, UNDERSTAND["postgres"])


def test_the_set_for_files_leaves_the_data_of_engines_alone() -> None:
    def restored(claim: str) -> Restored:
        return Restored(claim, claim, "", SimpleNamespace(), "a", "/", "i", 1)  # type: ignore[arg-type]

    both = [restored("data"), restored("files")]
    files = StandardCheck(set="files")
    found = chosen(files, both, pods=[], databases={"data"})
    assert [one.claim for one in found] == ["files"]
    with pytest.raises(CheckUnableError):
        chosen(files, both[:1], pods=[], databases={"data"})
