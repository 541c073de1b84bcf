"""What runs inside the cluster from the start: DNS and dynamic volumes."""

from collections.abc import Mapping
from string import Template
from typing import Any

from devcluster.api import Api
from devcluster.binaries import binary
from devcluster.commands import run
from devcluster.network import DNS_SERVICE
from devcluster.paths import SOURCES, STATE

MANIFESTS = SOURCES / "manifests"
IMAGES = ("pause", "coredns", "local-path-provisioner", "local-path-helper")
VOLUMES = STATE / "volumes"
_DEPLOYMENTS = (("kube-system", "coredns"), ("local-path-storage", "local-path-provisioner"))


def manifests() -> str:
    """Every manifest, filled in."""
    values = {"dns": DNS_SERVICE, "volumes": str(VOLUMES)}
    texts = [Template(file.read_text()) for file in sorted(MANIFESTS.glob("*.yaml"))]
    return "---\n".join(text.substitute(values) for text in texts)


def apply() -> None:
    """Create or update the objects."""
    kubectl = [str(binary("kubectl")), f"--kubeconfig={STATE}/kubeconfig"]
    run([*kubectl, "apply", "--server-side", "--force-conflicts", "-f", "-"], stdin=manifests())


def missing(api: Api) -> list[str]:
    """What is not ready yet, in words."""
    waiting = [] if _node_ready(api) else ["the node"]
    for namespace, name in _DEPLOYMENTS:
        found = api.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
        if not _condition(found, "Available"):
            waiting.append(f"deployment {namespace}/{name}")
    return waiting


def _node_ready(api: Api) -> bool:
    nodes = api.get("/api/v1/nodes") or {"items": []}
    return any(_condition(node, "Ready") for node in nodes["items"])


def _condition(found: Mapping[str, Any] | None, kind: str) -> bool:
    conditions = ((found or {}).get("status") or {}).get("conditions") or []
    return any(c["type"] == kind and c["status"] == "True" for c in conditions)
