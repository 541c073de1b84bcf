"""What keeps a restore's pod from being there, and that restores wait for each other."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from restore_fakes import FULL as FULL_LOG
from restore_fakes import planned

from provisioner.cluster.api import Object
from provisioner.deadline import Deadline
from provisioner.errors import BackupError, CapacityError, ClusterError
from provisioner.restores import preseed
from provisioner.restores.compared.compare import Listings
from provisioner.restores.pods import in_pod
from provisioner.restores.pods.fill import Fill
from provisioner.restores.pods.log import ENDED, ResticLog, read_line
from provisioner.restores.pods.manifest import manifest
from provisioner.restores.pods.pod import Ended
from provisioner.restores.preseed import Preseed, Scene

NAME = "restore-database"
FULL = "exceeded quota: verify"
CHANGING = 'Operation cannot be fulfilled on resourcequotas "verify"'
NEW = 'error looking up service account verify-x/default: serviceaccount "default" not found'


class Namespace:
    """An API server that refuses pods as often as a test says, and has a log."""

    def __init__(self, *refusals: str, log: Sequence[str] = ()) -> None:
        self.refusals = list(refusals)
        self.did: list[str] = []
        self.log = log

    async def create(self, _kind: Any, one: Object, _namespace: str) -> None:
        if self.refusals:
            raise ClusterError(self.refusals.pop(0), status=403)
        self.did.append(f"create {one['metadata']['name']}")

    async def delete(self, _kind: Any, name: str, _namespace: str) -> None:
        self.did.append(f"delete {name}")

    @asynccontextmanager
    async def stream(self, *_: object) -> AsyncIterator[AsyncIterator[str]]:
        async def lines() -> AsyncIterator[str]:
            for line in self.log:
                yield line
            await asyncio.Event().wait()

        yield lines()


class Pods:
    """What a mirror shows, one look after the other; the last stays."""

    current = True

    def __init__(self, *looks: Mapping[str, Object]) -> None:
        self.looks = list(looks)

    @property
    def objects(self) -> Mapping[str, Object]:
        return self.looks[0]

    async def wait_for(self, look: Any) -> Any:
        while (found := look(self.objects)) is None:
            await asyncio.sleep(0)
            if len(self.looks) > 1:
                self.looks.pop(0)
        return found

    async def changed(self) -> None:
        await asyncio.Event().wait()


def shown(**state: object) -> Mapping[str, Object]:
    spec = {"containers": [{"name": "restic", "image": "restic:x"}]}
    status = {"containerStatuses": [{"name": "restic", "state": state}]}
    return {NAME: {"metadata": {"name": NAME}, "spec": spec, "status": status}}


def filling(cluster: Any, *looks: Mapping[str, Object]) -> Fill:
    nobody: Any = lambda _: None  # noqa: E731
    pods: Any = Pods(*looks)
    return Fill(cluster, "verify-x", planned(), pods, Deadline.after(60), nobody)


def restores(cluster: Any = None) -> Preseed:

    def nobody(_: object) -> None: ...

    return Preseed(cluster, "verify-x", "web", {}, {}, Deadline.after(60), nobody, nobody)


@pytest.mark.parametrize("refusal", [FULL, CHANGING, NEW])
async def test_a_refusal_that_may_pass_is_outlasted(
    refusal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_pod, "AGAIN_SECONDS", 0)
    cluster = Namespace(refusal, refusal)
    await filling(cluster).make(manifest(planned(), 60))
    assert cluster.did == [f"create {NAME}"]


@pytest.mark.parametrize(
    ("refusal", "grace", "kind"),
    [
        (FULL, 0, CapacityError),
        (CHANGING, 0, ClusterError),
        ("violates PodSecurity", 20, ClusterError),
        ("maximum memory usage per Container is 1Gi", 20, CapacityError),
    ],
)
async def test_a_refusal_that_lasts_is_told(
    refusal: str, grace: float, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_pod, "REFUSED_GRACE", grace)
    cluster = Namespace(refusal)
    with pytest.raises(kind, match=f"the restore's pod is refused: {refusal}"):
        await filling(cluster).make(manifest(planned(), 60))


SUMMARY = '{"message_type":"summary","seconds_elapsed":3,"files_restored":4,"bytes_restored":9}'
RUNNING = shown(running={})


def last_line(code: int) -> str:
    return f'{{"message_type":"{ENDED}","exit_code":{code},"centiseconds":157}}'


async def test_a_success_is_known_by_the_log_before_the_kubelet_notices() -> None:
    cluster = Namespace(log=[SUMMARY, last_line(0)])
    log, end = await filling(cluster, RUNNING).run()
    assert (end.exit_code, log.files) == (0, 4)
    assert log.seconds == 1.57  # restic said 3, and the kubelet was late
    assert cluster.did == [f"create {NAME}", f"delete {NAME}"]


def test_the_script_around_restic_tells_how_it_ended_and_how_long_it_took(tmp_path: Path) -> None:
    restic = tmp_path / "restic"
    restic.write_text('#!/bin/sh\necho "asked to $1"\nexit 3\n')
    restic.chmod(0o755)
    (container,) = manifest(planned(), 60)["spec"]["containers"]
    path = f"{tmp_path}:{os.environ['PATH']}"
    argv = [*container["command"], *container["args"]]
    done = subprocess.run(argv, env={"PATH": path}, capture_output=True, text=True, check=False)
    first, last = done.stdout.splitlines()
    assert (done.returncode, first) == (3, "asked to restore")
    log, _ = read_line(ResticLog(seconds=-1), last, "database")
    assert (log.exit_code, log.seconds >= 0) == (3, True)


async def test_how_a_failure_ended_is_the_pods_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Namespace(log=[SUMMARY, last_line(137)])
    killed = shown(terminated={"exitCode": 137, "reason": "OOMKilled"})
    _, end = await filling(cluster, RUNNING, RUNNING, killed).run()
    assert (end.exit_code, end.reason) == (137, "OOMKilled")


async def test_an_exit_code_of_a_log_without_a_summary_is_not_enough() -> None:
    cluster = Namespace(log=[last_line(0)])
    killed = shown(terminated={"exitCode": 1, "reason": "Error"})
    work = filling(cluster, RUNNING, RUNNING, killed)
    assert (await work._end(in_pod.Reader("database", print))).exit_code == 1


async def test_a_pod_that_somebody_removed_is_not_waited_for() -> None:
    with pytest.raises(ClusterError, match="the pod of restore database was removed"):
        await filling(Namespace(log=[]), RUNNING, {}).run()


@pytest.mark.parametrize(("mode", "at_once"), [("ReadWriteOncePod", 1), ("ReadWriteOnce", 2)])
async def test_restores_into_a_claim_of_one_pod_run_one_after_another(
    monkeypatch: pytest.MonkeyPatch, mode: str, at_once: int
) -> None:
    running, most = 0, 0

    async def restore(*_: object) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    async def nobody(*_: object) -> None: ...

    @asynccontextmanager
    async def nothing(*_: object) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(Preseed, "_restore", restore)
    monkeypatch.setattr(Preseed, "_make_claim", nobody)
    monkeypatch.setattr(Fill, "gone", nobody)
    monkeypatch.setattr(preseed, "repository_access", nothing)
    monkeypatch.setattr(preseed, "mirror", nothing)
    one = planned(spec={"accessModes": [mode]})
    await restores().run([one, one])
    assert most == at_once


class Empty:
    """A repository whose listings are empty."""

    async def list_files(self, *_: object) -> None: ...


@pytest.mark.parametrize(("moved", "fills"), [(1, 2), (2, 2)])
async def test_what_a_prune_packed_anew_meanwhile_is_restored_once_more(
    monkeypatch: pytest.MonkeyPatch, moved: int, fills: int
) -> None:
    """Found by the second restic, it is no bad backup; missing again, it is one."""
    done: list[str] = []
    lacking = ResticLog().with_error("ReadFull(<data/8dbb>): open /r/data/8d/8d: no such file")
    lacking = lacking.with_error("<data/8dbb>: no such file or directory")

    async def run(_: object) -> tuple[ResticLog, Ended]:
        done.append("fill")
        whole = done.count("fill") > moved
        return (FULL_LOG, Ended(0, "", "")) if whole else (lacking, Ended(1, "Error", ""))

    async def gone(_: object) -> None:
        done.append("gone")

    monkeypatch.setattr(Fill, "run", run)
    monkeypatch.setattr(Fill, "gone", gone)
    monkeypatch.setattr(preseed, "compare", lambda *_: None)
    pods: Any = Pods()
    async with Listings({"repo": Empty()}) as listings:  # type: ignore[dict-item]
        scene = Scene([planned()], pods, listings)
        if moved < fills:
            await restores()._restore(planned(), scene)
        else:
            with pytest.raises(BackupError, match="no such file or directory"):
                await restores()._restore(planned(), scene)
    assert done == ["fill", "gone", "fill"]
