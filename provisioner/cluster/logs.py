"""Logs of containers as they are written."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from provisioner.cluster.api import Cluster
from provisioner.cluster.resources import POD


@dataclass(frozen=True)
class LogRequest:
    """Which part of a log. ``lines`` None is all of it."""

    follow: bool = False
    previous: bool = False
    lines: int | None = None


async def stream_log(
    cluster: Cluster, namespace: str, pod: str, container: str, request: LogRequest
) -> AsyncIterator[str]:
    """The lines of a container's log; followed, until the container ends.

    Raises:
        ClusterError: there is no log, or the connection broke.
    """
    params = {"container": container}
    if request.follow:
        params["follow"] = "true"
    if request.previous:
        params["previous"] = "true"
    if request.lines is not None:
        params["tailLines"] = str(request.lines)
    async with cluster.stream(POD, namespace, f"/{pod}/log", params) as lines:
        async for line in lines:
            yield line
