"""Where a restore's pod may run: where the workload's own pod will find all its volumes.

A volume is often made on the node of its first pod. So restores into claims of one pod share a
node, and those of replicas that have to be apart do not.
"""

from collections.abc import Mapping
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.pods import selects
from provisioner.cluster.workloads import replicas_wanted
from provisioner.models.base import GROUP
from provisioner.restores.claims.chart import ClaimTarget, name_of

BESIDE = f"{GROUP}/beside"
"""Label of restores that share a node; its value is one of them."""

WORKLOAD, REPLICA = f"{GROUP}/workload", f"{GROUP}/replica"
"""Labels of restores whose claims are of one StatefulSet, and of one replica of it."""

HOSTNAME = "kubernetes.io/hostname"
_ANYWHERE = {"ReadWriteMany", "ReadOnlyMany"}
_COPIED = ("nodeSelector", "tolerations", "imagePullSecrets")


def side_by_side(targets: Mapping[str, ClaimTarget]) -> dict[str, str]:
    """Which restores share a node, by their names; the value is the same for all that do.

    Those do that have a claim in common, or a pod that mounts the claims of both.
    """
    groups: list[list[str]] = []
    for name, target in targets.items():
        near = [group for group in groups if any(_share(target, targets[one]) for one in group)]
        merged = [one for group in near for one in group]
        groups = [*(group for group in groups if group not in near), [*merged, name]]
    return {name: group[0] for group in groups if len(group) > 1 for name in group}


def _share(one: ClaimTarget, other: ClaimTarget) -> bool:
    if any(_ANYWHERE & set(each.spec.get("accessModes") or []) for each in (one, other)):
        return False
    return one.name == other.name or bool(one.pods & other.pods)


def labels(target: ClaimTarget, beside: str) -> dict[str, str]:
    """What the pods of restores find each other by."""
    found = {BESIDE: beside} if beside else {}
    if _is_one_of_several(target):
        assert target.workload is not None  # it is one of its replicas  # noqa: S101
        found |= {WORKLOAD: name_of(target.workload), REPLICA: str(target.ordinal)}
    return found


def placement(target: ClaimTarget, beside: str) -> Object:
    """The fields of a pod's spec that say where it may run."""
    placed = {key: target.pod[key] for key in _COPIED if target.pod.get(key)}
    kinds = {
        "nodeAffinity": (target.pod.get("affinity") or {}).get("nodeAffinity"),
        "podAffinity": _near(beside) if beside else None,
        "podAntiAffinity": _apart(target) if _is_one_of_several(target) else None,
    }
    affinity = {kind: terms for kind, terms in kinds.items() if terms}
    return {**placed, "affinity": affinity} if affinity else placed


def _near(beside: str) -> Object:
    """Nobody has to be first: a pod that fits its own term may run where there is none yet."""
    term = {"labelSelector": {"matchLabels": {BESIDE: beside}}, "topologyKey": HOSTNAME}
    return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}


def _is_one_of_several(target: ClaimTarget) -> bool:
    return target.ordinal is not None and replicas_wanted(target.workload or {}) > 1


def _apart(target: ClaimTarget) -> Object:
    """Apart from other replicas where their own pods must be; elsewhere when there is room."""
    assert target.workload is not None  # it is one of its replicas  # noqa: S101
    others = {
        "matchLabels": {WORKLOAD: name_of(target.workload)},
        "matchExpressions": [
            {"key": REPLICA, "operator": "NotIn", "values": [str(target.ordinal)]}
        ],
    }
    must = [{"labelSelector": others, "topologyKey": key} for key in _keys_apart(target.workload)]
    if must:
        return {"requiredDuringSchedulingIgnoredDuringExecution": must}
    term = {"labelSelector": others, "topologyKey": HOSTNAME}
    rather = {"weight": 100, "podAffinityTerm": term}
    return {"preferredDuringSchedulingIgnoredDuringExecution": [rather]}


def _keys_apart(workload: Object) -> list[str]:
    """The topology keys by which its replicas must be apart from each other."""
    template: dict[str, Any] = workload["spec"]["template"]
    own = (template.get("metadata") or {}).get("labels") or {}
    anti = ((template["spec"].get("affinity") or {}).get("podAntiAffinity")) or {}
    terms = anti.get("requiredDuringSchedulingIgnoredDuringExecution") or []
    fitting = [one for one in terms if selects(one.get("labelSelector") or {}, own)]
    return sorted({one["topologyKey"] for one in fitting})
