"""Keeping follows the deadline in the cluster, wherever it is moved."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from provisioner.cluster.api import Object
from provisioner.models.session import now
from provisioner.models.words import Outcome
from provisioner.phases.keep import GRACE, keep
from provisioner.phases.sandbox import EXPIRES_AT, deadline_patch

SANDBOX = "verify-blog-x7k2p"


class FakeCluster:
    """A namespace whose deadline others move, as the watch tells."""

    def __init__(self, *events: Object) -> None:
        self._events = events
        self.namespace: Object = {"metadata": {"name": SANDBOX}}

    async def merge(self, _resource: object, _name: str, patch: Object) -> None:
        self.namespace = {"metadata": {"name": SANDBOX, **patch["metadata"]}}

    async def list_page(self, *_: object) -> Object:
        return {"items": [self.namespace], "metadata": {"resourceVersion": "1"}}

    @asynccontextmanager
    async def stream(self, *_: object, **__: object) -> AsyncIterator[AsyncIterator[str]]:
        yield self._lines()

    async def _lines(self) -> AsyncIterator[str]:
        for event in self._events:
            for _ in range(5):  # let the one who waits see each
                await asyncio.sleep(0)
            yield json.dumps(event)
        await asyncio.Event().wait()


class FakeRecorder:
    def __init__(self) -> None:
        self.session = SimpleNamespace(outcome=Outcome.PASSED)
        self.expiries: list[datetime] = []
        self.kept_until: list[datetime] = []
        self.observer = SimpleNamespace(kept=self.kept_until.append)

    def update(self, *, expires_at: datetime) -> None:
        self.expiries.append(expires_at)

    async def save(self) -> None: ...


def moved(moment: datetime) -> Object:
    return {"type": "MODIFIED", "object": {"metadata": {"name": SANDBOX, **_of(moment)}}}


def _of(moment: datetime) -> Object:
    return dict(deadline_patch(moment)["metadata"])


async def kept(minutes: float, *events: Object) -> tuple[FakeCluster, FakeRecorder]:
    cluster, recorder = FakeCluster(*events), FakeRecorder()
    request = SimpleNamespace(keep=timedelta(minutes=minutes))
    spec = SimpleNamespace(keep_alive=None)
    context: Any = SimpleNamespace(
        cluster=cluster, recorder=recorder, sandbox=SANDBOX, request=request,
        verifier=SimpleNamespace(spec=spec),
    )  # fmt: skip
    async with asyncio.timeout(5):
        await keep(context)
    return cluster, recorder


async def test_an_extension_is_followed_until_the_release() -> None:
    later = (now() + timedelta(hours=3)).replace(microsecond=0)
    cluster, recorder = await kept(10, moved(later), moved(now() + GRACE))
    first, second = recorder.kept_until
    assert timedelta(minutes=9) < first - now() < timedelta(minutes=10)
    assert second == later - GRACE
    assert recorder.expiries[1] == later
    assert EXPIRES_AT in cluster.namespace["metadata"]["annotations"]


async def test_what_is_no_deadline_moves_nothing() -> None:
    unreadable = moved(now())
    unreadable["object"]["metadata"]["annotations"][EXPIRES_AT] = "soon"
    _, recorder = await kept(10, unreadable, moved(now() + GRACE))
    assert len(recorder.kept_until) == 1


async def test_a_namespace_that_is_gone_is_kept_no_longer() -> None:
    _, recorder = await kept(10, {"type": "DELETED", "object": {"metadata": {"name": SANDBOX}}})
    assert len(recorder.kept_until) == 1


async def test_it_ends_by_itself() -> None:
    _, recorder = await kept(0.001)
    assert len(recorder.kept_until) == 1
