"""Hand-made objects for the readiness rules."""

from typing import Any

from provisioner.readiness import custom
from provisioner.readiness.state import Observed

Object = dict[str, Any]


def made(api: str, kind: str, name: str, spec: Object | None = None, **status: Any) -> Object:
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name, "generation": 2},
        "spec": spec or {},
        "status": status,
    }


def workload(kind: str, name: str = "web", spec: Object | None = None, **status: Any) -> Object:
    spec = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}},
        **(spec or {}),
    }
    return made("apps/v1", kind, name, spec, **{"observedGeneration": 2, **status})


def service(name: str = "web", selector: Object | None = None, **spec: Any) -> Object:
    return made("v1", "Service", name, {"selector": selector or {"app": name}, **spec})


def pod(
    name: str = "web-1",
    *containers: Object,
    phase: str = "Running",
    owner: str | None = "ReplicaSet",
    **status: Any,
) -> Object:
    one = made("v1", "Pod", name, {"containers": [{"name": "main"}]})
    one["metadata"]["labels"] = {"app": name.rsplit("-", 1)[0]}
    if owner:
        name_of_owner = name.rsplit("-", 1)[0]
        one["metadata"]["ownerReferences"] = [
            {"kind": owner, "name": name_of_owner, "controller": True}
        ]
    one["status"] = {"phase": phase, "containerStatuses": list(containers), **status}
    return one


def container(state: Object | None = None, *, restarts: int = 0, last: Object | None = None) -> Any:
    return {
        "name": "main",
        "image": "example/app:1",
        "ready": False,
        "restartCount": restarts,
        "state": state or {"running": {}},
        "lastState": {"terminated": last} if last else {},
    }


def waits(reason: str, message: str = "") -> Object:
    return {"waiting": {"reason": reason, "message": message}}


def condition(kind: str, status: str = "True", **more: str) -> Object:
    return {"type": kind, "status": status, **more}


READY = [condition("Ready")]


def event(kind: str, name: str, reason: str, message: str) -> Object:
    return {
        "metadata": {"name": f"{name}.{reason}"},
        "type": "Warning",
        "reason": reason,
        "message": message,
        "involvedObject": {"kind": kind, "name": name},
    }


def endpoint_slice(service_name: str, *, ready: bool) -> Object:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{service_name}-x",
            "labels": {"kubernetes.io/service-name": service_name},
        },
        "endpoints": [{"conditions": {"ready": ready}}],
    }


def observed(release: list[Object], *others: Object, absent: bool = False) -> Observed:
    """The release as it lives, and other objects beside it."""
    live: dict[str, dict[str, Object]] = {}
    for one in [*([] if absent else release), *others]:
        kind = custom.live_kind(one) if "kind" in one else "Event"
        live.setdefault(kind, {})[one["metadata"]["name"]] = one
    return Observed(tuple(release), live)
