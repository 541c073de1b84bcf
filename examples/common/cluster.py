"""kubectl and Helm against one cluster, by argv; whatever is secret goes through standard input."""

import base64
import json
import os
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import devcluster

Object = dict[str, Any]
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
"""Labels of a namespace that is held to the strictest of the Pod Security standards."""


class CommandError(Exception):
    """A program ended with an error; its own words are the message."""

    def __init__(self, argv: list[str], code: int, output: str) -> None:
        called = f"{Path(argv[0]).name} {' '.join(argv[2:5])} ..."
        super().__init__(f"{called} ended with {code}: {output}")
        self.code = code
        self.output = output


def environment() -> dict[str, str]:
    """Return ours without KUBECONFIG: which cluster is meant is always said."""
    return {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}


def run(argv: list[str], *, stdin: str | None = None, timeout: float = 120) -> str:
    """Run a program to its end and return its output."""
    done = subprocess.run(
        argv,
        input=stdin,
        text=True,
        capture_output=True,
        timeout=timeout,
        env=environment(),
        check=False,
    )
    if done.returncode != 0:
        raise CommandError(argv, done.returncode, (done.stderr or done.stdout).strip())
    return done.stdout


def stream(argv: list[str], *, stdin: str) -> Iterator[str]:
    """Run a program and give its output line by line, while it runs."""
    with subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a pipe that was asked for is not there")
        process.stdin.write(stdin)
        process.stdin.close()
        tail: deque[str] = deque(maxlen=5)
        for line in process.stdout:
            tail.append(line.rstrip())
            yield tail[-1]
    if process.returncode != 0:
        raise CommandError(argv, process.returncode, "\n".join(tail))


def secret(name: str, namespace: str, values: Mapping[str, str]) -> Object:
    """Return a Secret as an object to apply."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": dict(values),
    }


@dataclass(frozen=True)
class PodTarget:
    """A container of a workload's pod."""

    namespace: str
    workload: str
    container: str


@dataclass(frozen=True)
class Kube:
    """One cluster."""

    kubeconfig: Path

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout: float = 120) -> str:
        """Run kubectl and return its output."""
        return run(self.kubectl_argv(*arguments), stdin=stdin, timeout=timeout)

    def kubectl_argv(self, *arguments: str) -> list[str]:
        """Return the command line of a kubectl call."""
        kubectl = str(devcluster.binary("kubectl"))
        return [kubectl, f"--kubeconfig={self.kubeconfig}", *arguments]

    def helm(self, *arguments: str, timeout: float = 300) -> str:
        """Run Helm 4 and return its output."""
        helm = str(devcluster.binary("helm4"))
        return run([helm, f"--kubeconfig={self.kubeconfig}", *arguments], timeout=timeout)

    def apply(self, objects: Iterable[Object]) -> None:
        """Create or change objects; server-side, which keeps no second copy of what is secret."""
        document = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl(
            "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(document)
        )

    def get(self, kind: str, name: str, namespace: str) -> Object | None:
        """Return an object, or nothing if there is none of that name."""
        text = self.kubectl("get", kind, name, "-n", namespace, "--ignore-not-found", "-o", "json")
        found: Object | None = json.loads(text) if text.strip() else None
        return found

    def names(self, kind: str, *arguments: str) -> list[str]:
        """Return the names of all objects of a kind."""
        text = self.kubectl("get", kind, *arguments, "-o", "json")
        return [item["metadata"]["name"] for item in json.loads(text)["items"]]

    def ensure_namespace(self, name: str, labels: Mapping[str, str] | None = None) -> None:
        """Make a namespace where there is none."""
        metadata = {"name": name, "labels": dict(labels or {})}
        self.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}])

    def secret_values(self, name: str, namespace: str) -> dict[str, str] | None:
        """Return what a Secret holds, or nothing if there is none."""
        found = self.get("secret", name, namespace)
        if found is None:
            return None
        return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}

    def wait_for_rollout(self, namespace: str, workload: str, seconds: int = 240) -> None:
        """Wait until a workload runs as it should."""
        self.kubectl(
            "rollout",
            "status",
            workload,
            "-n",
            namespace,
            f"--timeout={seconds}s",
            timeout=seconds + 30,
        )

    def run_script(
        self, pod: PodTarget, interpreter: Sequence[str], source: str, argument: Object
    ) -> Iterator[str]:
        """Run a script in a workload's container, with one JSON argument; gives its lines."""
        where = ("-n", pod.namespace, pod.workload, "-c", pod.container)
        argv = self.kubectl_argv("exec", "-i", *where, "--", *interpreter, json.dumps(argument))
        return stream(argv, stdin=source)
