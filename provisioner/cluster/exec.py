"""Run a command in a running container, with its input ended and its exit code told.

kr8s' own exec waits for Ready for ever, so it cannot look into a container that is not, and
asks for a protocol that cannot end the command's input.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import httpx_ws

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import containers, terminated, waiting
from provisioner.cluster.resources import POD
from provisioner.cluster.sockets import open_socket
from provisioner.errors import ClusterError

V5 = "v5.channel.k8s.io"
"""The first protocol whose messages can close a channel; Kubernetes 1.30 and later."""

V4 = "v4.channel.k8s.io"

CAPTURE_LIMIT = 1024 * 1024
"""Bytes that are kept of each stream. The end is kept, since that is where errors stand."""

CUT_MARK = "[the beginning was cut]\n"

NOT_FOUND_EXIT_CODE = 127
NOT_EXECUTABLE_EXIT_CODE = 126

KILLED_EXIT_CODES = (137, 143)
"""SIGKILL and SIGTERM: somebody ended it, by lack of memory or with its pod."""

STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
"""The first byte of each message: its channel."""

CHUNK = 32 * 1024
NO_SUCH_PROTOCOL = (httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN)
"""How an API server answers that does not know it."""


@dataclass(frozen=True)
class Executed:
    """What a command said and how it ended. 126 and 127: it could not be started."""

    stdout: str
    stderr: str
    exit_code: int


@dataclass
class _Capture:
    """The end of a stream, and whether more came before it."""

    kept: bytearray = field(default_factory=bytearray)
    cut: bool = False

    def add(self, data: bytes) -> None:
        self.kept += data
        if len(self.kept) > CAPTURE_LIMIT:
            self.cut = True
            del self.kept[:-CAPTURE_LIMIT]

    def text(self) -> str:
        return (CUT_MARK if self.cut else "") + self.kept.decode(errors="replace")


async def execute(
    cluster: Cluster,
    namespace: str,
    pod: str,
    container: str | None,
    command: list[str],
    *,
    stdin: bytes = b"",
) -> Executed:
    """Run a command, without a shell, and wait for its end. Time limits are the caller's.

    Raises:
        ClusterError: no such pod or container, it does not run, or the connection broke.
    """
    name = running_container(await cluster.get(POD, pod, namespace), container)
    params = exec_params(name, command, stdin=bool(stdin))
    path = f"pods/{pod}/exec"
    try:
        async with open_socket(cluster, namespace, path, params, V5) as socket:
            return await _converse(socket, stdin)
    except ClusterError as error:
        if stdin or error.status not in NO_SUCH_PROTOCOL:
            raise
    else:
        # kr8s swallows a close in good order: the command ran, and must not run again.
        raise ClusterError(f"the connection to container {name} of pod {pod} was closed")
    # An API server older than V5; without input there is nothing to end.
    async with open_socket(cluster, namespace, path, params, V4) as socket:
        return await _converse(socket, b"")


def running_container(pod: Object, container: str | None) -> str:
    """The named container, or the pod's first, when it runs.

    Raises:
        ClusterError: it is not there or does not run, and why.
    """
    name = container or str(pod["spec"]["containers"][0]["name"])
    where = f"container {name} of pod {pod['metadata']['name']}"
    status = next((one for one in containers(pod) if one["name"] == name), None)
    if status is None:
        names = ", ".join(one["name"] for one in pod["spec"]["containers"])
        raise ClusterError(f"{where} does not exist; the pod has: {names}")
    if "running" not in status.get("state", {}):
        reason = waiting(status).get("reason") or terminated(status).get("reason") or "unknown"
        raise ClusterError(f"{where} does not run: {reason}")
    return name


def exec_params(
    container: str, command: Sequence[str], *, stdin: bool, tty: bool = False
) -> list[tuple[str, str]]:
    """The query of an exec. On a tty stdout and stderr are one."""
    flags = {"container": container, "stdout": "true"}
    flags |= {"tty": "true"} if tty else {"stderr": "true"}
    if stdin:
        flags["stdin"] = "true"
    return [*(("command", one) for one in command), *flags.items()]


async def _converse(socket: httpx_ws.AsyncWebSocketSession, stdin: bytes) -> Executed:
    if stdin and socket.subprotocol != V5:
        raise ClusterError(
            f"the API server cannot end a command's input ({socket.subprotocol or 'no protocol'})",
            hint="Kubernetes 1.30 or later can",
        )
    # Side by side: a command that writes before it has read everything must not block us.
    sender = asyncio.create_task(_send(socket, stdin)) if stdin else None
    try:
        return await _receive(socket)
    finally:
        if sender:
            sender.cancel()
            # A command may end without reading its input: what became of it says nothing.
            await asyncio.gather(sender, return_exceptions=True)


async def _send(socket: httpx_ws.AsyncWebSocketSession, stdin: bytes) -> None:
    for start in range(0, len(stdin), CHUNK):
        await socket.send_bytes(bytes([STDIN]) + stdin[start : start + CHUNK])
    await socket.send_bytes(bytes([CLOSE, STDIN]))


async def _receive(socket: httpx_ws.AsyncWebSocketSession) -> Executed:
    captured = {STDOUT: _Capture(), STDERR: _Capture()}
    while True:
        message = await socket.receive_bytes()
        channel, data = message[0], message[1:]
        if channel in captured:
            captured[channel].add(data)
        elif channel == ERROR and data:
            stderr = captured[STDERR].text()
            code, said = exit_code(json.loads(data))
            return Executed(captured[STDOUT].text(), stderr or said, code)


def exit_code(status: Object) -> tuple[int, str]:
    """The exit code out of the error channel's status, and a sentence when it never started.

    Raises:
        ClusterError: the command's end is not known.
    """
    if status.get("status") == "Success":
        return 0, ""
    for cause in (status.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "ExitCode":
            return int(cause["message"]), ""
    said = str(status.get("message", "no reason given"))
    if "executable file not found" in said or "no such file or directory" in said:
        return NOT_FOUND_EXIT_CODE, said
    if "permission denied" in said:
        return NOT_EXECUTABLE_EXIT_CODE, said
    raise ClusterError(f"the command could not be run: {said}")
