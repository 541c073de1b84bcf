"""What a pod's object says, and what stands in its logs."""

import re
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.away import outlast
from provisioner.cluster.resources import POD

LOG_CHARACTERS = 64 * 1024
"""As much of a log's end as is kept; a runaway log must not fill our memory."""

MARKED_LINES, LINE_CHARACTERS = 1000, 2000
"""As much is kept of what is looked for in a whole log."""

FINAL_PULL_MESSAGES = ("not found", "manifest unknown", "pull access denied", "invalid reference")
"""What a registry says when another try will not help."""

PULL_REASONS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")


def selector_text(selector: Object) -> str:
    """A LabelSelector as the API's labelSelector parameter wants it."""
    parts = [f"{key}={value}" for key, value in selector.get("matchLabels", {}).items()]
    parts += [_expression_text(one) for one in selector.get("matchExpressions", [])]
    return ",".join(parts)


def _expression_text(expression: Object) -> str:
    key, values = str(expression["key"]), ",".join(expression.get("values") or [])
    return {
        "In": f"{key} in ({values})",
        "NotIn": f"{key} notin ({values})",
        "Exists": key,
        "DoesNotExist": f"!{key}",
    }[expression["operator"]]


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a LabelSelector fits these labels."""
    return all(labels.get(k) == v for k, v in selector.get("matchLabels", {}).items()) and all(
        _expression_fits(one, labels) for one in selector.get("matchExpressions", [])
    )


def _expression_fits(expression: Object, labels: dict[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or []
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[str(expression["operator"])]


def labels_of(one: Object) -> dict[str, str]:
    """The labels; none is as good as an empty set."""
    return one["metadata"].get("labels") or {}


def controller_of(one: Object) -> Object:
    """The owner that keeps an object, or an empty one."""
    owners = one["metadata"].get("ownerReferences") or []
    return next((each for each in owners if each.get("controller")), {})


def condition(one: Object, kind: str) -> Object:
    """The status condition of that type, or an empty object."""
    found = one.get("status", {}).get("conditions") or []
    return next((each for each in found if each["type"] == kind), {})


def holds(one: Object, kind: str) -> bool:
    """Whether that condition is True."""
    return bool(condition(one, kind).get("status") == "True")


def is_ready(pod: Object) -> bool:
    """Ready, and not on its way out."""
    return holds(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]


def is_finished(pod: Object) -> bool:
    """Whether nothing of it will run any more."""
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def containers(pod: Object) -> list[Object]:
    """The statuses of init containers and containers, in the order they start."""
    status = pod.get("status", {})
    return [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]


def waiting(container: Object) -> Object:
    """Why a container waits (``reason``, ``message``), or an empty object."""
    return container.get("state", {}).get("waiting") or {}


def terminated(container: Object) -> Object:
    """How a container ended, now or the last time, or an empty object."""
    return (
        container.get("state", {}).get("terminated")
        or container.get("lastState", {}).get("terminated")
        or {}
    )


def has_started(pod: Object) -> bool:
    """Whether any of its containers, init containers too, has ever run."""
    return any(map(has_run, containers(pod)))


def has_run(container: Object) -> bool:
    """Whether a container has ever run, by its status."""
    running = "running" in container.get("state", {})
    return bool(running or terminated(container) or container.get("restartCount", 0))


def unschedulable(pod: Object) -> str:
    """The scheduler's message when no node takes the pod, else an empty string."""
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable":
        return str(scheduled.get("message", "no node takes it"))
    return ""


def claims_of(pod: Object) -> list[str]:
    """Names of the claims that a pod mounts."""
    volumes = pod.get("spec", {}).get("volumes") or []
    return [
        str(one["persistentVolumeClaim"]["claimName"])
        for one in volumes
        if "persistentVolumeClaim" in one
    ]


async def read_log(
    cluster: Cluster,
    namespace: str,
    pod: str,
    container: str,
    *,
    lines: int,
    previous: bool = False,
) -> list[str]:
    """The last lines of a container's log; begun anew when the connection breaks.

    Raises:
        ClusterError: there is no log, or nobody to give it.
    """
    params = _log_of(container, previous) | {"tailLines": str(lines)}

    async def read() -> list[str]:
        async with _opened(cluster, namespace, pod, params) as log:
            return await _end_of(log, lines)

    return await outlast(read)


async def search_log(
    cluster: Cluster,
    namespace: str,
    pod: str,
    container: str,
    marks: re.Pattern[str],
    *,
    previous: bool = False,
) -> tuple[int, list[str]]:
    """How many lines a container's whole log has, and the newest of those with a mark.

    Raises:
        ClusterError: there is no log, or nobody to give it.
    """
    params = _log_of(container, previous)

    async def search() -> tuple[int, list[str]]:
        count, found = 0, deque[str](maxlen=MARKED_LINES)
        async with _opened(cluster, namespace, pod, params) as log:
            async for line in log:
                count += 1
                if marks.search(line):
                    found.append(line[:LINE_CHARACTERS])
        return count, list(found)

    return await outlast(search)


def _log_of(container: str, previous: bool) -> dict[str, str]:
    """Without limitBytes, which counts from where the tail begins: the newest would be left out."""
    return {"container": container, "previous": "true" if previous else "false"}


def _opened(
    cluster: Cluster, namespace: str, pod: str, params: Mapping[str, str]
) -> AbstractAsyncContextManager[AsyncIterator[str]]:
    return cluster.stream(POD, namespace, f"/{pod}/log", params, silence=10.0)


async def _end_of(log: AsyncIterator[str], lines: int) -> list[str]:
    kept, size = deque[str](), 0
    async for line in log:
        kept.append(line[-LOG_CHARACTERS:])
        size += len(kept[-1])
        while len(kept) > lines or size > LOG_CHARACTERS:
            size -= len(kept.popleft())
    return list(kept)
