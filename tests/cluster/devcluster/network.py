"""Pods that try to reach each other."""

import subprocess
import time
from collections.abc import Callable
from typing import Any

from tests.cluster.kube import Kubectl

IMAGE = "localhost/local-path-helper:dev"
_LISTEN = "nc -lkp 8080 & nc -lkp 9090 & wait"
_SOON = 10.0


def pod(namespace: str, name: str, script: str, **spec: Any) -> dict[str, Any]:
    """A pod that runs a script; its name is its label `app` too."""
    container = {
        "name": "main",
        "image": IMAGE,
        "command": ["tini", "--", "bash", "-c", script],
        **spec.pop("container", {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container], **spec},
    }


def server(namespace: str, name: str) -> dict[str, Any]:
    """A pod that listens on ports 8080 (named http) and 9090."""
    ports = [{"name": "http", "containerPort": 8080}, {"name": "admin", "containerPort": 9090}]
    return pod(namespace, name, _LISTEN, container={"ports": ports})


def policy(namespace: str, name: str, **spec: Any) -> dict[str, Any]:
    """A NetworkPolicy for all pods of the namespace unless it says otherwise."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": {}, **spec},
    }


class Net:
    """Two namespaces: `home` with web and client, `away` (labelled team=away) with guest."""

    def __init__(self, kubectl: Kubectl, home: str, away: str) -> None:
        self.kubectl, self.home, self.away = kubectl, home, away

    def start(self) -> None:
        """Start the pods and wait for them."""
        self.kubectl.run("label", "namespace", self.away, "team=away")
        for one in (server(self.home, "web"), server(self.home, "client")):
            self.kubectl.apply(one)
        self.kubectl.apply(server(self.away, "guest"))
        for namespace in (self.home, self.away):
            self.wait_ready(namespace)

    def wait_ready(self, namespace: str) -> None:
        """Wait for all pods of a namespace."""
        self.kubectl.run(
            "wait", "--for=condition=Ready", "pod", "--all", "-n", namespace, "--timeout=90s"
        )

    def address(self, name: str = "web") -> str:
        """The address of a pod at home."""
        path = "jsonpath={.status.podIP}"
        return self.kubectl.run("get", "pod", name, "-n", self.home, "-o", path)

    def client(self, *argv: str) -> bool:
        """Whether a command succeeds in the client."""
        return self._exec(self.home, "client", argv)

    def guest(self, *argv: str) -> bool:
        """Whether a command succeeds in the guest."""
        return self._exec(self.away, "guest", argv)

    def _exec(self, namespace: str, name: str, argv: tuple[str, ...]) -> bool:
        try:
            self.kubectl.run("exec", "-n", namespace, name, "--", *argv)
        except subprocess.CalledProcessError:
            return False
        return True


def reach(address: str, port: int) -> tuple[str, ...]:
    """A command that succeeds if a TCP port can be reached."""
    return ("nc", "-z", "-w", "1", address, str(port))


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true soon: what is applied takes effect a moment later."""
    deadline = time.monotonic() + _SOON
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return met
