"""Websockets to a pod's subresources, with every way they can fail told in one sentence.

httpx_ws keeps its own tasks, so what goes wrong may come wrapped in exception groups; and a
refused upgrade comes as its HTTP status alone, because the answer's body is closed by then.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
import httpx
import httpx_ws
import wsproto.utilities

from provisioner.cluster.api import Cluster
from provisioner.errors import ClusterAwayError, ClusterError
from provisioner.tasks import innermost

_BROKEN = 1006
"""RFC 6455: closed without a word, as a connection that broke looks."""

_SOCKET_ERRORS = (
    httpx_ws.HTTPXWSException,
    httpx.HTTPError,
    wsproto.utilities.ProtocolError,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    OSError,
    BaseExceptionGroup,
)


@asynccontextmanager
async def open_socket(
    cluster: Cluster, namespace: str, path: str, params: Sequence[tuple[str, str]], protocol: str
) -> AsyncIterator[httpx_ws.AsyncWebSocketSession]:
    """A websocket whose failures are ClusterErrors.

    Raises:
        ClusterAwayError: the connection could not be made, or broke.
        ClusterError: with ``status`` when the API server refused the upgrade.
    """
    try:
        async with cluster.websocket(namespace, path, params, protocol) as socket:
            yield socket
    except _SOCKET_ERRORS as error:
        first = innermost(error)
        if isinstance(first, asyncio.CancelledError | ClusterError):
            raise first from None
        if not isinstance(first, _SOCKET_ERRORS):
            raise
        raise _as_cluster_error(path, first) from error


def _as_cluster_error(path: str, error: BaseException) -> ClusterError:
    if isinstance(error, httpx_ws.WebSocketUpgradeError):
        status = error.response.status_code
        return ClusterError(f"the API server refused {path} ({status})", status=status)
    if isinstance(error, httpx_ws.WebSocketDisconnect) and error.code != _BROKEN:
        said = error.reason or f"code {error.code}"
        return ClusterError(f"the API server closed {path}: {said}")
    return ClusterAwayError(f"the connection to {path} broke: {str(error) or type(error).__name__}")
