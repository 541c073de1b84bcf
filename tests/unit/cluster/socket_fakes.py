"""An API server that speaks over websockets, with a hand-made conversation."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import httpx_ws

from provisioner.cluster.api import Cluster
from provisioner.cluster.exec import V4, V5

POD: dict[str, Any] = {
    "metadata": {"name": "db-0"},
    "spec": {"containers": [{"name": "db"}, {"name": "side"}]},
    "status": {
        "containerStatuses": [
            {"name": "db", "state": {"running": {}}},
            {"name": "side", "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
        ]
    },
}
SUCCESS = b"\x03" + json.dumps({"status": "Success"}).encode()


class FakeSocket:
    def __init__(
        self, messages: list[bytes | Exception], protocol: str, answers_after: int
    ) -> None:
        self.subprotocol = protocol
        self.sent: list[bytes] = []
        self._messages = messages
        self._answers_after = answers_after
        self._heard = asyncio.Event()

    async def send_bytes(self, data: bytes) -> None:
        self.sent.append(data)
        if len(self.sent) >= self._answers_after:
            self._heard.set()

    async def receive_bytes(self) -> bytes:
        await (self._heard.wait() if self._answers_after else asyncio.sleep(0))
        message = self._messages.pop(0)
        if isinstance(message, Exception):
            raise message
        return message


class FakeCluster:
    """An API server that knows some protocols and says given messages."""

    def __init__(self, *messages: bytes | Exception, knows: tuple[str, ...] = (V5, V4)) -> None:
        self.messages = list(messages)
        self.knows = knows
        self.params: list[tuple[str, str]] = []
        self.sockets: list[FakeSocket] = []
        self.asked: list[str] = []
        self.refusal = 403
        self.answers_after = 0
        """How many messages are sent to it before it says anything."""

    async def get(self, *_args: object) -> dict[str, Any]:
        return POD

    @asynccontextmanager
    async def websocket(
        self, _namespace: str, _path: str, params: list[tuple[str, str]], protocol: str
    ) -> AsyncIterator[FakeSocket]:
        self.asked.append(protocol)
        self.params = params
        if protocol not in self.knows:
            raise httpx_ws.WebSocketUpgradeError(httpx.Response(self.refusal))
        socket = FakeSocket(self.messages, protocol, self.answers_after)
        self.sockets.append(socket)
        yield socket


def as_cluster(fake: FakeCluster) -> Cluster:
    return cast("Cluster", fake)
