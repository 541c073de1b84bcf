"""Containers without a readiness probe count as ready the moment they start.

One that ends a second later was ready too, for that second. So each has to keep running for a
while before it is believed; containers with a probe have spoken for themselves.

A custom resource without any status was not looked at yet by its operator, or never will be: so
it counts as done a while after it was first seen.
"""

from dataclasses import dataclass, field

from provisioner.cluster.api import Object
from provisioner.cluster.pods import containers, controller_of
from provisioner.readiness import custom
from provisioner.readiness.state import Observed

SETTLE = 3.0
"""Seconds that a container without a probe has to run."""

SETTLE_AGAIN = 20.0
"""The same for one that has ended before: it may well do so again."""

SILENT = 10.0
"""Seconds that an operator may take for the first status of a custom resource."""

Run = tuple[str, str, int]
"""Pod's uid, container's name, restarts before; of a custom resource its kind, name and a 0."""


@dataclass
class Settling:
    """Since when each run of a container, and each silent resource, has been seen: our clock."""

    since: dict[Run, float] = field(default_factory=dict)

    def unsettled(self, observed: Observed, now: float) -> str:
        """What has not been as it is for long enough yet, in words; empty when all have."""
        runs, silent = _runs_without_probe(observed), _silent(observed)
        self.since = {one: self.since.get(one, now) for one in [*runs, *silent]}
        for run, name in runs.items():
            if now - self.since[run] < (SETTLE_AGAIN if run[2] else SETTLE):
                return f"{name} to keep running: it has no readiness probe"
        for one, name in silent.items():
            if now - self.since[one] < SILENT:
                return f"the first status of {name}"
        return ""


def _silent(observed: Observed) -> dict[Run, str]:
    """Custom resources whose operator has said nothing at all of them."""
    found: dict[Run, str] = {}
    for one in filter(custom.is_custom, observed.release):
        kind, name = custom.live_kind(one), one["metadata"]["name"]
        live = observed.get(kind, name)
        if live is not None and not live.get("status"):
            found[kind, name, 0] = f"{one['kind']} {name}"
    return found


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
