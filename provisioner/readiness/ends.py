"""Jobs and bare pods of the release that ended badly, and by whose fault: nobody runs them again.

Their pods tell. A Job's own condition names a limit that was hit, whatever led there.
"""

import re
from collections.abc import Iterator, Sequence

from provisioner.cluster.api import Object
from provisioner.cluster.ends import out_of_memory, thrown_out
from provisioner.cluster.pods import (
    condition,
    containers,
    controller_of,
    has_started,
    terminated,
    unschedulable,
)
from provisioner.cluster.room import HINT, is_no_room
from provisioner.errors import ApplicationError, CapacityError, ClusterError, ProvisionerError
from provisioner.patience import Trouble
from provisioner.readiness.state import Observed, is_true

LAG = 3.0
"""What is seen of a Job's pods may come a moment after the Job's own end."""


def failed_jobs(observed: Observed) -> Iterator[Trouble]:
    """Jobs of the release that are tried no more."""
    for name in observed.named("Job"):
        one = observed.get("Job", name)
        if one is not None and is_true(one, "Failed", "FailureTarget"):
            yield _failed_job(one, observed)


def failed_pod(pod: Object) -> ProvisionerError:
    """What it means that a pod that nobody makes anew has failed."""
    name = pod["metadata"]["name"]
    own = ApplicationError(f"pod {name} failed: {_ends(pod)}")
    return thrown_out(pod) or out_of_memory(pod) or own


def how_it_ended(end: Object) -> str:
    """A terminated container's exit in words."""
    if not end:
        return "no exit code"
    reason = end.get("reason", "")
    suffix = f" ({reason})" if reason not in ("", "Error", "Completed") else ""
    return f"exit code {end.get('exitCode', 'unknown')}{suffix}"


def _ends(pod: Object) -> str:
    ends = [(one["name"], terminated(one)) for one in containers(pod)]
    bad = [f"{name}: {how_it_ended(end)}" for name, end in ends if end.get("exitCode")]
    return "; ".join(bad) or "no reason given"


def _failed_job(job: Object, observed: Observed) -> Trouble:
    key = ("job", str(job["metadata"]["name"]))
    pods = [one for one in observed.of("Pod") if _is_of(one, job)]
    for pod in pods:
        if error := thrown_out(pod) or out_of_memory(pod):
            return Trouble(key, error)
    if any(map(_ended_badly, pods)):
        return Trouble(key, ApplicationError(_told(job)))
    return Trouble(key, _unseen_end(job, pods, observed), LAG)


def _is_of(pod: Object, job: Object) -> bool:
    owner = controller_of(pod)
    return bool(owner and (owner["kind"], owner["name"]) == ("Job", job["metadata"]["name"]))


def _ended_badly(pod: Object) -> bool:
    return any(terminated(one).get("exitCode") for one in containers(pod))


def _told(job: Object) -> str:
    said = _end(job).get("message", "no reason given")
    return f"Job {job['metadata']['name']} failed: {said}"


def _end(job: Object) -> Object:
    return condition(job, "Failed") or condition(job, "FailureTarget")


def _unseen_end(job: Object, pods: Sequence[Object], observed: Observed) -> ProvisionerError:
    """A Job that hits a limit of its own removes its pods: their events tell what became of them.

    What never started was not tried on the restored data.
    """
    text = _told(job)
    events = [one for one in observed.of("Event") if _is_about_pod_of(one, job)]
    if any(map(has_started, pods)) or any(one.get("reason") == "Started" for one in events):
        if _keeps_failed_pods(job):
            return ClusterError(f"{text}; its pod is gone: was its node drained?")
        return ApplicationError(text)
    refused = [one for one in observed.warnings("Job", job["metadata"]["name"]) if _no_room(one)]
    if refused:
        return CapacityError(f"{text}; {refused[-1]['message']}", hint=HINT)
    homeless = [one["message"] for one in events if one.get("reason") == "FailedScheduling"]
    homeless += [said for said in map(unschedulable, pods) if said]
    if homeless:
        return CapacityError(f"{text}; no node took its pod: {homeless[-1]}")
    return ClusterError(f"{text}; no pod of it ever started")


def _keeps_failed_pods(job: Object) -> bool:
    """A pod that may not start its containers again stays when it has failed, to be counted."""
    policy = job["spec"].get("template", {}).get("spec", {}).get("restartPolicy")
    return policy == "Never" and _end(job).get("reason") == "BackoffLimitExceeded"


def _is_about_pod_of(event: Object, job: Object) -> bool:
    about, prefix = event.get("involvedObject") or {}, f"{job['metadata']['name']}-"[:58]
    fits = re.fullmatch(rf"{re.escape(prefix)}(\d+-)?[a-z0-9]{{5}}", str(about.get("name")))
    return about.get("kind") == "Pod" and bool(fits)


def _no_room(event: Object) -> bool:
    return event.get("reason") == "FailedCreate" and is_no_room(event.get("message", ""))
