"""The two sides of the comparison: a session, and the runbook, each timed to its verdict."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

import devcluster
from benchmarks.trace import Trace, tracing
from examples.common.cluster import Kube, environment
from examples.wordpress.demo.production import EXAMPLE

RUNBOOK = Path(__file__).with_name("runbook.sh")
PROVISIONER = Path(sys.executable).with_name("provisioner")
SECONDS = 600


@dataclass(frozen=True)
class Timed:
    """One run: seconds from the process' start to the verdict, and until nothing was left."""

    to_verdict: float
    to_gone: float


@dataclass(frozen=True)
class Run:
    """A session with all that was seen of it. ``began`` is in seconds since the epoch."""

    timed: Timed
    report: dict[str, Any]
    trace: Trace
    began: float
    peak_bytes: int
    requests: int
    """To the API server, without those of Helm."""

    @property
    def verdict_at(self) -> float:
        """When the verdict was recorded, in seconds since the epoch."""
        return datetime.fromisoformat(self.report["verdictAt"]).timestamp()


def tools() -> dict[str, str]:
    """The environment in which both find the same Helm, restic and kubectl."""
    folders = [str(devcluster.binary(name).parent) for name in ("helm4", "restic", "kubectl")]
    return {**environment(), "PATH": os.pathsep.join([*folders, os.environ["PATH"]])}


def run_session(kube: Kube, document: Mapping[str, Any], *, passed: bool = True) -> Run:
    """Run a verifier as its user does."""
    with tempfile.TemporaryDirectory() as folder, tracing(kube) as trace:
        path, log = Path(folder, "verifier.yaml"), Path(folder, "log")
        path.write_text(yaml.safe_dump(dict(document)))
        argv = [str(PROVISIONER), "run", str(path), "--output", "json", "--verbose"]
        argv += ["--kubeconfig", str(kube.kubeconfig)]
        state = {**tools(), "XDG_STATE_HOME": folder}
        began = time.time()
        with log.open("w") as said:
            child = subprocess.Popen(argv, env=state, stdout=subprocess.PIPE, stderr=said)
            out = child.stdout.read() if child.stdout else b""
            _, status, used = os.wait4(child.pid, 0)
        ended = time.time()
        if passed and os.waitstatus_to_exitcode(status) != 0:
            raise RuntimeError(f"the session did not pass:\n{log.read_text()}")
        asked = re.search(r"(\d+) requests to the API server", log.read_text())
    report = json.loads(out)
    verdict = datetime.fromisoformat(report["verdictAt"]).timestamp()
    timed = Timed(verdict - began, ended - began)
    requests = int(asked[1]) if asked else 0
    return Run(timed, report, trace, began, used.ru_maxrss * 1024, requests)


def run_by_hand(kube: Kube, namespace: str, values: Mapping[str, Any]) -> Timed:
    """Follow the runbook, and clean up after it."""
    began = time.monotonic()
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(dict(values), file)
            file.flush()
            _follow(kube, namespace, file.name)
        verdict = time.monotonic()
    finally:
        kube.kubectl("delete", "namespace", namespace, timeout=SECONDS)
    return Timed(verdict - began, time.monotonic() - began)


def _follow(kube: Kube, namespace: str, values: str) -> None:
    argv = [str(RUNBOOK), namespace, str(EXAMPLE / "chart"), values]
    env = {**tools(), "KUBECONFIG": str(kube.kubeconfig)}
    subprocess.run(argv, env=env, check=True, timeout=SECONDS)
