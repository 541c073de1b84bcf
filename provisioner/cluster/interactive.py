"""A command in a running container with its input, its output and its terminal passed through."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import httpx_ws

from provisioner.cluster.api import Cluster
from provisioner.cluster.exec import (
    CLOSE,
    ERROR,
    NO_SUCH_PROTOCOL,
    RESIZE,
    STDERR,
    STDIN,
    STDOUT,
    V4,
    V5,
    exec_params,
    exit_code,
)
from provisioner.cluster.sockets import open_socket
from provisioner.errors import ClusterError


@dataclass(frozen=True)
class Program:
    """What is run, and where: the container must be running."""

    namespace: str
    pod: str
    container: str
    command: Sequence[str]


@dataclass(frozen=True)
class Streams:
    """The local side. Without ``read`` the command has no input; with ``resized`` it has a tty.

    ``read`` gives an empty text at the end, ``resized`` the next size as columns and rows;
    ``write`` gets the channel, STDOUT or STDERR.
    """

    write: Callable[[int, bytes], None]
    read: Callable[[], Awaitable[bytes]] | None = None
    resized: Callable[[], Awaitable[tuple[int, int]]] | None = None


@dataclass(frozen=True)
class Ended:
    """How a program ended. 126 and 127 with ``refused``: it was never started, and why."""

    exit_code: int
    refused: str = ""


async def interact(cluster: Cluster, program: Program, streams: Streams) -> Ended:
    """Run it to its end.

    Raises:
        ClusterError: how it ended is not known, or the connection broke.
    """
    tty = streams.resized is not None
    stdin = streams.read is not None
    params = exec_params(program.container, program.command, stdin=stdin, tty=tty)
    path = f"pods/{program.pod}/exec"
    for protocol in (V5, V4):
        try:
            async with open_socket(cluster, program.namespace, path, params, protocol) as socket:
                return await _converse(socket, streams)
        except ClusterError as error:
            # On a tty the input ends by Ctrl-D; elsewhere only V5 can end it.
            older = error.status in NO_SUCH_PROTOCOL and protocol == V5
            if not older or (stdin and not tty):
                raise
        else:
            break
    # kr8s swallows a close in good order.
    raise ClusterError(f"the connection to container {program.container} was closed")


async def _converse(socket: httpx_ws.AsyncWebSocketSession, streams: Streams) -> Ended:
    beside = [asyncio.create_task(work) for work in _sending(socket, streams)]
    try:
        return await _receive(socket, streams.write)
    finally:
        for task in beside:
            task.cancel()
        # A command may end without reading its input: what became of it says nothing.
        await asyncio.gather(*beside, return_exceptions=True)


def _sending(
    socket: httpx_ws.AsyncWebSocketSession, streams: Streams
) -> list[Coroutine[Any, Any, None]]:
    works = []
    if streams.read:
        works.append(_send_input(socket, streams.read))
    if streams.resized:
        works.append(_send_sizes(socket, streams.resized))
    return works


async def _send_input(
    socket: httpx_ws.AsyncWebSocketSession, read: Callable[[], Awaitable[bytes]]
) -> None:
    while data := await read():
        await socket.send_bytes(bytes([STDIN]) + data)
    if socket.subprotocol == V5:
        await socket.send_bytes(bytes([CLOSE, STDIN]))


async def _send_sizes(
    socket: httpx_ws.AsyncWebSocketSession, resized: Callable[[], Awaitable[tuple[int, int]]]
) -> None:
    while True:
        columns, rows = await resized()
        size = json.dumps({"Width": columns, "Height": rows})
        await socket.send_bytes(bytes([RESIZE]) + size.encode())


async def _receive(
    socket: httpx_ws.AsyncWebSocketSession, write: Callable[[int, bytes], None]
) -> Ended:
    while True:
        message = await socket.receive_bytes()
        channel, data = message[0], message[1:]
        if channel in (STDOUT, STDERR) and data:
            write(channel, data)
        elif channel == ERROR and data:
            return Ended(*exit_code(json.loads(data)))
