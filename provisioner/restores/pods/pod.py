"""A restore's pod: how far it got, by its container."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.ends import thrown_out
from provisioner.cluster.pods import unschedulable
from provisioner.errors import CapacityError, ClusterError, ConfigurationError, ProvisionerError
from provisioner.patience import Trouble

RESTIC = "restic"
"""The container that reads the repository."""

NOT_EMPTIED = 79
"""The exit code of a container that could not remove what lay where it had to restore: none of
restic's, and none of a shell's."""

UNSCHEDULABLE_GRACE = 30.0
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


def started(pod: Object, container: str = RESTIC) -> bool:
    """Whether the container runs or ran: from then on there is a log."""
    state = _state(pod, container)
    return "running" in state or "terminated" in state


def ended(pod: Object, container: str = RESTIC) -> Ended | None:
    """How the container ended, None while it has not.

    Raises:
        CapacityError: the node threw the pod out, or did not let it in.
        ClusterError: somebody removed it, or drained its node.
    """
    done = _state(pod, container).get("terminated")
    if error := thrown_out(pod):
        raise error
    if done is None:
        return None
    if done["exitCode"] and "deletionTimestamp" in pod["metadata"]:
        raise ClusterError(f"pod {pod['metadata']['name']} was deleted while it restored")
    return Ended(done["exitCode"], done.get("reason", ""), done.get("message", ""))


def troubles(pod: Object) -> list[Trouble]:
    """Why this pod will not start by itself; empty when it may."""
    if message := unschedulable(pod):
        error = CapacityError(f"the restore's pod fits no node: {message}")
        return [Trouble(("unschedulable",), error, UNSCHEDULABLE_GRACE)]
    waiting = (_not_started(pod, one) for one in pod["spec"]["containers"])
    found = thrown_out(pod) or next(filter(None, waiting), None)
    return [Trouble(("pod",), found)] if found else []


def _not_started(pod: Object, container: Object) -> ProvisionerError | None:
    waiting = _state(pod, container["name"]).get("waiting", {})
    reason, said = waiting.get("reason", ""), waiting.get("message", "")
    if reason in _PULL_REASONS:
        return ConfigurationError(
            f"the restore's image {container['image']} cannot be pulled: {said}",
            hint="name an image with restic in it under repositories[].restic.image"
            if container["name"] == RESTIC
            else "",
        )
    if reason in _CONFIG_REASONS and not _PASSING.search(said):
        return ClusterError(f"the restore's container cannot be started: {said or reason}")
    return None


def _state(pod: Object, container: str) -> Mapping[str, Any]:
    statuses = pod.get("status", {}).get("containerStatuses") or []
    own: Object = next((one for one in statuses if one["name"] == container), {})
    state: Mapping[str, Any] = own.get("state") or {}
    return state
