"""The conversation over the websocket, with a hand-made other side."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import httpx_ws
import pytest

from provisioner.cluster.api import Cluster
from provisioner.cluster.exec import (
    CAPTURE_LIMIT,
    CUT_MARK,
    V4,
    V5,
    execute,
    exit_code,
    running_container,
)
from provisioner.errors import ClusterError

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
    def __init__(self, messages: list[bytes | Exception], protocol: str) -> None:
        self.subprotocol = protocol
        self.sent: list[bytes] = []
        self._messages = messages

    async def send_bytes(self, data: bytes) -> None:
        self.sent.append(data)

    async def receive_bytes(self) -> bytes:
        await asyncio.sleep(0)
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
        socket = FakeSocket(self.messages, protocol)
        self.sockets.append(socket)
        yield socket


def as_cluster(fake: FakeCluster) -> Cluster:
    return cast("Cluster", fake)


async def test_output_and_exit_code_come_back() -> None:
    status = {
        "status": "Failure",
        "details": {"causes": [{"reason": "ExitCode", "message": "3"}]},
    }
    fake = FakeCluster(b"\x01out", b"\x02err", b"\x01put", b"\x03" + json.dumps(status).encode())
    done = await execute(as_cluster(fake), "ns", "db-0", None, ["a", "b c"])
    assert (done.stdout, done.stderr, done.exit_code) == ("output", "err", 3)
    assert fake.params[:2] == [("command", "a"), ("command", "b c")]
    assert ("container", "db") in fake.params
    assert ("stdin", "true") not in fake.params


async def test_stdin_is_sent_and_closed() -> None:
    fake = FakeCluster(b"\x01x", SUCCESS)
    await execute(as_cluster(fake), "ns", "db-0", "db", ["cat"], stdin=b"hello")
    assert fake.sockets[0].sent == [b"\x00hello", b"\xff\x00"]
    assert ("stdin", "true") in fake.params


async def test_only_the_end_of_a_long_output_is_kept() -> None:
    fake = FakeCluster(b"\x01" + b"a" * CAPTURE_LIMIT, b"\x01end", SUCCESS)
    done = await execute(as_cluster(fake), "ns", "db-0", None, ["yes"])
    assert done.stdout.startswith(CUT_MARK)
    assert done.stdout.endswith("end")
    assert len(done.stdout) == CAPTURE_LIMIT + len(CUT_MARK)


async def test_an_older_server_is_asked_in_its_own_protocol() -> None:
    fake = FakeCluster(b"\x01x", SUCCESS, knows=(V4,))
    assert (await execute(as_cluster(fake), "ns", "db-0", None, ["ls"])).stdout == "x"
    assert fake.asked == [V5, V4]


async def test_an_older_server_cannot_end_an_input() -> None:
    fake = FakeCluster(SUCCESS, knows=(V4,))
    with pytest.raises(ClusterError):
        await execute(as_cluster(fake), "ns", "db-0", None, ["cat"], stdin=b"x")
    assert fake.asked == [V5]


async def test_a_refused_upgrade_keeps_its_status() -> None:
    fake = FakeCluster(knows=())
    fake.refusal = 404
    with pytest.raises(ClusterError, match="404") as raised:
        await execute(as_cluster(fake), "ns", "db-0", None, ["ls"])
    assert raised.value.status == 404
    assert fake.asked == [V5]


@pytest.mark.parametrize(
    "broken",
    [
        httpx_ws.WebSocketNetworkError(),
        httpx_ws.WebSocketDisconnect(1006, "gone"),
        ExceptionGroup("g", [ExceptionGroup("h", [httpx_ws.WebSocketNetworkError()])]),
    ],
)
async def test_a_broken_connection_is_the_clusters_fault(broken: Exception) -> None:
    with pytest.raises(ClusterError, match="pods/db-0/exec"):
        await execute(as_cluster(FakeCluster(broken)), "ns", "db-0", None, ["ls"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('OCI runtime exec failed: "x": executable file not found in $PATH', 127),
        ("OCI runtime exec failed: exec: /x: permission denied", 126),
    ],
)
def test_a_command_that_cannot_start_has_a_shells_exit_code(said: str, code: int) -> None:
    assert exit_code({"status": "Failure", "message": said}) == (code, said)


def test_an_end_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ClusterError, match="container is gone"):
        exit_code({"status": "Failure", "message": "container is gone"})


def test_only_a_running_container_can_be_entered() -> None:
    assert running_container(POD, None) == "db"
    with pytest.raises(ClusterError, match="does not run: CrashLoopBackOff"):
        running_container(POD, "side")
    with pytest.raises(ClusterError, match="does not exist; the pod has: db, side"):
        running_container(POD, "nope")
