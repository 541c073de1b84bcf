"""What of a chart does not run yet: patches that hold it back, and what lets it go. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.workloads import replicas_wanted
from provisioner.helm.hooks import is_hook
from provisioner.helm.patches import Patch
from provisioner.models.base import GROUP
from provisioner.restores.claims import name_of, title

HELD = f"{GROUP}/held"

_SCALED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
_SUSPENDED = ("Job", "CronJob")


@dataclass(frozen=True)
class Held:
    """A workload that waits: the patch of the chart, and the merge patch that lets it go."""

    workload: Object
    patch: Patch
    release: Mapping[str, Any]


def held(objects: Sequence[Object], running: Sequence[str]) -> list[Held]:
    """Everything of the release that makes pods, but for ``running`` (``KIND/NAME``).

    What an operator makes of a custom resource is not in the chart: it waits with its operator,
    when that one is. Hooks are Helm's to run.
    """
    waiting = [one for one in objects if not is_hook(one) and title(one) not in running]
    return [found for one in waiting if (found := _hold(one))]


def _hold(one: Object) -> Held | None:
    spec: Mapping[str, Any] = one.get("spec") or {}
    if one["kind"] in _SCALED:
        return _held(one, "/spec/replicas", 0, {"replicas": replicas_wanted(one)})
    if one["kind"] in _SUSPENDED:
        return _held(one, "/spec/suspend", True, {"suspend": bool(spec.get("suspend"))})
    if one["kind"] == "DaemonSet":
        own = spec["template"]["spec"].get("nodeSelector") or {}
        nowhere = {**own, HELD: "true"}
        go: Mapping[str, Any] = {"template": {"spec": {"nodeSelector": {HELD: None}}}}
        return _held(one, "/spec/template/spec/nodeSelector", nowhere, go)
    if one["kind"] == "Pod":
        gates = spec.get("schedulingGates") or []
        go = {"schedulingGates": gates or None}
        return _held(one, "/spec/schedulingGates", [*gates, {"name": HELD}], go)
    return None


def _held(one: Object, path: str, value: Any, go: Mapping[str, Any]) -> Held:
    target = {"kind": one["kind"], "name": name_of(one)}
    patch = {"target": target, "patch": [{"op": "add", "path": path, "value": value}]}
    return Held(one, patch, {"spec": go})
