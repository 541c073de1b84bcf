"""What hooks said last, as far as their pods are still there. Best effort, never an error."""

import asyncio
import contextlib
from collections.abc import Sequence

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import containers, controller_of, labels_of, read_log, terminated
from provisioner.cluster.resources import POD
from provisioner.errors import ClusterError
from provisioner.helm.hooks import is_hook
from provisioner.models.base import MANAGED_BY

LOG_LINES = 15
SECONDS = 10.0


async def last_words(cluster: Cluster, namespace: str) -> list[str]:
    """The last log lines of hooks' containers that failed."""
    lines: list[str] = []
    with contextlib.suppress(ClusterError, TimeoutError):
        async with asyncio.timeout(SECONDS):
            for pod, container in failed(await cluster.list_all(POD, namespace)):
                lines.append(f"log of container {container} of pod {pod}:")
                log = await read_log(cluster, namespace, pod, container, lines=LOG_LINES)
                lines += [f"  {line}" for line in log]
    return lines


def failed(pods: Sequence[Object]) -> list[tuple[str, str]]:
    """Pod and container of all that a hook or another Job ran, and that ended badly."""
    return [
        (pod["metadata"]["name"], one["name"])
        for pod in pods
        if not MANAGED_BY.items() <= labels_of(pod).items()
        if is_hook(pod) or controller_of(pod).get("kind") == "Job"
        for one in containers(pod)
        if terminated(one).get("exitCode")
    ]
