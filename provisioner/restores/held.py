"""What of an application is held back for now, how that is done, and how it is let go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.workloads import replicas_wanted
from provisioner.helm.hooks import is_hook
from provisioner.helm.patches import Patch
from provisioner.models.base import HELD
from provisioner.restores.claims.chart import name_of, title
from provisioner.tasks import all_or_first_error

_SCALED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
_SUSPENDED = ("Job", "CronJob")
_RETENTION, _WHEN_SCALED = "persistentVolumeClaimRetentionPolicy", "whenScaled"


@dataclass(frozen=True)
class Held:
    """A workload that waits. ``path`` is the field that holds it, ``value`` what it has then.

    ``go`` is what of its spec is merged to let it go. While it waits it bears a mark: for readiness
    it would lack none of its 0 replicas.
    """

    workload: Object
    path: tuple[str, ...]
    value: Any
    go: Mapping[str, Any]

    @property
    def patch(self) -> Patch:
        """What holds it back in the chart."""
        marked = {**(self.workload["metadata"].get("annotations") or {}), HELD: "true"}
        operations = [(("metadata", "annotations"), marked), (self.path, self.value)]
        return {
            "target": {"kind": self.workload["kind"], "name": name_of(self.workload)},
            "patch": [
                {"op": "add", "path": f"/{'/'.join(path)}", "value": value}
                for path, value in operations
            ],
        }

    @property
    def stop(self) -> Object:
        """The merge patch that stops one that is there already."""
        found: Any = self.value
        for key in reversed(self.path):
            found = {key: found}
        if _RETENTION in self.go:
            found["spec"][_RETENTION] = {_WHEN_SCALED: "Retain"}
        return {"metadata": {"annotations": {HELD: "true"}}, **found}

    @property
    def release(self) -> Object:
        """The merge patch that lets it go."""
        return {"metadata": {"annotations": {HELD: None}}, "spec": dict(self.go)}


def held(objects: Sequence[Object], running: Sequence[str]) -> list[Held]:
    """Everything of the release that makes pods, but for ``running`` (``KIND/NAME``).

    What an operator makes of a custom resource is not in the chart: it waits with its operator,
    when that one is. Hooks are Helm's to run.
    """
    waiting = [one for one in objects if not is_hook(one) and title(one) not in running]
    return [found for one in waiting if (found := hold(one))]


def hold(one: Object) -> Held | None:
    """How that object is kept from having pods; None of one that makes none."""
    spec: Mapping[str, Any] = one.get("spec") or {}
    path: tuple[str, ...]
    if one["kind"] in _SCALED:
        return Held(
            one, ("spec", "replicas"), 0, {"replicas": replicas_wanted(one), **_claims(one)}
        )
    if one["kind"] in _SUSPENDED:
        return Held(one, ("spec", "suspend"), True, {"suspend": bool(spec.get("suspend"))})
    if one["kind"] == "DaemonSet":
        path = ("spec", "template", "spec", "nodeSelector")
        nowhere = {**(spec["template"]["spec"].get("nodeSelector") or {}), HELD: "true"}
        return Held(one, path, nowhere, {"template": {"spec": {"nodeSelector": {HELD: None}}}})
    if one["kind"] == "Pod":
        gates = spec.get("schedulingGates") or []
        path = ("spec", "schedulingGates")
        return Held(one, path, [*gates, {"name": HELD}], {"schedulingGates": gates or None})
    return None


async def stop(cluster: Cluster, namespace: str, running: Sequence[Held]) -> None:
    """Hold back what is there already.

    Raises:
        ClusterError: the API server refuses.
    """
    await all_or_first_error(_merge(cluster, namespace, one, one.stop) for one in running)


async def start(cluster: Cluster, namespace: str, stopped: Sequence[Held]) -> None:
    """Let everything run that was held back.

    Raises:
        ClusterError: the API server refuses.
    """
    await all_or_first_error(_merge(cluster, namespace, one, one.release) for one in stopped)


async def _merge(cluster: Cluster, namespace: str, one: Held, patch: Object) -> None:
    kind = await cluster.kinds.find(one.workload["apiVersion"], one.workload["kind"])
    assert kind is not None  # it is there  # noqa: S101
    await cluster.merge(kind, name_of(one.workload), patch, namespace)


def _claims(one: Object) -> Mapping[str, Any]:
    """What of a StatefulSet would remove its claims when it is stopped, as it is put back."""
    policy = one["spec"].get(_RETENTION) or {}
    if policy.get(_WHEN_SCALED) != "Delete":
        return {}
    return {_RETENTION: {_WHEN_SCALED: "Delete"}}
