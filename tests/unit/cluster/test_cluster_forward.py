"""From a Service's port to a ready pod's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import httpx_ws
import pytest

from provisioner.cluster import forward as forwarding
from provisioner.cluster.api import Cluster
from provisioner.cluster.endpoints import Target, pick
from provisioner.cluster.forward import forward
from provisioner.errors import ClusterError, ConfigurationError, UsageError

SERVICE: dict[str, Any] = {
    "metadata": {"name": "blog"},
    "spec": {
        "ports": [{"name": "web", "port": 80}, {"name": "dns", "port": 53, "protocol": "UDP"}]
    },
}


def endpoint(pod: str, ready: bool | None = True) -> dict[str, Any]:
    return {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": pod}}


def endpoint_slice(*endpoints: dict[str, Any], name: str = "web", port: int = 8080) -> Any:
    return {"ports": [{"name": name, "port": port}], "endpoints": list(endpoints)}


def test_the_first_ready_pod_behind_the_named_port_is_taken() -> None:
    slices = [
        endpoint_slice(endpoint("other"), name="metrics"),
        endpoint_slice(endpoint("cold", ready=False), endpoint("warm")),
    ]
    assert pick(SERVICE, slices, 80) == Target("warm", 8080)


def test_a_condition_that_is_not_known_counts_as_ready() -> None:
    assert pick(SERVICE, [endpoint_slice(endpoint("a", None))], 80) == Target("a", 8080)


def test_a_port_without_a_name_fits_a_slice_without_one() -> None:
    service = {"metadata": {"name": "db"}, "spec": {"ports": [{"port": 3306}]}}
    slices = [{"ports": [{"name": "", "port": 3306}], "endpoints": [endpoint("db-0")]}]
    assert pick(service, slices, 3306) == Target("db-0", 3306)


@pytest.mark.parametrize(
    "slices",
    [
        [],
        [endpoint_slice()],
        [endpoint_slice(endpoint("cold", ready=False))],
        [endpoint_slice(endpoint("x"), name="metrics")],
        [{"ports": None, "endpoints": None}],
        [endpoint_slice({"addresses": ["10.0.0.1"]})],
    ],
)
def test_a_service_without_ready_endpoints_is_named(slices: list[Any]) -> None:
    with pytest.raises(ClusterError, match="Service blog has no ready endpoint for port 80"):
        pick(SERVICE, slices, 80)


@pytest.mark.parametrize("port", [8080, 53])
def test_a_port_that_the_service_does_not_have_is_named(port: int) -> None:
    with pytest.raises(ConfigurationError, match=f"no TCP port {port}; it has: 80/TCP, 53/UDP"):
        pick(SERVICE, [], port)


class Echo:
    """A pod's port that answers with what it hears."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self._said.put_nowait(b"\x00\x50\x00")

    async def send_bytes(self, data: bytes) -> None:
        await self._said.put(data)

    async def receive_bytes(self) -> bytes:
        return await self._said.get()


class FakeCluster:
    """One Service, and the one pod that is behind it now."""

    def __init__(self) -> None:
        self.pod = "web-1"
        self.says = b""
        self.listed: list[list[Any]] = []
        """EndpointSlices that are behind the times, told first."""

    async def find(self, *_: object) -> dict[str, Any]:
        return SERVICE

    async def list_all(self, *_: object, **__: object) -> list[Any]:
        return self.listed.pop(0) if self.listed else [endpoint_slice(endpoint(self.pod))]

    @asynccontextmanager
    async def websocket(self, _namespace: str, path: str, *_: object) -> AsyncIterator[Echo]:
        if path != f"pods/{self.pod}/portforward":
            raise httpx_ws.WebSocketUpgradeError(httpx.Response(404))
        echo = Echo()
        if self.says:
            await echo.send_bytes(self.says)
        yield echo


async def ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello")
    try:
        return await reader.read(5)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_a_pod_that_was_replaced_is_found_anew() -> None:
    fake, troubles = FakeCluster(), list[str]()
    cluster = cast("Cluster", fake)
    async with forward(cluster, "ns", "blog", 80, tell=troubles.append) as way:
        assert await ask(way.port) == b"hello"
        fake.pod = "web-2"
        assert await ask(way.port) == b"hello"
        assert way.target.pod == "web-2"
    assert troubles == []


@pytest.mark.parametrize(
    "slices",
    [[], [endpoint_slice()], [endpoint_slice(endpoint("web-1"))]],
    ids=["none", "no endpoint", "the pod that is gone"],
)
async def test_slices_that_are_behind_the_times_are_asked_again(
    slices: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "PAUSE", 0)
    fake, troubles = FakeCluster(), list[str]()
    async with forward(cast("Cluster", fake), "ns", "blog", 80, tell=troubles.append) as way:
        fake.pod, fake.listed = "web-2", [slices, slices]
        assert await ask(way.port) == b"hello"
    assert (troubles, fake.listed) == ([], [])


async def test_a_connection_that_fails_is_told_and_the_next_may_be_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forwarding, "REPLACED_WITHIN", 0)
    fake, troubles = FakeCluster(), list[str]()
    async with forward(cast("Cluster", fake), "ns", "blog", 80, tell=troubles.append) as way:
        fake.pod = ""
        assert await ask(way.port) == b""
        fake.pod = "web-3"
        assert await ask(way.port) == b"hello"
    assert troubles == ["Service blog has no ready endpoint for port 80"]


class Lost:
    """A local client's side of a connection that the client has reset."""

    transport = None

    async def read(self, _most: int) -> bytes:
        raise ConnectionResetError

    def write(self, _data: bytes) -> None: ...

    async def drain(self) -> None:
        raise ConnectionResetError

    def close(self) -> None: ...


class Silent(Lost):
    """The same, as it is while nothing is read."""

    async def read(self, _most: int) -> bytes:
        await asyncio.Event().wait()
        return b""


@pytest.mark.parametrize("reader", [Lost(), Silent()], ids=["read", "write"])
async def test_a_client_that_leaves_early_is_no_trouble(reader: Any) -> None:
    fake, troubles = FakeCluster(), list[str]()
    fake.says = b"\x00a page"
    cluster = cast("Cluster", fake)
    async with forward(cluster, "ns", "blog", 80, tell=troubles.append) as way:
        await way._carry(reader, cast("Any", Lost()))
        assert (troubles, way.trouble) == ([], "")


async def test_a_local_port_that_is_taken() -> None:
    cluster = cast("Cluster", FakeCluster())
    async with forward(cluster, "ns", "blog", 80) as way:
        with pytest.raises(UsageError, match=f"port {way.port} of 127.0.0.1 cannot be used: Add"):
            async with forward(cluster, "ns", "blog", 80, local_port=way.port):
                raise AssertionError
