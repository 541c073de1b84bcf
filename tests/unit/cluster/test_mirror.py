"""A mirror shows what the API server said, and begins anew when a watch ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from provisioner.cluster.mirror import mirror
from provisioner.cluster.resources import POD
from provisioner.errors import BackupError, ClusterAwayError, ClusterError


def pod(name: str, phase: str = "Pending") -> dict[str, Any]:
    return {"metadata": {"name": name}, "status": {"phase": phase}}


class FakeCluster:
    """Answers lists and watches from scripts; an exhausted watch stays silent."""

    def __init__(self, lists: list[Any], watches: list[list[dict[str, Any]]]) -> None:
        self.lists, self.watches = lists, watches
        self.listed = 0

    async def list_page(self, *_: object) -> dict[str, Any]:
        answer = self.lists[min(self.listed, len(self.lists) - 1)]
        self.listed += 1
        if isinstance(answer, Exception):
            raise answer
        return {"items": answer, "metadata": {"resourceVersion": str(self.listed)}}

    @asynccontextmanager
    async def stream(self, *_: object, **__: object) -> AsyncIterator[AsyncIterator[str]]:
        yield self._lines()

    async def _lines(self) -> AsyncIterator[str]:
        if not self.watches:
            await asyncio.Event().wait()
        for event in self.watches.pop(0):
            yield json.dumps(event)


def opened(cluster: FakeCluster) -> Any:
    return mirror(cluster, POD, "sandbox")  # type: ignore[arg-type]


async def test_changes_are_seen() -> None:
    events = [
        {"type": "MODIFIED", "object": pod("a", "Running")},
        {"type": "DELETED", "object": pod("b")},
    ]
    async with opened(FakeCluster([[pod("a"), pod("b")], [pod("a", "Running")]], [events])) as pods:
        seen = await pods.wait_for(lambda there: there if "b" not in there else None)
    assert seen["a"]["status"]["phase"] == "Running"


async def test_expired_watch_lists_again() -> None:
    gone = [{"type": "ERROR", "object": {"code": 410}}]
    async with opened(FakeCluster([[pod("a")], [pod("b")]], [gone])) as pods:
        assert await pods.wait_for(lambda there: list(there) if "b" in there else None) == ["b"]


async def test_closed_watch_is_no_answer() -> None:
    cluster = FakeCluster([[pod("a")], [pod("a")], [pod("a", "Running")]], [[], []])
    async with opened(cluster) as pods:
        await pods.wait_for(
            lambda there: True if there["a"]["status"]["phase"] == "Running" else None
        )
    assert cluster.listed == 3


async def test_nothing_listed_yet_is_not_nothing_there() -> None:
    listed = asyncio.Event()

    class Slow(FakeCluster):
        async def list_page(self, *_: object) -> dict[str, Any]:
            await listed.wait()
            return await super().list_page()

    async with opened(Slow([[pod("a")]], [])) as pods:
        waiting = asyncio.create_task(pods.wait_for(len))
        await asyncio.sleep(0)
        assert not waiting.done()
        listed.set()
        assert await waiting == 1


async def test_missing_right_ends_the_wait_with_the_refusal() -> None:
    with pytest.raises(ClusterError, match="forbidden"):
        async with opened(FakeCluster([ClusterError("forbidden", status=403)], [])) as pods:
            await pods.wait_for(lambda there: None)


async def test_error_of_a_look_ends_the_wait() -> None:
    def look(there: object) -> None:
        raise BackupError("seen enough")

    with pytest.raises(BackupError, match="seen enough"):
        async with opened(FakeCluster([[pod("a")]], [])) as pods:
            await pods.wait_for(look)


async def test_server_that_stays_away_ends_the_wait() -> None:
    """The list itself has waited for it by then."""
    with pytest.raises(ClusterAwayError, match="no answer"):
        async with opened(FakeCluster([[pod("a")], ClusterAwayError("no answer")], [[]])) as pods:
            await pods.wait_for(lambda there: None)


async def test_what_is_seen_without_the_server_is_not_current() -> None:
    away, back = asyncio.Event(), asyncio.Event()

    class Restarting(FakeCluster):
        async def list_page(self, *_: object) -> dict[str, Any]:
            if self.listed == 1:
                away.set()
                await back.wait()
            return await super().list_page()

        async def _lines(self) -> AsyncIterator[str]:
            if self.listed == 1:
                raise ClusterAwayError("the connection broke")
            async for line in super()._lines():
                yield line

    async with opened(Restarting([[pod("a")], [pod("a", "Running")]], [])) as pods:
        assert not pods.current
        await pods.wait_for(lambda there: True if there else None)
        await away.wait()
        assert not pods.current
        back.set()
        await pods.wait_for(
            lambda there: True if there["a"]["status"] != {"phase": "Pending"} else None
        )
        assert pods.current
