"""Custom resources: what their operators say of them, in the conditions that most of them write."""

from collections.abc import Iterable, Iterator

from provisioner.cluster.api import Object
from provisioner.cluster.pods import condition

READY = ("Ready", "Available")
"""Conditions that say that it is done; the first one that is there counts."""

GIVEN_UP = ("Stalled", "Failed")

_BUILT_IN = {
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
}
"""Kubernetes' own API groups with a dot in their names; those without one are its own, too."""


def is_custom(manifest: Object) -> bool:
    """Whether some operator's, and not Kubernetes' own, kind."""
    group = group_of(manifest)
    return "." in group and group not in _BUILT_IN


def group_of(manifest: Object) -> str:
    """The API group; empty for the core one."""
    return str(manifest["apiVersion"]).rpartition("/")[0]


def live_kind(manifest: Object) -> str:
    """Under which name live objects of its kind are kept: Knative, too, has a kind ``Service``."""
    kind = str(manifest["kind"])
    return f"{kind}.{group_of(manifest)}" if is_custom(manifest) else kind


def kinds(release: Iterable[Object]) -> Iterator[tuple[str, str, str]]:
    """``apiVersion``, kind and live name of the release's custom resources, each once."""
    found = {(one["apiVersion"], one["kind"], live_kind(one)) for one in release if is_custom(one)}
    yield from sorted(found)


def judge(one: Object) -> tuple[bool, str]:
    """Whether it is ready, and why; one whose operator writes no such condition is done."""
    if _is_behind(one, one.get("status") or {}):
        return False, "not looked at yet by its operator"
    said = next((found for kind in READY if (found := condition(one, kind))), None)
    if said is None:
        return True, "says nothing of being ready"
    if _is_behind(one, said):
        return False, f"{said['type']} is not told yet of what it is now"
    if said.get("status") == "True":
        return True, said["type"]
    return False, f"{said['type']} is {said.get('status', 'Unknown')}{_why(said)}"


def given_up(one: Object) -> str:
    """Why its operator has given it up, in words; empty when it has not."""
    for kind in GIVEN_UP:
        said = condition(one, kind)
        if said.get("status") == "True" and not _is_behind(one, said):
            return f"{kind}{_why(said)}"
    return ""


def _is_behind(one: Object, said: Object) -> bool:
    """Whether that was said of an older spec."""
    seen = said.get("observedGeneration")
    return seen is not None and seen < one["metadata"].get("generation", 0)


def _why(said: Object) -> str:
    parts = (said.get("reason"), said.get("message"))
    return "".join(f": {part}" for part in parts if part)
