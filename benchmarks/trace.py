"""When containers started and ended, to the millisecond: the API itself counts whole seconds."""

import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from devcluster.configs import CONTAINERD_SOCKET
from examples.common.cluster import Kube

_EVENT = re.compile(r"^(\S+ \S+) \+0000 UTC \S+ /tasks/(start|exit) (\{.*\})$")


@dataclass
class Trace:
    """What happened, on the machine's clock, in seconds since the epoch."""

    started: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    """By the container's id."""
    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The last that was seen of each pod, by its uid."""
    made: dict[str, float] = field(default_factory=dict)
    """When a pod was first seen, by its uid."""
    ready: dict[str, float] = field(default_factory=dict)
    """When it was first seen ready."""

    def containers(self, namespace: str, fits: Callable[[dict[str, Any]], bool]) -> Iterator[str]:
        """Ids of the containers of a namespace's pods that fit."""
        for pod in self._pods(namespace, fits):
            status = pod.get("status", {})
            kinds = ("initContainerStatuses", "containerStatuses")
            for one in [each for kind in kinds for each in status.get(kind) or []]:
                if one.get("containerID"):
                    yield one["containerID"].rpartition("/")[2]

    def of_pods(
        self, times: Mapping[str, float], namespace: str, fits: Callable[[dict[str, Any]], bool]
    ) -> list[float]:
        """These times of a namespace's pods that fit."""
        return [times[pod["metadata"]["uid"]] for pod in self._pods(namespace, fits)]

    def _pods(
        self, namespace: str, fits: Callable[[dict[str, Any]], bool]
    ) -> Iterator[dict[str, Any]]:
        for pod in self.pods.values():
            if pod["metadata"]["namespace"] == namespace and fits(pod):
                yield pod


@contextmanager
def tracing(kube: Kube) -> Iterator[Trace]:
    """Trace all containers of the cluster while the block runs."""
    trace = Trace()
    ctr = ["ctr", "--address", str(CONTAINERD_SOCKET), "--namespace", "k8s.io", "events"]
    watch = kube.kubectl_argv(
        "get", "pods", "--all-namespaces", "--watch", "--output-watch-events", "-o", "json"
    )
    with _reading(ctr, trace, _read_events), _reading(watch, trace, _read_pods):
        time.sleep(0.5)  # both have to be listening
        yield trace
        time.sleep(0.5)  # and to have heard the last


@contextmanager
def _reading(
    argv: list[str], trace: Trace, read: Callable[[IO[str], Trace], None]
) -> Iterator[None]:
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("a pipe that was asked for is not there")
        reader = threading.Thread(target=read, args=(process.stdout, trace))
        reader.start()
        try:
            yield
        finally:
            process.terminate()
            reader.join()


def _read_events(lines: IO[str], trace: Trace) -> None:
    for line in lines:
        if not (found := _EVENT.match(line.strip())):
            continue
        told = json.loads(found[3])
        # An exec that ends in a container has an id of its own.
        if found[2] == "exit" and told.get("id", told["container_id"]) != told["container_id"]:
            continue
        times = trace.started if found[2] == "start" else trace.ended
        times.setdefault(told["container_id"], _seconds(found[1]))


def _seconds(text: str) -> float:
    day, _, clock = text.partition(" ")
    whole, _, fraction = clock.partition(".")
    moment = datetime.fromisoformat(f"{day}T{whole}").replace(tzinfo=UTC)
    return moment.timestamp() + float(f"0.{fraction or 0}")


def _read_pods(lines: IO[str], trace: Trace) -> None:
    for line in lines:  # one event each
        _take(json.loads(line)["object"], trace)


def _take(pod: dict[str, Any], trace: Trace) -> None:
    uid, now = pod["metadata"]["uid"], time.time()
    trace.pods[uid] = pod
    trace.made.setdefault(uid, now)
    status = pod.get("status", {})
    conditions = status.get("conditions") or []
    if any(one["type"] == "Ready" and one["status"] == "True" for one in conditions):
        trace.ready.setdefault(uid, now)
