"""Following a collection of the API: list, then watch, again and again."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx

Store = dict[str, dict[str, Any]]
_PAUSE = 0.5
_WINDOW = 300
_LOG = logging.getLogger(__name__)


class Watch:
    """Keeps a copy of a collection, by uid, and tells of every change."""

    def __init__(self, http: httpx.AsyncClient, path: str, changed: Callable[[], None]) -> None:
        self.items: Store = {}
        self.synced = asyncio.Event()
        self._http, self._path, self._changed = http, path, changed

    async def run(self) -> None:
        """Follow for ever; any trouble leads to a new list."""
        while True:
            try:
                await self._follow(await self._list())
            except (httpx.HTTPError, ValueError) as error:
                _LOG.warning("watch of %s is interrupted: %r", self._path, error)
                await asyncio.sleep(_PAUSE)

    async def _list(self) -> str:
        answer = await self._http.get(self._path)
        answer.raise_for_status()
        found = answer.json()
        self.items = {item["metadata"]["uid"]: item for item in found["items"]}
        self.synced.set()
        self._changed()
        return str(found["metadata"]["resourceVersion"])

    async def _follow(self, version: str) -> None:
        query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": str(_WINDOW)}
        timeout = httpx.Timeout(10, read=_WINDOW + 30)
        async with self._http.stream("GET", self._path, params=query, timeout=timeout) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        if event["type"] == "ERROR":
            raise ValueError(event["object"].get("message", "the server ended the watch"))
        uid = event["object"]["metadata"]["uid"]
        if event["type"] == "DELETED":
            self.items.pop(uid, None)
        else:
            self.items[uid] = event["object"]
        self._changed()
