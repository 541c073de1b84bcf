"""Which kinds the API server knows, and where they are: asked once for each group and version."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from provisioner.cluster.resources import Resource
from provisioner.errors import ClusterError


class Discovery:
    """The kinds of an API server. ``ask`` gets what lies under a path, e.g. ``/apis/apps/v1``."""

    def __init__(self, ask: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
        self._ask = ask
        self._kinds: dict[str, dict[str, Resource]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def find(self, version: str, kind: str) -> Resource | None:
        """The kind of a manifest's ``apiVersion``; None for one that nobody knows.

        Raises:
            ClusterError: the API server cannot be asked.
        """
        return (await self._of(version)).get(kind)

    async def served(self, plural: str, group: str) -> Resource | None:
        """The kind of that plural in the version that its group prefers; None without one.

        Raises:
            ClusterError: the API server cannot be asked.
        """
        version = "v1"
        if group:
            answer = await self._ask(f"/apis/{group}")
            version = answer["preferredVersion"]["groupVersion"]
        kinds = await self._of(version)
        return next((one for one in kinds.values() if one.plural == plural), None)

    async def _of(self, version: str) -> dict[str, Resource]:
        # Many ask at the same moment, and one answer is enough.
        async with self._asking.setdefault(version, asyncio.Lock()):
            if version not in self._kinds:
                self._kinds[version] = await self._list(version)
        return self._kinds[version]

    async def _list(self, version: str) -> dict[str, Resource]:
        try:
            answer = await self._ask(f"/apis/{version}" if "/" in version else f"/api/{version}")
        except ClusterError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise
            return {}
        return {
            one["kind"]: Resource(one["kind"], version, one["name"], one["namespaced"])
            for one in answer["resources"]
            if "/" not in one["name"]
        }
