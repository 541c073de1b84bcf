"""A program's input, output and terminal over the websocket, with a hand-made other side."""

import asyncio
import json
from typing import Any

import pytest
from socket_fakes import SUCCESS, FakeCluster, as_cluster

from provisioner.cluster.exec import STDERR, STDOUT, V4, V5
from provisioner.cluster.interactive import Ended, Program, Streams, interact
from provisioner.errors import ClusterError

PROGRAM = Program("ns", "db-0", "db", ["sh", "-c", "x"])
EXIT_7 = {"status": "Failure", "details": {"causes": [{"reason": "ExitCode", "message": "7"}]}}


def ended(status: dict[str, Any]) -> bytes:
    return b"\x03" + json.dumps(status).encode()


class Local:
    """The local side: what is typed, the sizes of the window, and what is shown."""

    def __init__(self, *typed: bytes) -> None:
        self.typed = [*typed, b""]
        self.sizes = [(80, 24), (120, 40)]
        self.shown: list[tuple[int, bytes]] = []

    async def read(self) -> bytes:
        return self.typed.pop(0)

    async def resized(self) -> tuple[int, int]:
        if not self.sizes:
            await asyncio.Event().wait()
        return self.sizes.pop(0)

    def write(self, channel: int, data: bytes) -> None:
        self.shown.append((channel, data))


def hearing(sent: int, *messages: bytes | Exception) -> FakeCluster:
    fake = FakeCluster(*messages)
    fake.answers_after = sent
    return fake


async def test_input_is_passed_on_and_ended_and_output_comes_as_it_is() -> None:
    local = Local(b"select", b" 1")
    fake = hearing(3, b"\x01\xff\x00", b"\x02oops", ended(EXIT_7))
    streams = Streams(local.write, local.read)
    assert await interact(as_cluster(fake), PROGRAM, streams) == Ended(7)
    assert local.shown == [(STDOUT, b"\xff\x00"), (STDERR, b"oops")]
    assert fake.sockets[0].sent == [b"\x00select", b"\x00 1", b"\xff\x00"]
    assert ("tty", "true") not in fake.params
    assert ("stderr", "true") in fake.params


async def test_a_terminal_tells_its_size_and_every_change() -> None:
    local = Local()
    fake = hearing(3, SUCCESS)
    streams = Streams(local.write, local.read, local.resized)
    assert await interact(as_cluster(fake), PROGRAM, streams) == Ended(0)
    sizes = [one for one in fake.sockets[0].sent if one[0] == 4]
    assert [json.loads(one[1:]) for one in sizes] == [
        {"Width": 80, "Height": 24},
        {"Width": 120, "Height": 40},
    ]
    # A tty has one output, and the API server refuses a second.
    assert ("tty", "true") in fake.params
    assert ("stderr", "true") not in fake.params


async def test_without_input_none_is_asked_for() -> None:
    local = Local()
    fake = FakeCluster(SUCCESS)
    assert await interact(as_cluster(fake), PROGRAM, Streams(local.write)) == Ended(0)
    assert ("stdin", "true") not in fake.params
    assert fake.sockets[0].sent == []


async def test_a_program_that_is_not_there_is_told() -> None:
    local = Local()
    said = 'exec: "x": executable file not found in $PATH'
    fake = FakeCluster(ended({"status": "Failure", "message": said}))
    found = await interact(as_cluster(fake), PROGRAM, Streams(local.write))
    assert (found, local.shown) == (Ended(127, said), [])


async def test_an_older_server_has_terminals_and_cannot_end_an_input() -> None:
    local = Local()
    terminal = FakeCluster(SUCCESS, knows=(V4,))
    streams = Streams(local.write, local.read, local.resized)
    assert await interact(as_cluster(terminal), PROGRAM, streams) == Ended(0)
    assert terminal.asked == [V5, V4]
    piped = FakeCluster(SUCCESS, knows=(V4,))
    with pytest.raises(ClusterError, match="403"):
        await interact(as_cluster(piped), PROGRAM, Streams(local.write, local.read))
    assert piped.asked == [V5]
