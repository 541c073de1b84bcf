"""What keeps a restore's pod from being there, and that restores wait for each other."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from test_restore_outcome import planned

from provisioner.cluster.resources import EVENT, JOB
from provisioner.deadline import Deadline
from provisioner.errors import CapacityError, ClusterError
from provisioner.restores import preseed
from provisioner.restores.preseed import REFUSED_GRACE, VANISHED_GRACE, Preseed


class Namespace:
    """An API server that lists what a test says."""

    def __init__(self, listed: Mapping[str, list[Any]]) -> None:
        self.listed = listed

    async def list_all(self, resource: Any, *_: object, **__: object) -> list[Any]:
        return self.listed.get(resource.kind, [])


class NoPods:
    objects: Mapping[str, Any] = {}
    current = True


def restores(cluster: Any = None) -> Preseed:
    nobody: Any = print
    return Preseed(cluster, "verify-x", "web", {}, Deadline.after(60), nobody, nobody)


RUNNING: dict[str, Any] = {"status": {"active": 1}}
FAILED: dict[str, Any] = {"status": {"conditions": [{"type": "Failed", "status": "True"}]}}
CONFLICT = {"message": 'Operation cannot be fulfilled on resourcequotas "verify"'}
FULL = {"message": "exceeded quota: verify"}


@pytest.mark.parametrize(
    ("events", "jobs", "kind", "grace"),
    [
        ([CONFLICT], [RUNNING], ClusterError, REFUSED_GRACE),
        ([CONFLICT, FULL], [RUNNING], CapacityError, REFUSED_GRACE),
        ([], [FAILED], ClusterError, VANISHED_GRACE),
        ([], [], ClusterError, VANISHED_GRACE),
    ],
)
async def test_a_pod_that_is_not_there_is_missed_after_a_grace(
    events: list[Any], jobs: list[Any], kind: type[Exception], grace: float
) -> None:
    cluster = Namespace({EVENT.kind: events, JOB.kind: jobs})
    pods: Any = NoPods()
    (found,) = await restores(cluster)._troubles(planned(), pods)
    assert type(found.error) is kind
    assert found.grace == grace > 0


async def test_a_pod_that_is_only_not_there_yet_is_not_missed() -> None:
    pods: Any = NoPods()
    assert await restores(Namespace({JOB.kind: [RUNNING]}))._troubles(planned(), pods) == []


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
    monkeypatch.setattr(preseed, "repository_access", nothing)
    monkeypatch.setattr(preseed, "mirror", nothing)
    one = planned(spec={"accessModes": [mode]})
    await restores().run([one, one])
    assert most == at_once
