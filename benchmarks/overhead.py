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
    """One session's seconds, by what they went into, in their order.

    ``cluster`` is what Kubernetes itself took of the way, whoever asks: scheduling and starting
    pods. It counts as overhead all the same.
    """

    ours: Mapping[str, float]
    cluster: Mapping[str, float]
    restore: float
    application: float

    @property
    def seconds(self) -> float:
        """What is neither restic's nor the application's."""
        return sum(self.ours.values()) + sum(self.cluster.values())


def overhead(run: Run) -> Overhead:
    """Take a session's time apart."""
    sandbox, trace, restores = run.report["sandbox"], run.trace, _restores(run)
    begun, done = max(restores, key=lambda times: times[1] - times[0])
    last = max(end for _, end in restores)
    first = min(trace.started[one] for one in trace.containers(sandbox, _is_application))
    ready = max(trace.of_pods(trace.ready, sandbox, _is_application))
    restoring_pod = min(trace.of_pods(trace.made, sandbox, _is_restore))
    application_pod = min(trace.of_pods(trace.made, sandbox, _is_application))
    phases = {one["name"]: _began(one) for one in run.report["phases"]}
    return Overhead(
        ours={
            "start of the program": phases["plan"] - run.began,
            "plan and sandbox": phases["restore"] - phases["plan"],
            "making the restores' pods": restoring_pod - phases["restore"],
            "noticing their end, removing them and the credentials": phases["install"] - last,
            "helm install": application_pod - phases["install"],
            "noticing readiness, and the checks": run.verdict_at - ready,
        },
        cluster={
            "starting the restores' pods": begun - restoring_pod,
            "a shorter restore that ended later": last - done,
            "starting the application's pods": first - application_pod,
        },
        restore=done - begun,
        application=ready - first,
    )


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
