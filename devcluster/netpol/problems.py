"""Saying loudly what is not enforced as written: log, Warning Event, and the status command."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx

_LOG = logging.getLogger(__name__)


class Problems:
    """What is wrong now; each new problem is told once."""

    def __init__(self, file: Path, http: httpx.AsyncClient) -> None:
        self._file, self._http = file, http
        self._told: dict[str, list[str]] = {}

    async def tell(self, found: dict[str, list[str]], policies: dict[str, Any]) -> None:
        """Take the problems of now, by the name of the policy (or of nftables)."""
        if found == self._told:
            return
        new = {name: texts for name, texts in found.items() if self._told.get(name) != texts}
        self._told = found
        write(self._file, found)
        for name, texts in new.items():
            _LOG.error("%s: not understood: %s", name, "; ".join(texts))
            if name in policies:
                await self._event(policies[name], "; ".join(texts))

    async def _event(self, policy: dict[str, Any], text: str) -> None:
        metadata = policy["metadata"]
        namespace = metadata["namespace"]
        event = {
            "metadata": {"generateName": f"{metadata['name']}-", "namespace": namespace},
            "type": "Warning",
            "reason": "NotUnderstood",
            "message": f"not enforced as written: {text}",
            "source": {"component": "devcluster-netpol"},
            "involvedObject": {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "name": metadata["name"],
                "namespace": namespace,
                "uid": metadata["uid"],
            },
        }
        try:
            await self._http.post(f"/api/v1/namespaces/{namespace}/events", json=event)
        except httpx.HTTPError as error:
            _LOG.warning("no event for %s: %r", metadata["name"], error)


def write(file: Path, found: dict[str, list[str]]) -> None:
    """Replace the file as a whole, for `status` may read it at any time."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(found, indent=2))
    partial.rename(file)


def read(file: Path) -> dict[str, list[str]]:
    """What the enforcer last wrote."""
    return dict(json.loads(file.read_text())) if file.is_file() else {}
