"""What will not mend by itself, so that nobody waits for it until the deadline.

Each rule only says what it sees. How long that may last is told by ``grace``: a registry's
hiccup, a claim being provisioned and a quota being freed look like trouble at first.
"""

import json
import re
from collections.abc import Iterator

from provisioner.cluster.api import Object
from provisioner.cluster.ends import memory_limit
from provisioner.cluster.pods import (
    FINAL_PULL_MESSAGES,
    PULL_REASONS,
    containers,
    controller_of,
    has_started,
    labels_of,
    selects,
    terminated,
    unschedulable,
    waiting,
)
from provisioner.cluster.room import HINT, is_no_room
from provisioner.cluster.workloads import replicas_wanted
from provisioner.errors import (
    ApplicationError,
    CapacityError,
    ChartError,
    ClusterError,
    OperatorError,
    ProvisionerError,
)
from provisioner.patience import Trouble
from provisioner.readiness import custom
from provisioner.readiness.ends import failed_jobs, failed_pod, how_it_ended
from provisioner.readiness.rules import Status, judge
from provisioner.readiness.state import Observed

PULL_GRACE = 25.0
"""A second try comes after 10 s, and must have had its time."""

SCHEDULING_GRACE = 30.0
QUOTA_GRACE = 20.0
CONFIG_GRACE = 10.0
CREATE_GRACE = 30.0
MOUNT_GRACE = 20.0
OPERATOR_GRACE = 20.0

MAKES_PODS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}
"""Kinds that are workloads: others of them may be waited for."""

RESTARTS = 3
"""Single restarts are normal while an application waits for its database."""

PATIENT_RESTARTS = 6
"""While something that it may wait for is not ready yet: 5 minutes."""

OOM_RESTARTS = 2


def find_troubles(observed: Observed) -> list[Trouble]:
    """All that is wrong now. Capacity first: a full cluster must not read as a bad backup."""
    found = [*_quota(observed), *failed_jobs(observed), *_given_up(observed)]
    for pod in observed.pods():
        found += _pod_troubles(pod, observed)
    return sorted(found, key=lambda one: not isinstance(one.error, CapacityError))


def _pod_troubles(pod: Object, observed: Observed) -> Iterator[Trouble]:
    name = pod["metadata"]["name"]
    if message := unschedulable(pod):
        error = CapacityError(f"no node takes pod {name}: {message}")
        yield Trouble(("unschedulable", name), error, SCHEDULING_GRACE)
    if pod.get("status", {}).get("reason") == "Evicted":
        said = pod["status"].get("message", "no reason given")
        yield Trouble(("evicted", name), CapacityError(f"pod {name} was evicted: {said}"))
    elif _failed_for_good(pod):
        yield Trouble(("failed", name), failed_pod(pod))
    if not has_started(pod):
        yield from _mounts(pod, observed)
    for one in containers(pod):
        yield from _container_troubles(pod, one, observed)


def _mounts(pod: Object, observed: Observed) -> Iterator[Trouble]:
    name = str(pod["metadata"]["name"])
    for event in observed.warnings("Pod", name):
        if event.get("reason") == "FailedMount" and _ABSENT.search(event["message"]):
            text = f"pod {name} cannot be started: {event['message']}"
            yield Trouble(("mount", name), ChartError(text, hint=_ABSENT_HINT), MOUNT_GRACE)


_ABSENT = re.compile(r'(?:secret|configmap) "[^"]+" not found')
_ABSENT_HINT = "application.copySecrets copies production's Secrets into the sandbox"


def _failed_for_good(pod: Object) -> bool:
    """A bare pod that ended badly; whoever owns a pod makes another."""
    return pod.get("status", {}).get("phase") == "Failed" and not controller_of(pod)


def _container_troubles(pod: Object, one: Object, observed: Observed) -> Iterator[Trouble]:
    key = (str(pod["metadata"]["name"]), str(one["name"]))
    where = f"container {one['name']} of pod {pod['metadata']['name']}"
    reason, said = waiting(one).get("reason", ""), waiting(one).get("message", "")
    if reason in PULL_REASONS:
        yield _pull(key, one, reason, said)
    elif reason == "CreateContainerConfigError":
        hint = _ABSENT_HINT if _ABSENT.search(said) else ""
        error: ProvisionerError = ChartError(f"{where} cannot be configured: {said}", hint=hint)
        yield Trouble(("config", *key), error, CONFIG_GRACE)
    elif reason == "CreateContainerError":
        error = ChartError(f"{where} cannot be created: {said}")
        yield Trouble(("create", *key), error, CREATE_GRACE)
    elif terminated(one).get("reason") == "OOMKilled":
        yield from _out_of_memory(pod, one, where)
    elif reason == "CrashLoopBackOff":
        yield from _crashing(pod, one, where, observed)


def _pull(key: tuple[str, ...], one: Object, reason: str, said: str) -> Trouble:
    error = ChartError(f"image {one['image']} cannot be pulled: {said or reason}")
    final = reason in ("InvalidImageName", "ErrImageNeverPull") or any(
        each in said for each in FINAL_PULL_MESSAGES
    )
    return Trouble(("pull", *key), error, 0.0 if final else PULL_GRACE)


