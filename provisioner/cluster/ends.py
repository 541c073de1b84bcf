"""Ends of pods that are no fault of the program or the data in them: these must not be blamed."""

import re

from provisioner.cluster.api import Object
from provisioner.cluster.pods import condition, containers, has_started
from provisioner.errors import CapacityError, ClusterError

_NO_ROOM = re.compile("Evicted|Preempt|OutOf")
"""In the reason of a pod or of its DisruptionTarget: its place was needed, or there was none."""


def thrown_out(pod: Object) -> CapacityError | ClusterError | None:
    """What the cluster did to a pod: evicted, drained, or refused before it started; else None."""
    status, failed = pod.get("status", {}), pod.get("status", {}).get("phase") == "Failed"
    target = condition(pod, "DisruptionTarget")
    is_target = target.get("status") == "True"
    if not failed and not (is_target and "deletionTimestamp" in pod["metadata"]):
        return None
    reason = str(status.get("reason") or target.get("reason") or "")
    said = status.get("message") or target.get("message") or reason or "no reason given"
    if not (_NO_ROOM.search(reason) or is_target or not has_started(pod)):
        return None
    done = "evicted" if has_started(pod) or reason == "Evicted" else "not let in by its node"
    text = f"pod {pod['metadata']['name']} was {done}: {said}"
    return CapacityError(text) if _NO_ROOM.search(reason) else ClusterError(text)


def out_of_memory(pod: Object) -> CapacityError | None:
    """What it means when a container of the pod ended by using too much memory; else None."""
    for one in containers(pod):
        if _is_out_of_memory(one):
            where = f"container {one['name']} of pod {pod['metadata']['name']}"
            limit = memory_limit(pod, one["name"])
            return CapacityError(f"{where} was killed for using more memory than {limit}")
    return None


def _is_out_of_memory(container: Object) -> bool:
    states = (container.get("state") or {}, container.get("lastState") or {})
    return any((one.get("terminated") or {}).get("reason") == "OOMKilled" for one in states)


def memory_limit(pod: Object, container: str) -> str:
    """The limit of a container, in words for the end of a sentence."""
    spec = pod["spec"]
    for one in [*(spec.get("initContainers") or []), *spec["containers"]]:
        if one["name"] == container:
            limits = (one.get("resources") or {}).get("limits") or {}
            return str(limits.get("memory", "its node has"))
    return "it may"
