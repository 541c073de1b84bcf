"""What an expert would look up when an application is not ready. Best effort, never an error."""

import asyncio
import contextlib
import re
from collections.abc import Iterator

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import (
    claims_of,
    containers,
    read_log,
    terminated,
    unschedulable,
    waiting,
)
from provisioner.errors import ClusterError
from provisioner.readiness.ends import how_it_ended
from provisioner.readiness.rules import judge
from provisioner.readiness.starts import works
from provisioner.readiness.state import Observed, is_settled

LOG_LINES = 15
LOG_INDENT = "    "
SECONDS = 15.0
"""For all logs together: a diagnosis must not hold up the teardown."""

_PODS = 6
_EVENTS = 5
_LINE = 300

_HEALTH_SCRIPT = re.compile(r"healthcheck\.sh|\.my-healthcheck\.cnf")
_HEALTH_HINT = (
    "its health script may need a hidden file of the data directory"
    " (.my-healthcheck.cnf): a backup without hidden files leaves it out"
)


async def diagnose(cluster: Cluster, namespace: str, observed: Observed) -> list[str]:
    """Lines about each object that is not ready, and each of its pods."""
    lines = [str(one) for one in judge(observed) if not one.ready]
    lines += list(_creation_lines(observed))
    for pod in [one for one in observed.pods() if not is_settled(one) or works(one)][:_PODS]:
        lines += pod_lines(pod, observed)
        with contextlib.suppress(ClusterError, TimeoutError):
            async with asyncio.timeout(SECONDS / _PODS):
                lines += await _log_lines(cluster, namespace, pod)
    return _with_hints([line.rstrip()[:_LINE] for line in lines])


def pod_lines(pod: Object, observed: Observed) -> list[str]:
    """What the pod's own object, its claims and its events say."""
    name = pod["metadata"]["name"]
    lines = [f"pod {name}: {pod.get('status', {}).get('phase', 'Unknown')}"]
    if message := unschedulable(pod):
        lines.append(f"  not scheduled: {message}")
    lines += [f"  container {one['name']}: {container_state(one)}" for one in containers(pod)]
    lines += [_claim_line(claim, observed) for claim in claims_of(pod)]
    lines += list(_event_lines(observed.warnings("Pod", name)))
    for claim in claims_of(pod):
        lines += list(_event_lines(observed.warnings("PersistentVolumeClaim", claim)))
    return lines


def container_state(one: Object) -> str:
    """A container's state in words."""
    state, end = one.get("state", {}), terminated(one)
    restarts = one.get("restartCount", 0)
    again = f", {restarts} restarts" if restarts else ""
    before = f", before that: {how_it_ended(end)}" if end and "terminated" not in state else ""
    if "running" in state:
        return f"running, {'ready' if one.get('ready') else 'not ready'}{again}{before}"
    if "terminated" in state:
        said = f": {end['message'].strip()}" if end.get("message") else ""
        return f"ended, {how_it_ended(end)}{said}{again}"
    said = f": {waiting(one)['message']}" if waiting(one).get("message") else ""
    return f"waiting, {waiting(one).get('reason', 'no reason given')}{said}{again}{before}"


def _claim_line(name: str, observed: Observed) -> str:
    claim = observed.get("PersistentVolumeClaim", name)
    if claim is None:
        return f"  claim {name}: does not exist"
    capacity = claim.get("status", {}).get("capacity", {}).get("storage", "")
    phase = claim.get("status", {}).get("phase", "Pending")
    return f"  claim {name}: {phase} {capacity}".rstrip()


def _event_lines(events: list[Object]) -> Iterator[str]:
    for one in events[-_EVENTS:]:
        times = (one.get("series") or {}).get("count") or one.get("count") or 1
        yield f"  event {one.get('reason', '')} (seen {times}x): {one.get('message', '').strip()}"


def _creation_lines(observed: Observed) -> Iterator[str]:
    failed = [one for one in observed.of("Event") if one.get("reason") == "FailedCreate"]
    for one in failed[-_EVENTS:]:
        about = one.get("involvedObject") or {}
        yield f"{about.get('kind')}/{about.get('name')}: {one.get('message', '').strip()}"


async def _log_lines(cluster: Cluster, namespace: str, pod: Object) -> list[str]:
    lines: list[str] = []
    for one in containers(pod):
        ran = terminated(one) or "running" in one.get("state", {})
        if not ran or (one.get("ready") and not works(pod)):
            continue
        if terminated(one).get("exitCode") == 0 and "terminated" in one.get("state", {}):
            continue
        # The log of the run that failed: the one before when the container was started again.
        previous = bool(one.get("restartCount")) and "terminated" not in one.get("state", {})
        title = f"  log of {one['name']}{', the run before' if previous else ''}:"
        lines += [title, *await _tail(cluster, namespace, pod, one["name"], previous=previous)]
        if previous and "running" in one.get("state", {}):
            tail = await _tail(cluster, namespace, pod, one["name"], previous=False)
            lines += [f"  log of {one['name']}, this run:", *tail]
    return lines


async def _tail(
    cluster: Cluster, namespace: str, pod: Object, container: str, *, previous: bool
) -> list[str]:
    name = str(pod["metadata"]["name"])
    try:
        log = await read_log(
            cluster, namespace, name, container, lines=LOG_LINES, previous=previous
        )
    except ClusterError as error:
        return [f"{LOG_INDENT}(not to be had: {error})"]
    return [f"{LOG_INDENT}{line}" for line in log] or [f"{LOG_INDENT}(empty)"]


def _with_hints(lines: list[str]) -> list[str]:
    if any(_HEALTH_SCRIPT.search(line) for line in lines):
        return [*lines, f"hint: {_HEALTH_HINT}"]
    return lines
