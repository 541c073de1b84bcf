"""Watches on all that readiness looks at, brought together into one snapshot."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.mirror import Mirror, mirror
from provisioner.cluster.resources import (
    CLAIM,
    DAEMON_SET,
    DEPLOYMENT,
    ENDPOINT_SLICE,
    EVENT,
    JOB,
    POD,
    SERVICE,
    STATEFUL_SET,
    Resource,
)
from provisioner.readiness import custom
from provisioner.readiness.state import Observed

_ALWAYS = (POD, CLAIM, EVENT)
_IN_RELEASE = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, SERVICE)


def watched_kinds(release: Iterable[Object]) -> list[Resource]:
    """What has to be watched for these manifests."""
    kinds = {one["kind"] for one in release}
    wanted = [*_ALWAYS, *(one for one in _IN_RELEASE if one.kind in kinds)]
    return [*wanted, ENDPOINT_SLICE] if SERVICE in wanted else wanted


async def custom_kinds(cluster: Cluster, release: Iterable[Object]) -> dict[str, Resource]:
    """Where the release's custom resources are in the API, by the name of their live objects.

    Raises:
        ClusterError: the API server cannot be asked.
    """
    found = {
        name: await cluster.kinds.find(version, kind)
        for version, kind, name in custom.kinds(release)
    }
    return {name: one for name, one in found.items() if one is not None}


class Lookout:
    """The namespace as it is now, and a signal on each change of it."""

    def __init__(self, release: tuple[Object, ...], mirrors: dict[str, Mirror]) -> None:
        self._release = release
        self._mirrors = mirrors
        self._listed: set[str] = set()
        self._change = asyncio.Event()

    @property
    def current(self) -> bool:
        """Whether it shows the namespace as it is: while the API server is away it cannot."""
        return all(one.current for one in self._mirrors.values())

    def observed(self) -> Observed:
        """A snapshot; later changes do not reach it."""
        live = {kind: dict(one.objects) for kind, one in self._mirrors.items()}
        return Observed(self._release, live)

    async def complete(self) -> None:
        """Wait until every kind has been listed: before, what is absent means nothing."""
        while self._listed != set(self._mirrors):
            await self.next_change()

    async def next_change(self, at_most: float | None = None) -> None:
        """Wait for a change since the last call, or that many seconds."""
        try:
            async with asyncio.timeout(at_most):
                await self._change.wait()
        except TimeoutError:
            return
        self._change.clear()

    async def follow(self, kind: str) -> None:
        """Pass the changes of one kind on, until cancelled."""

        def seen(_: dict[str, Object]) -> None:
            self._listed.add(kind)
            self._change.set()

        await self._mirrors[kind].wait_for(seen)


@asynccontextmanager
async def lookout(
    cluster: Cluster, namespace: str, release: tuple[Object, ...]
) -> AsyncIterator[Lookout]:
    """A lookout that is kept up to date while the block runs."""
    watched = {one.kind: one for one in watched_kinds(release)}
    watched |= await custom_kinds(cluster, release)
    async with AsyncExitStack() as stack:
        mirrors = {
            kind: await stack.enter_async_context(mirror(cluster, one, namespace))
            for kind, one in watched.items()
        }
        here = Lookout(release, mirrors)
        followers = [asyncio.create_task(here.follow(kind)) for kind in mirrors]
        try:
            yield here
        finally:
            for each in followers:
                each.cancel()
            await asyncio.gather(*followers, return_exceptions=True)
