"""A small client of the cluster's API, for readiness and for the policy enforcer."""

import ssl
from pathlib import Path
from typing import Any

import httpx

from devcluster.pki import SERVER


def tls(pki: Path, client: str = "admin") -> ssl.SSLContext:
    """Trust the cluster's authority alone, and be one of its clients."""
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(str(pki / f"{client}.crt"), str(pki / f"{client}.key"))
    return context


class Api:
    """Reads from the API server; whatever goes wrong on the way reads as `None`."""

    def __init__(self, pki: Path) -> None:
        self._http = httpx.Client(base_url=SERVER, verify=tls(pki), timeout=5, trust_env=False)

    def get(self, path: str) -> Any:
        """Return the parsed answer, or None while there is none."""
        try:
            answer = self._http.get(path)
        except httpx.HTTPError:
            return None
        return answer.json() if answer.is_success else None

    def ready(self) -> bool:
        """Whether the API server says that it is ready."""
        try:
            return self._http.get("/readyz").is_success
        except httpx.HTTPError:
            return False

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
