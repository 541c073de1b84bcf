"""Where a session's time to the verdict goes: the tools underneath, and everything of ours.

The critical path is restic's own seconds on the longest restore, and the application's from its
first container's start until it is ready. All the rest is overhead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmarks.sides import Run
from provisioner.models.base import GROUP

_ROLE = f"{GROUP}/role"


@dataclass(frozen=True)
class Overhead:
    """One session's seconds, by what they went into, in their order."""

    parts: Mapping[str, float]
    restore: float
    application: float

    @property
    def seconds(self) -> float:
        """What is neither restic's nor the application's."""
        return sum(self.parts.values())


def overhead(run: Run) -> Overhead:
    """Take a session's time apart."""
    sandbox, trace, restores = run.report["sandbox"], run.trace, _restores(run)
    begun, done = max(restores, key=lambda times: times[1] - times[0])
    last = max(end for _, end in restores)
    first = min(trace.started[one] for one in trace.containers(sandbox, _is_application))
    ready = trace.ready_at(sandbox, _is_application)
    phases = {one["name"]: one for one in run.report["phases"]}
    restoring, installing = _began(phases["restore"]), _began(phases["install"])
    parts = {
        "start of the program": _began(phases["plan"]) - run.began,
        "plan and sandbox": restoring - _began(phases["plan"]),
        "volumes and the restore's pod": begun - restoring,
        "restores that ended later": last - done,
        "end of the restores": installing - last,
        "helm install and the application's pod": first - installing,
        "checks": run.verdict_at - ready,
    }
    return Overhead(parts, done - begun, ready - first)


def restore_seconds(run: Run) -> list[float]:
    """How long each restore's container ran."""
    return [end - start for start, end in _restores(run)]


def restore_span(run: Run) -> float:
    """From the first restore's start to the last one's end."""
    times = _restores(run)
    return max(end for _, end in times) - min(start for start, _ in times)


def _restores(run: Run) -> list[tuple[float, float]]:
    found = run.trace.containers(run.report["sandbox"], _is_restore)
    return [(run.trace.started[one], run.trace.ended[one]) for one in found]


def _began(phase: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(phase["startedAt"]).timestamp()


def _is_restore(pod: Mapping[str, Any]) -> bool:
    return _labels(pod).get(_ROLE) == "restore"


def _is_application(pod: Mapping[str, Any]) -> bool:
    return _ROLE not in _labels(pod)


def _labels(pod: Mapping[str, Any]) -> Mapping[str, str]:
    return pod["metadata"].get("labels") or {}
