"""A local port that leads to a ready pod behind a Service.

Through the API server it works from the CLI's machine as from inside the cluster, through any
NetworkPolicy, and without an image of ours. The pod is found through the Service's
EndpointSlices, so that selector, port name and target port are put to the test too.
"""

import asyncio
import os
import socket as sockets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import httpx_ws

from provisioner.cluster.api import Cluster
from provisioner.cluster.endpoints import Target, resolve
from provisioner.cluster.sockets import open_socket
from provisioner.deadline import Deadline
from provisioner.errors import (
    ClusterAwayError,
    ClusterError,
    NoEndpointError,
    ProvisionerError,
    UsageError,
)

REPLACED_WITHIN = 5.0
"""Seconds in which another pod may come to stand behind the Service."""

PAUSE = 0.1

PROTOCOL = "v4.channel.k8s.io"

_DATA, _ERROR = 0, 1
_PORT_NUMBER = 2
"""The first message of each channel is the port's number, in two bytes."""


class Forwarding:
    """An open way to a pod's port: the local ``port``, and what went wrong last."""

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        find: Callable[[], Awaitable[Target]],
        target: Target,
        tell: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._find = find
        self._tell = tell
        self._connections: set[asyncio.Task[None]] = set()
        self.target = target
        self.port = 0
        self.trouble = ""
        self._away: ClusterAwayError | None = None
        self.opened = asyncio.Event()
        """Set when the last connection has reached the pod's node."""

    @property
    def refused(self) -> bool:
        """Whether nobody listens on the pod's port."""
        return "connection refused" in self.trouble.lower()

    def begin(self) -> None:
        """Forget what went wrong before."""
        self.trouble, self._away = "", None
        self.opened.clear()

    def raise_if_away(self) -> None:
        """What went wrong is no answer of the pod's when the API server was not there to ask it.

        Raises:
            ClusterAwayError: it was not.
        """
        if self._away:
            raise self._away

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one local connection, in a task of its own."""
        task = asyncio.create_task(self._carry(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def close(self) -> None:
        """End what is still being carried."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._carry_to_a_pod(reader, writer)
        except ProvisionerError as error:
            self.trouble = self.trouble or error.message
            self._tell(error.message)
            self._away = error if isinstance(error, ClusterAwayError) else None
            _reset(writer)
        finally:
            writer.close()

    async def _carry_to_a_pod(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._lead(reader, writer)
        except ClusterError as error:
            if error.status is None:
                raise
            # Refused before anything was sent: the pod is gone, and another may be there.
            await self._lead_to_another(Deadline.after(REPLACED_WITHIN), reader, writer)

    async def _lead_to_another(
        self, until: Deadline, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """For a moment EndpointSlices name no pod, or still the one that is gone."""
        while True:
            try:
                self.target = await self._find()
                return await self._lead(reader, writer)
            except ClusterError as error:
                late = error.status is not None or isinstance(error, NoEndpointError)
                if not late or not until.left():
                    raise
            await asyncio.sleep(PAUSE)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = f"pods/{self.target.pod}/portforward"
        params = [("ports", str(self.target.port))]
        async with open_socket(self._cluster, self._namespace, path, params, PROTOCOL) as socket:
            await self._both_ways(socket, reader, writer)

    async def _both_ways(
        self,
        socket: httpx_ws.AsyncWebSocketSession,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Until either side ends: the protocol knows no half-closed connection."""
        ways = {
            asyncio.create_task(_outward(reader, socket)),
            asyncio.create_task(self._inward(socket, writer)),
        }
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        for way in done:
            way.result()

    async def _inward(
        self, socket: httpx_ws.AsyncWebSocketSession, writer: asyncio.StreamWriter
    ) -> None:
        greeted: set[int] = set()
        while True:
            try:
                message = await socket.receive_bytes()
            except httpx_ws.WebSocketDisconnect:
                return
            channel, data = message[0], message[1:]
            if channel not in greeted and len(data) == _PORT_NUMBER:
                greeted.add(channel)
                self.opened.set()
            elif channel == _ERROR and data:
                self.trouble = _plain(data.decode(errors="replace"))
                raise ClusterError(self.trouble)
            elif channel == _DATA:
                try:
                    writer.write(data)
                    await writer.drain()
                except ConnectionError:
                    return  # the local client has gone, as browsers do: nothing broke


async def _outward(reader: asyncio.StreamReader, socket: httpx_ws.AsyncWebSocketSession) -> None:
    while data := await _heard(reader):
        await socket.send_bytes(bytes([_DATA]) + data)


async def _heard(reader: asyncio.StreamReader) -> bytes:
    """What the local client says; nothing when it has ended, in order or not."""
    try:
        return await reader.read(32 * 1024)
    except ConnectionError:
        return b""


def _plain(said: str) -> str:
    """The kubelet's long story told short when it is the usual one."""
    return "connection refused" if "connection refused" in said.lower() else said.strip()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Let the local client see a reset connection, not an orderly end."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        linger_zero = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, linger_zero)
    writer.transport.abort()


def _nobody(_text: str) -> None:
    """Is told of trouble, and knows where to look for it."""


async def _listening(one: Forwarding, port: int) -> asyncio.Server:
    try:
        return await asyncio.start_server(one.accept, "127.0.0.1", port)
    except OSError as error:
        said = os.strerror(error.errno or 0)  # asyncio's own text says the address again
        raise UsageError(f"port {port} of 127.0.0.1 cannot be used: {said}") from error


@asynccontextmanager
async def forward(
    cluster: Cluster,
    namespace: str,
    service: str,
    port: int,
    *,
    local_port: int = 0,
    tell: Callable[[str], None] = _nobody,
) -> AsyncIterator[Forwarding]:
    """Lead a port of 127.0.0.1 to a ready pod of the Service while the block runs.

    ``local_port`` 0 is any that is free; ``tell`` hears of each connection that failed.

    Raises:
        ConfigurationError: no such Service or port.
        ClusterError: no endpoint of it is ready.
        UsageError: the local port is taken.
    """
    find = partial(resolve, cluster, namespace, service, port)
    one = Forwarding(cluster, namespace, find, await find(), tell)
    server = await _listening(one, local_port)
    one.port = int(server.sockets[0].getsockname()[1])
    try:
        yield one
    finally:
        server.close()
        await one.close()
        await server.wait_closed()
