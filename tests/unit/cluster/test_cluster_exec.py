"""The conversation over the websocket, with a hand-made other side."""

import json

import httpx_ws
import pytest
from socket_fakes import POD, SUCCESS, FakeCluster, as_cluster

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