def _out_of_memory(pod: Object, one: Object, where: str) -> Iterator[Trouble]:
    if one.get("restartCount", 0) < OOM_RESTARTS:
        return
    limit = memory_limit(pod, one["name"])
    text = f"{where} was killed {one['restartCount']} times for using more memory than {limit}"
    yield Trouble(("memory", str(pod["metadata"]["name"]), str(one["name"])), CapacityError(text))


def _crashing(pod: Object, one: Object, where: str, observed: Observed) -> Iterator[Trouble]:
    restarts = one.get("restartCount", 0)
    waits_for = [*_services_awaited(pod, observed), *_workloads_coming_up(pod, observed)]
    if restarts < (PATIENT_RESTARTS if waits_for else RESTARTS):
        return
    end = terminated(one)
    tail = f" (it may wait for {', '.join(waits_for)})" if waits_for else ""
    text = f"{where} ends again and again, {restarts} restarts: {how_it_ended(end)}{tail}"
    error: ProvisionerError = ApplicationError(text)
    if end.get("reason") in ("StartError", "ContainerCannotRun"):
        error = ChartError(f"{where} cannot be started: {end.get('message', '').strip()}")
    yield Trouble(("crash", str(pod["metadata"]["name"]), str(one["name"])), error)


def _services_awaited(pod: Object, observed: Observed) -> list[str]:
    """Services of other pods that this pod's own settings name and that are not ready.

    An application may well crash while its database reads a long journal.
    """
    settings = json.dumps([_settings(one) for one in pod["spec"]["containers"]])
    labels = pod["metadata"].get("labels") or {}
    unready = [one for one in judge(observed) if one.kind == "Service" and not one.ready]
    return [
        f"Service {one.name}"
        for one in unready
        if re.search(rf"(?<![\w-]){re.escape(one.name)}(?![\w-])", settings)
        and not _serves(observed, one.name, labels)
    ]


def _workloads_coming_up(pod: Object, observed: Observed) -> list[str]:
    """Other workloads of the release that are not ready and do not crash themselves.

    A name may stand in a ConfigMap or a file, where nobody sees who waits for whom.
    """
    return [
        f"{one.kind} {one.name}"
        for one in judge(observed)
        if one.kind in MAKES_PODS and not one.ready and _comes_up(pod, one, observed)
    ]


def _comes_up(pod: Object, other: Status, observed: Observed) -> bool:
    live = observed.get(other.kind, other.name)
    if live is None:
        return True
    selector = live.get("spec", {}).get("selector") or {}
    pods = [one for one in observed.pods() if selector and selects(selector, labels_of(one))]
    return pod not in pods and not any(_crashes(one) for each in pods for one in containers(each))


def _crashes(container: Object) -> bool:
    reason = waiting(container).get("reason")
    return reason == "CrashLoopBackOff" or container.get("restartCount", 0) >= RESTARTS


def _settings(container: Object) -> list[object]:
    return [container.get(key) or [] for key in ("command", "args", "env")]


def _serves(observed: Observed, service: str, labels: dict[str, str]) -> bool:
    live = observed.get("Service", service) or {}
    selector = live.get("spec", {}).get("selector") or {}
    return all(labels.get(key) == value for key, value in selector.items())


def _given_up(observed: Observed) -> Iterator[Trouble]:
    """Custom resources whose operator says so. Some say it too early, and mend it: a grace."""
    for manifest in filter(custom.is_custom, observed.release):
        kind, name = custom.live_kind(manifest), manifest["metadata"]["name"]
        one = observed.get(kind, name)
        if one is not None and (said := custom.given_up(one)):
            error = OperatorError(f"{manifest['kind']} {name} was given up by its operator: {said}")
            yield Trouble(("operator", kind, name), error, OPERATOR_GRACE)


_NOT_ALLOWED = re.compile(r"violates PodSecurity|forbidden|is invalid|denied the request")


def _quota(observed: Observed) -> Iterator[Trouble]:
    """Pods that could not even be created. An event stays when it is over, so who it is about
    must still be short of pods."""
    for event in observed.of("Event"):
        kind, name = _maker(event.get("involvedObject") or {})
        if event.get("reason") == "FailedCreate" and _is_short_of_pods(kind, name, observed):
            error = _creation_error(f"{kind} {name}", event["message"])
            yield Trouble(("create", kind, name), error, QUOTA_GRACE)


def _maker(about: Object) -> tuple[str, str]:
    kind, name = str(about.get("kind")), str(about.get("name"))
    return ("Deployment", name.rpartition("-")[0]) if kind == "ReplicaSet" else (kind, name)


def _is_short_of_pods(kind: str, name: str, observed: Observed) -> bool:
    one = observed.get(kind, name)
    if one is None or name not in observed.named(kind):
        return False
    seen = one.get("status", {})
    if kind == "Job":
        return not any(seen.get(key) for key in ("active", "succeeded", "failed"))
    if kind == "DaemonSet":
        return bool(seen.get("currentNumberScheduled", 0) < seen.get("desiredNumberScheduled", 0))
    made = seen.get("replicas", 0)
    # A StatefulSet makes one pod after the other: only when all it has are ready is it stuck.
    return bool(made < replicas_wanted(one) and seen.get("readyReplicas", 0) >= made)


def _creation_error(who: str, message: str) -> ProvisionerError:
    text = f"{who} cannot create its pods: {message}"
    if is_no_room(message):
        return CapacityError(text, hint=HINT)
    if _NOT_ALLOWED.search(message):
        return ChartError(text)
    return ClusterError(text)
