"""When an object of the release is ready, by its kind.

Helm's own waiting is not asked: it counts a failed bare pod as current, waits for no pod at all
where one may be unavailable, and leaves Jobs out.
"""

from collections.abc import Callable
from dataclasses import dataclass

from provisioner.cluster.api import Object
from provisioner.cluster.pods import condition, is_ready, selects
from provisioner.cluster.workloads import replicas_wanted
from provisioner.models.base import HELD
from provisioner.readiness import custom
from provisioner.readiness.state import (
    Observed,
    is_true,
    observed_generation_reached,
    pod_labels_made,
)


@dataclass(frozen=True)
class Status:
    """Whether one object is ready, and what it waits for, or why it counts as ready."""

    kind: str
    name: str
    ready: bool
    reason: str
    custom: bool = False

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}: {self.reason}"


Verdict = tuple[bool, str]
Rule = Callable[[Object, Observed], Verdict]


def judge(observed: Observed) -> list[Status]:
    """The status of every object of the release that has to become ready."""
    return [status(one, observed) for one in observed.release if has_rule(one)]


def has_rule(manifest: Object) -> bool:
    """Whether this kind has to become ready. All others are done once Helm has created them."""
    return (manifest["apiVersion"], manifest["kind"]) in _RULES or custom.is_custom(manifest)


def status(manifest: Object, observed: Observed) -> Status:
    """The status of one object of the release."""
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    is_custom = custom.is_custom(manifest)
    live = observed.get(custom.live_kind(manifest), name)
    if live is None:
        return Status(kind, name, False, "not created yet", is_custom)
    if HELD in (live["metadata"].get("annotations") or {}):
        return Status(kind, name, False, "held back", is_custom)
    rule = _custom if is_custom else _RULES[manifest["apiVersion"], kind]
    return Status(kind, name, *rule(live, observed), is_custom)


def _custom(one: Object, _: Observed) -> Verdict:
    return custom.judge(one)


def _deployment(one: Object, _: Observed) -> Verdict:
    wanted, seen = replicas_wanted(one), one.get("status", {})
    if not observed_generation_reached(one):
        return False, "not looked at yet by its controller"
    if seen.get("updatedReplicas", 0) < wanted:
        return False, f"{seen.get('updatedReplicas', 0)} of {wanted} updated"
    if seen.get("replicas", 0) > wanted:
        return False, "old replicas are still there"
    return _enough(seen.get("readyReplicas", 0), wanted)


def _stateful_set(one: Object, _: Observed) -> Verdict:
    wanted, seen = replicas_wanted(one), one.get("status", {})
    if not observed_generation_reached(one):
        return False, "not looked at yet by its controller"
    strategy = one["spec"].get("updateStrategy") or {}
    if strategy.get("type") != "OnDelete":
        # Pods below the partition keep the old revision on purpose.
        partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
        due = max(0, wanted - partition)
        if seen.get("updatedReplicas", 0) < due:
            return False, f"{seen.get('updatedReplicas', 0)} of {due} updated"
    return _enough(seen.get("readyReplicas", 0), wanted)


def _daemon_set(one: Object, _: Observed) -> Verdict:
    seen = one.get("status", {})
    wanted = seen.get("desiredNumberScheduled", 0)
    if not observed_generation_reached(one):
        return False, "not looked at yet by its controller"
    on_delete = (one["spec"].get("updateStrategy") or {}).get("type") == "OnDelete"
    if not on_delete and seen.get("updatedNumberScheduled", 0) < wanted:
        return False, f"{seen.get('updatedNumberScheduled', 0)} of {wanted} updated"
    return _enough(seen.get("numberReady", 0), wanted)


def _enough(ready: int, wanted: int) -> Verdict:
    return ready >= wanted, f"{ready} of {wanted} ready"


def _job(one: Object, _: Observed) -> Verdict:
    if is_true(one, "Complete", "SuccessCriteriaMet"):
        return True, "complete"
    if is_true(one, "Failed", "FailureTarget"):
        said = condition(one, "Failed") or condition(one, "FailureTarget")
        return False, f"failed: {said.get('message') or said.get('reason') or 'no reason given'}"
    if one["spec"].get("suspend"):
        return True, "suspended"
    return False, "not complete"


def _pod(one: Object, _: Observed) -> Verdict:
    phase = one.get("status", {}).get("phase", "Pending")
    if phase == "Succeeded":
        return True, "succeeded"
    if phase == "Failed":
        return False, "failed"
    return is_ready(one), "ready" if is_ready(one) else f"{phase.lower()}, not ready"


def _claim(one: Object, observed: Observed) -> Verdict:
    phase = one.get("status", {}).get("phase", "Pending")
    if phase == "Bound":
        return True, "bound"
    if phase == "Lost":
        return False, "lost its volume"
    if observed.mounted(one["metadata"]["name"]):
        return False, "not bound"
    # Bound at its first consumer, and nobody consumes it: a CronJob's claim, for example.
    return True, "not bound, and no pod mounts it"


def _service(one: Object, observed: Observed) -> Verdict:
    selector = one["spec"].get("selector")
    if not selector or one["spec"].get("type") == "ExternalName":
        return True, "has no selector"
    if observed.endpoints_ready(one["metadata"]["name"]):
        return True, "has a ready endpoint"
    if observed.pods_selected(selector) or _selects_release(selector, observed):
        return False, "no ready endpoint"
    # E.g. the Service of replicas that this configuration has none of.
    return True, "selects no pod of the release"


def _selects_release(selector: dict[str, str], observed: Observed) -> bool:
    made = [pod_labels_made(one) for one in observed.release]
    fitting = {"matchLabels": selector}
    return any(labels is not None and selects(fitting, dict(labels)) for labels in made)


_RULES: dict[tuple[str, str], Rule] = {
    ("apps/v1", "Deployment"): _deployment,
    ("apps/v1", "StatefulSet"): _stateful_set,
    ("apps/v1", "DaemonSet"): _daemon_set,
    ("batch/v1", "Job"): _job,
    ("v1", "Pod"): _pod,
    ("v1", "PersistentVolumeClaim"): _claim,
    ("v1", "Service"): _service,
}
