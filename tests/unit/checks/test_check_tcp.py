"""``tcp``: silence proves a connection only once there is one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from provisioner.checks import http, tcp
from provisioner.cluster.endpoints import Target
from provisioner.cluster.forward import Forwarding
from provisioner.errors import ClusterAwayError
from provisioner.models.checks import HttpCheck


@asynccontextmanager
async def way_that(opens_after: float, refused: bool) -> AsyncIterator[Forwarding]:
    """A forwarding that takes connections at once and reaches the pod later."""
    nobody: Any = None
    way = Forwarding(nobody, "verify-x", nobody, Target("db-0", 3306), nobody)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(opens_after)
        way.opened.set()
        if refused:
            way.trouble = "connection refused"
            writer.transport.abort()
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    way.port = int(server.sockets[0].getsockname()[1])
    try:
        yield way
    finally:
        server.close()


@pytest.mark.parametrize("refused", [True, False])
async def test_a_slow_way_to_the_pod_is_no_connection(
    monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    monkeypatch.setattr(tcp, "LISTEN_SECONDS", 0.1)
    async with way_that(0.4, refused) as way:
        answer = await tcp._connect(way)
    assert answer.passed is not refused
    assert answer.saw == ("connection refused" if refused else "connected")


async def test_who_cannot_reach_the_api_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def no_socket(*_: Any) -> AsyncIterator[None]:
        raise ClusterAwayError("the connection broke")
        yield

    monkeypatch.setattr("provisioner.cluster.forward.open_socket", no_socket)
    nobody: Any = None
    told: list[str] = []
    way = Forwarding(nobody, "verify-x", nobody, Target("db-0", 3306), told.append)
    server = await asyncio.start_server(way.accept, "127.0.0.1", 0)
    way.port = int(server.sockets[0].getsockname()[1])
    with pytest.raises(ClusterAwayError, match="broke"):
        await tcp._connect(way)
    question = HttpCheck(service="web")
    async with http._client(question, way.port) as client:
        with pytest.raises(ClusterAwayError, match="broke"):
            await http._fetch(question, client, way)
    server.close()
    await way.close()
