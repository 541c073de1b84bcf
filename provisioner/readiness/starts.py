"""Since when each pod of the application has had its chance: a slow pull takes none of its time."""

from dataclasses import dataclass, field

from provisioner.cluster.api import Object
from provisioner.cluster.pods import containers, controller_of, has_run, is_finished
from provisioner.readiness.state import Observed, is_settled

FAIR_SHARE = 0.5
"""Of the time for readiness: a pod that had less of it, when it ran out, has not failed."""


@dataclass
class Starts:
    """When a container of each pod started last for its first time, by our own clock.

    A Job's pods count as one: each that is made because another failed would start it anew.
    """

    since: dict[tuple[str, int], float] = field(default_factory=dict)

    def look(self, observed: Observed, now: float) -> None:
        """Take in what runs now."""
        for pod in observed.pods():
            self.since.setdefault(_run(pod), now)

    def cut_off(self, observed: Observed, now: float, seconds: float) -> str:
        """A pod that is not done and had less than its share of so many seconds; else empty."""
        for pod in observed.pods():
            undone = not is_settled(pod) or works(pod)
            if undone and now - self.since.get(_run(pod), now) < FAIR_SHARE * seconds:
                return str(pod["metadata"]["name"])
        return ""


def works(pod: Object) -> bool:
    """Whether it is a Job's and has not ended: it is ready, and nobody knows what keeps it."""
    return controller_of(pod).get("kind") == "Job" and not is_finished(pod)


def held_up(pod: Object) -> bool:
    """Whether a container of it never started, while no init container's work keeps it."""
    inits = pod["spec"].get("initContainers") or []
    ending = {one["name"] for one in inits if one.get("restartPolicy") != "Always"}
    statuses = containers(pod)
    at_work = any(one["name"] in ending and has_run(one) and not _done(one) for one in statuses)
    return not statuses or (not at_work and not all(map(has_run, statuses)))


def _done(container: Object) -> bool:
    ended = (container.get("state") or {}).get("terminated") or {}
    return ended.get("exitCode") == 0


def _run(pod: Object) -> tuple[str, int]:
    owner = controller_of(pod)
    metadata = pod["metadata"]
    name = f"Job {owner['name']}" if owner.get("kind") == "Job" else metadata.get("uid")
    return str(name or metadata["name"]), sum(map(has_run, containers(pod)))
