"""Containers without a readiness probe count as ready the moment they start.

One that ends a second later was ready too, for that second. So each has to keep running for a
while before it is believed; containers with a probe have spoken for themselves.
"""

from dataclasses import dataclass, field

from provisioner.cluster.api import Object
from provisioner.cluster.pods import containers
from provisioner.readiness.state import Observed, controller_of

SETTLE = 3.0
"""Seconds that a container without a probe has to run."""

SETTLE_AGAIN = 20.0
"""The same for one that has ended before: it may well do so again."""

Run = tuple[str, str, int]
"""Pod's uid, container's name, restarts before."""


@dataclass
class Settling:
    """Since when each run of a container has been seen, by our own clock."""

    since: dict[Run, float] = field(default_factory=dict)

    def unsettled(self, observed: Observed, now: float) -> str:
        """A container that has not run long enough yet, in words; empty when all have."""
        runs = _runs_without_probe(observed)
        self.since = {run: self.since.get(run, now) for run in runs}
        for run, name in runs.items():
            if now - self.since[run] < (SETTLE_AGAIN if run[2] else SETTLE):
                return f"{name} to keep running: it has no readiness probe"
        return ""


def _runs_without_probe(observed: Observed) -> dict[Run, str]:
    return {
        (_uid(pod), str(one["name"]), int(one.get("restartCount", 0))): _named(pod, one)
        for pod in observed.pods()
        if controller_of(pod).get("kind") != "Job"
        for one in containers(pod)
        if "running" in one.get("state", {}) and one["name"] in _without_probe(pod)
    }


def _uid(pod: Object) -> str:
    return str(pod["metadata"].get("uid", pod["metadata"]["name"]))


def _named(pod: Object, container: Object) -> str:
    return f"container {container['name']} of pod {pod['metadata']['name']}"


def _without_probe(pod: Object) -> set[str]:
    return {one["name"] for one in pod["spec"]["containers"] if not one.get("readinessProbe")}
