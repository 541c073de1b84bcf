"""A chart repository and an OCI registry on 127.0.0.1, for as long as a test wants them."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

LOGIN = ("reader", "swordfish-of-the-test")


@contextmanager
def chart_repository(folder: Path, *, login: tuple[str, str] | None = None) -> Iterator[str]:
    """The folder, which ``helm repo index`` has been put into, under a URL."""
    with _serving(partial(_Files, directory=str(folder)), login) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def registry(*, login: tuple[str, str] | None = None) -> Iterator[str]:
    """An empty registry that ``helm push`` and ``helm pull`` understand: its ``oci://`` address."""
    with _serving(_Registry, login) as port:
        yield f"oci://127.0.0.1:{port}"


class _Server(ThreadingHTTPServer):
    def __init__(self, handler: Any, login: tuple[str, str] | None) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.login = login


@contextmanager
def _serving(handler: Any, login: tuple[str, str] | None) -> Iterator[int]:
    with _Server(handler, login) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Closed(BaseHTTPRequestHandler):
    """Lets nobody in without the server's login, when it has one."""

    server: _Server

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        login = self.server.login
        token = base64.b64encode(":".join(login).encode()).decode() if login else ""
        if not login or self.headers.get("Authorization") == f"Basic {token}":
            return True
        self.answer(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": 'Basic realm="test"'})
        return False

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class _Files(_Closed, SimpleHTTPRequestHandler): ...


class _Registry(_Closed):
    """As much of the OCI distribution API as Helm uses: push whole blobs, pull by tag or digest."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if found := re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path):
            kind, body = self.server.manifests.get("@".join(found.groups()), ("", b""))
        else:
            kind, body = "application/octet-stream", self.server.blobs.get(self._last(), b"")
        if self.path == "/v2/":
            self.answer(HTTPStatus.OK, {})
        elif body:
            headers = {"Content-Type": kind, "Docker-Content-Digest": _digest(body)}
            self.answer(HTTPStatus.OK, headers, body)
        else:
            self.answer(HTTPStatus.NOT_FOUND, {})

    def do_POST(self) -> None:
        self._body()
        self.answer(HTTPStatus.ACCEPTED, {"Location": self.path.rstrip("/") + "/one"})

    def do_PUT(self) -> None:
        body = self._body()
        if found := re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path):
            kind = self.headers["Content-Type"]
            for reference in (found[2], _digest(body)):
                self.server.manifests[f"{found[1]}@{reference}"] = (kind, body)
        else:
            self.server.blobs[_digest(body)] = body
        self.answer(HTTPStatus.CREATED, {"Docker-Content-Digest": _digest(body)})

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _last(self) -> str:
        return self.path.rpartition("/")[2]


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
