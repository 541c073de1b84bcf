"""Calls to the Kubernetes API over one kr8s connection.

kr8s reports every refusal alike, retries 403 by tearing down its shared session, and has no
timeout by default; here each call has a timeout and each refusal keeps its HTTP status.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx_ws
import kr8s
import kr8s.asyncio

from provisioner.cluster.away import is_away, outlast
from provisioner.cluster.connection import open_connection, remove_key_files
from provisioner.cluster.discovery import Discovery
from provisioner.cluster.resources import Resource
from provisioner.errors import ClusterAwayError, ClusterError

CALL_TIMEOUT = 30.0
"""Seconds one call may take; a healthy API server answers in milliseconds."""

_RETRIED_STATUS = {429, 500, 502, 503, 504}


Object = dict[str, Any]
"""One Kubernetes object, as the API and YAML show it."""

_NO_ANSWER = (httpx.HTTPError, kr8s.APITimeoutError, OSError)


class Cluster:
    """One connection to one cluster, as one user."""

    def __init__(self, api: kr8s.asyncio.Api, kubeconfig: Path | None, context: str | None) -> None:
        self._api = api
        self.kubeconfig = kubeconfig
        # The one that was current when we connected: it may be another when Helm looks.
        self.context = context or str(api.auth.active_context or "") or None
        self._renewal = asyncio.Lock()
        self.kinds = Discovery(self._get_path)
        self.requests = 0
        """How many were sent, watches and websockets among them."""

    @classmethod
    async def connect(cls, kubeconfig: Path | None = None, context: str | None = None) -> "Cluster":
        """Connect as kubectl would.

        Raises:
            ClusterError: no kubeconfig, or no answer from the API server.
        """
        api = await open_connection(kubeconfig, context)
        return cls(api, kubeconfig, context)

    @property
    def namespace(self) -> str:
        """The namespace that the kubeconfig's context names."""
        return str(self._api.namespace)

    @property
    def server(self) -> str:
        """Address of the API server."""
        return str(self._api.auth.server)

    async def version(self) -> str:
        """The API server's version, e.g. ``v1.34.4``."""
        return str((await self._get_path("/version"))["gitVersion"])

    async def get(self, resource: Resource, name: str, namespace: str | None = None) -> Object:
        """One object, read from the quorum.

        Raises:
            ClusterError: with ``status`` 404 when there is none.
        """
        return await self._call("GET", resource, namespace, name)

    async def find(
        self, resource: Resource, name: str, namespace: str | None = None
    ) -> Object | None:
        """One object, or None when the API server says that there is none."""
        try:
            return await self.get(resource, name, namespace)
        except ClusterError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def list_all(
        self, resource: Resource, namespace: str | None = None, labels: str = "", fields: str = ""
    ) -> list[Object]:
        """All objects of a kind that fit the selectors."""
        answer = await self.list_page(resource, namespace, labels, fields)
        return [{"kind": resource.kind, **item} for item in answer["items"]]

    async def list_page(
        self, resource: Resource, namespace: str | None, labels: str = "", fields: str = ""
    ) -> Object:
        """The raw list, with the resource version that a watch can start from."""
        params = {"labelSelector": labels, "fieldSelector": fields}
        return await self._call("GET", resource, namespace, params=_without_empty(params))

    async def create(
        self, resource: Resource, manifest: Object, namespace: str | None = None
    ) -> Object:
        """Create an object; ``status`` 409 when it is there already.

        When the answer to a first try was lost, what it made is found and given back.
        """
        try:
            return await self._call("POST", resource, namespace, content=json.dumps(manifest))
        except ClusterError as error:
            if error.status != httpx.codes.CONFLICT or error.attempts == 1:
                raise
            return await self.get(resource, manifest["metadata"]["name"], namespace)

    async def apply(
        self, resource: Resource, manifest: Object, namespace: str | None = None, *, manager: str
    ) -> Object:
        """Server-side apply in the name of a field manager."""
        return await self._call(
            "PATCH",
            resource,
            namespace,
            manifest["metadata"]["name"],
            params={"fieldManager": manager},
            content=json.dumps(manifest),
            headers={"content-type": "application/apply-patch+yaml"},
        )

    async def merge(
        self, resource: Resource, name: str, patch: Object, namespace: str | None = None
    ) -> Object:
        """JSON merge patch, RFC 7386."""
        return await self._call(
            "PATCH",
            resource,
            namespace,
            name,
            content=json.dumps(patch),
            headers={"content-type": "application/merge-patch+json"},
        )

    async def delete(
        self,
        resource: Resource,
        name: str,
        namespace: str | None = None,
        *,
        grace_seconds: int | None = None,
    ) -> bool:
        """Delete an object and, in the background, what it owns. False when there was none."""
        options: Object = {"propagationPolicy": "Background"}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        try:
            await self._call("DELETE", resource, namespace, name, content=json.dumps(options))
        except ClusterError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return False
            raise
        return True

    @asynccontextmanager
    async def stream(
        self,
        resource: Resource,
        namespace: str | None,
        path: str = "",
        params: Mapping[str, str] | None = None,
        silence: float | None = None,
    ) -> AsyncIterator[AsyncIterator[str]]:
        """Lines of a watch or a log as they come; ``silence`` seconds without one end it.

        Raises:
            ClusterAwayError: the connection could not be made, or broke.
            ClusterError: refused.
        """
        where = f"{resource.plural}{path}"
        self.requests += 1
        try:
            async with self._api.call_api(
                "GET",
                version=resource.version,
                namespace=namespace or "",
                url=where,
                params=dict(params or {}),
                stream=True,
                raise_for_status=False,
                timeout=httpx.Timeout(CALL_TIMEOUT, read=silence),
            ) as response:
                if response.is_error:
                    await response.aread()
                    raise _refusal("GET", where, response)
                yield response.aiter_lines()
        except _NO_ANSWER as error:
            raise _silence("GET", where, error) from error

    @asynccontextmanager
    async def websocket(
        self, namespace: str, path: str, params: Sequence[tuple[str, str]], protocol: str
    ) -> AsyncIterator[httpx_ws.AsyncWebSocketSession]:
        """A websocket to a pod's subresource, e.g. ``pods/NAME/exec``."""
        self.requests += 1
        async with self._api.open_websocket(
            version="v1",
            namespace=namespace,
            url=path,
            params=httpx.QueryParams(tuple(params)),
            subprotocols=[protocol],
            keepalive_ping_interval_seconds=None,
        ) as session:
            yield session

    async def _get_path(self, path: str) -> Object:
        return await self._call("GET", Resource("", "", ""), None, base=path)

    async def _call(
        self, method: str, resource: Resource, namespace: str | None, name: str = "", **more: Any
    ) -> Object:
        """One call, tried again while the API server is away; what was refused is not."""
        attempts = 0

        async def once() -> Object:
            nonlocal attempts
            attempts += 1
            try:
                return await self._once(method, resource, namespace, name, **more)
            except ClusterError as error:
                error.attempts = attempts
                raise

        return await outlast(once, _is_passing)

    async def _once(
        self, method: str, resource: Resource, namespace: str | None, name: str, **more: Any
    ) -> Object:
        path = f"{resource.plural}/{name}".rstrip("/")
        self.requests += 1
        call = {"version": resource.version, "namespace": namespace or "", "url": path, **more}
        try:
            async with self._api.call_api(
                method, raise_for_status=False, timeout=CALL_TIMEOUT, **call
            ) as response:
                answer = response
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                answer = await self._renewed(method, call)
        except _NO_ANSWER as error:
            raise _silence(method, path, error) from error
        if answer.is_error:
            raise _refusal(method, path, answer)
        return dict(answer.json())

    async def _renewed(self, method: str, call: dict[str, Any]) -> httpx.Response:
        """The same call with new credentials: a token may have expired; kr8s renews it then."""
        async with self._renewal:
            try:
                async with self._api.call_api(method, timeout=CALL_TIMEOUT, **call) as response:
                    return response
            except kr8s.ServerError as error:
                if error.response is None:
                    raise ClusterError(str(error)) from error
                return error.response
            finally:
                remove_key_files(self._api)


def _is_passing(error: Exception) -> bool:
    """Whether another try may help: nobody answered, or somebody too busy."""
    return is_away(error) or (isinstance(error, ClusterError) and error.status in _RETRIED_STATUS)


def _silence(method: str, path: str, error: Exception) -> ClusterAwayError:
    return ClusterAwayError(
        f"the API server did not answer {method} {path}: {type(error).__name__}"
    )


def _refusal(method: str, path: str, response: httpx.Response) -> ClusterError:
    try:
        said = response.json().get("message") or response.text
    except ValueError:
        said = response.text
    return ClusterError(
        f"the API server refused {method} {path}: {said.strip()} ({response.status_code})",
        status=response.status_code,
    )


def _without_empty(params: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in params.items() if value}
