"""A live copy of one kind of object, of one namespace or of all, kept by list and watch.

kr8s' own waits end as if satisfied when the server closes the watch, and loop for ever on an
expired resource version; this one lists again after every end and only ever shows what the API
server said.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import Resource
from provisioner.errors import ClusterError
from provisioner.tasks import beside

WATCH_SECONDS = 240
"""After this the server ends the watch and it begins anew, so a dead connection is found out."""

T = TypeVar("T")

_FINAL = (403, 404)
"""Not 401: a watch whose token expired begins anew with a list, and that renews the token."""


class Mirror:
    """The objects as last seen, by name, and a signal on each change."""

    def __init__(
        self, cluster: Cluster, resource: Resource, namespace: str | None, labels: str, fields: str
    ) -> None:
        self._cluster = cluster
        self._resource = resource
        self._namespace = namespace
        self._labels = labels
        self._fields = fields
        self._listed = False
        self.current = False
        """Whether the API server is there to tell of changes; without it all this may be old."""
        self._changed = asyncio.Condition()
        self.objects: dict[str, Object] = {}

    async def wait_for(self, look: Callable[[dict[str, Object]], T | None]) -> T:
        """Wait until ``look`` finds something, and return that.

        ``look`` may raise to end the wait. Time limits are the caller's deadline.
        """
        async with self._changed:
            while True:
                if self._listed and (found := look(self.objects)) is not None:
                    return found
                await self._changed.wait()

    async def changed(self) -> None:
        """Wait for the next change."""
        async with self._changed:
            await self._changed.wait()

    async def run(self) -> None:
        """List and watch until cancelled; the list waits for an API server that is away.

        Raises:
            ClusterError: it refuses, or stays away.
        """
        while True:
            version = await self._list()
            try:
                await self._watch(version)
            except ClusterError as error:
                if error.status in _FINAL:
                    raise
                self.current = False
                await asyncio.sleep(0.2)

    async def _list(self) -> str:
        page = await self._cluster.list_page(
            self._resource, self._namespace, self._labels, self._fields
        )
        objects = {one["metadata"]["name"]: one for one in page["items"]}
        async with self._changed:
            self.objects, self._listed, self.current = objects, True, True
            self._changed.notify_all()
        return str(page["metadata"]["resourceVersion"])

    async def _watch(self, version: str) -> None:
        params = {
            "watch": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(WATCH_SECONDS),
            "labelSelector": self._labels,
            "fieldSelector": self._fields,
        }
        async with self._cluster.stream(
            self._resource, self._namespace, params=params, silence=WATCH_SECONDS + 30
        ) as lines:
            async for line in lines:
                if not await self._take(json.loads(line)):
                    return

    async def _take(self, event: Object) -> bool:
        """Take one event in; False when the watch has to begin anew (410 Gone and the like)."""
        if event["type"] == "ERROR":
            return False
        one = event["object"]
        async with self._changed:
            if event["type"] == "DELETED":
                self.objects.pop(one["metadata"]["name"], None)
            else:
                self.objects[one["metadata"]["name"]] = one
            self._changed.notify_all()
        return True


@asynccontextmanager
async def mirror(
    cluster: Cluster,
    resource: Resource,
    namespace: str | None = None,
    labels: str = "",
    fields: str = "",
) -> AsyncIterator[Mirror]:
    """A mirror that is kept up to date while the block runs."""
    one = Mirror(cluster, resource, namespace, labels, fields)
    # A watch that ends for good (no right to it) must not leave the body waiting.
    async with beside(one.run()):
        yield one
