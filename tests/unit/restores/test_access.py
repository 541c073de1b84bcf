"""Credentials are in the sandbox while restores run; what fails first is what is told."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.errors import BackupError, ClusterError
from provisioner.restores.pods import access
from provisioner.restores.pods.access import repository_access

NAMESPACE = "verify-x"


class Cluster:
    """Notes what is created and deleted; some of it is refused, some hangs."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.refuses: dict[str, ClusterError] = {}
        self.hangs: set[str] = set()

    async def create(self, _kind: Any, one: Any, _namespace: str) -> None:
        await self._do("create", one["metadata"]["name"])

    async def delete(self, kind: Any, name: str, _namespace: str) -> None:
        await self._do("delete", f"{kind.kind}/{name}")

    async def _do(self, verb: str, name: str) -> None:
        if name in self.hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        if error := self.refuses.get(name):
            raise error
        self.did.append(f"{verb} {name}")


class NoPods:
    """No pod of a restore is there."""

    async def __aenter__(self) -> "NoPods":
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def wait_for(self, wanted: Any) -> Any:
        return wanted({})


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr(access, "mirror", lambda *_: NoPods())
    monkeypatch.setattr(access, "_egress", lambda _: {"metadata": {"name": "policy"}})
    monkeypatch.setattr(
        access, "credentials_secret", lambda one, _: {"metadata": {"name": one.object_name}}
    )
    return Cluster()


def opened(cluster: Any) -> Any:
    names = ("first", "second")
    planned: Any = [
        SimpleNamespace(object_name=name, restore=SimpleNamespace(name=name)) for name in names
    ]
    return repository_access(cluster, NAMESPACE, planned, {name: {} for name in names})


async def test_all_of_it_is_withdrawn_after_the_block(cluster: Cluster) -> None:
    async with opened(cluster):
        assert cluster.did == ["create policy", "create first", "create second"]
    assert sorted(cluster.did[3:]) == [
        "delete NetworkPolicy/restore-egress", "delete Pod/first", "delete Pod/second",
        "delete Secret/first", "delete Secret/second",
    ]  # fmt: skip


async def test_no_secret_is_still_being_made_when_they_are_withdrawn(cluster: Cluster) -> None:
    cluster.refuses["first"] = ClusterError("no room")
    cluster.hangs.add("second")
    before = asyncio.all_tasks()
    with pytest.raises(ClusterError, match="no room"):
        async with opened(cluster):
            pass
    assert asyncio.all_tasks() == before


async def test_a_bad_backup_is_told_also_when_the_credentials_stay(cluster: Cluster) -> None:
    cluster.refuses["Secret/first"] = ClusterError("no answer")
    with pytest.raises(BackupError, match="damaged") as caught:
        async with opened(cluster):
            raise BackupError("damaged", details=["a blob is missing"])
    assert caught.value.details == [
        "a blob is missing",
        f"the repositories' credentials may still be in namespace {NAMESPACE}: no answer",
    ]


async def test_credentials_that_stay_end_the_session(cluster: Cluster) -> None:
    cluster.refuses["Secret/first"] = ClusterError("no answer")
    with pytest.raises(ClusterError, match="no answer"):
        async with opened(cluster):
            pass
