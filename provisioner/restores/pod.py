"""A restore's pod: how far it got. Its containers tell; the Job's condition lags by seconds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.pods import is_finished
from provisioner.errors import CapacityError, ClusterError, ConfigurationError, ProvisionerError

UNSCHEDULABLE_GRACE = timedelta(seconds=30)
"""A claim being provisioned, or a node being added, looks unschedulable at first."""

_PULL_REASONS = {"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
_PASSING = re.compile(r"failed to sync|timed out", re.IGNORECASE)
"""What a busy kubelet says of a Secret that it has not seen yet, and tries again."""

_CONFIG_REASONS = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}


@dataclass(frozen=True)
class Ended:
    """How the restore's container ended."""

    exit_code: int
    reason: str
    message: str


def started(pod: Object) -> bool:
    """Whether the container runs or ran: from then on there is a log."""
    state = _state(pod)
    return "running" in state or "terminated" in state


def over(pod: Object) -> bool:
    """Whether nothing of it runs any more, nor will."""
    return "terminated" in _state(pod) or is_finished(pod)


def ended(pod: Object) -> Ended | None:
    """How the container ended, None while it has not.

    Raises:
        CapacityError: the node threw the pod out.
    """
    done, status = _state(pod).get("terminated"), pod.get("status", {})
    thrown_out = status.get("reason") == "Evicted"
    if done is not None and not thrown_out:
        return Ended(done["exitCode"], done.get("reason", ""), done.get("message", ""))
    if status.get("phase") == "Failed":
        said = status.get("message") or status.get("reason") or "no reason given"
        raise CapacityError(f"the node ended the restore's pod: {said}")
    return None


def trouble(pod: Object, now: datetime) -> ProvisionerError | None:
    """Why this pod will not start by itself, None when it may."""
    waiting = _state(pod).get("waiting", {})
    reason, said = waiting.get("reason", ""), waiting.get("message", "")
    if reason in _PULL_REASONS:
        image = pod["spec"]["containers"][0]["image"]
        return ConfigurationError(
            f"the restore's image {image} cannot be pulled: {said}",
            hint="name an image with restic in it under repositories[].restic.image",
        )
    if reason in _CONFIG_REASONS and not _PASSING.search(said):
        return ClusterError(f"the restore's container cannot be started: {said or reason}")
    return _unschedulable(pod, now)


def _unschedulable(pod: Object, now: datetime) -> CapacityError | None:
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "PodScheduled" and condition.get("reason") == "Unschedulable":
            since = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
            if now - since > UNSCHEDULABLE_GRACE:
                return CapacityError(f"the restore's pod fits no node: {condition['message']}")
    return None


def _state(pod: Object) -> Mapping[str, Any]:
    statuses = pod.get("status", {}).get("containerStatuses") or [{}]
    state: Mapping[str, Any] = statuses[0].get("state") or {}
    return state
