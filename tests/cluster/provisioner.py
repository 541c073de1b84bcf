"""The console script as a user runs it: a process, its report, and what it left behind."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

import devcluster
from tests.cluster.kube import Kubectl, environment

PROGRAM = Path(sys.executable).with_name("provisioner")
REPORT_SCHEMA = Path(__file__).parents[2] / "schemas" / "report.schema.json"
PLAN_SCHEMA = REPORT_SCHEMA.with_name("plan.schema.json")
RUN_SECONDS = 400
RECORD_COMMANDS = ("sessions", "show", "report", "logs", "shell", "open")
"""They ask no cluster, or the one that the session's record names."""
HELM_COMMANDS = ("reap", "release", "doctor")


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    exit_code: int
    report: dict[str, Any]
    told: str

    @property
    def verdict(self) -> tuple[str, str | None]:
        return self.report["outcome"], self.report.get("cause")

    def check(self, name: str) -> dict[str, Any]:
        return next(one for one in self.report["checks"] if one["name"] == name)


@dataclass(frozen=True)
class Planned:
    """What ``plan`` said."""

    exit_code: int
    out: str
    told: str

    @property
    def plan(self) -> dict[str, Any]:
        plan = json.loads(self.out)
        jsonschema.validate(plan, json.loads(PLAN_SCHEMA.read_text()))
        return dict(plan)


class Provisioner:
    """``provisioner`` with one Helm, against the tests' cluster."""

    def __init__(self, kubeconfig: Path, helm: Path, folder: Path) -> None:
        self.kubectl = Kubectl(kubeconfig)
        self._folder = folder
        self.helm = helm
        self._children: list[subprocess.Popen[str]] = []

    def run(self, document: Mapping[str, Any], *arguments: str) -> Ended:
        return self.finish(self._start(document, *arguments), "")

    def plan(self, document: Mapping[str, Any], *arguments: str) -> Planned:
        argv = [str(PROGRAM), "plan", *self._arguments(document), *arguments]
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=RUN_SECONDS,
            env=self.environment,
        )  # fmt: skip
        return Planned(done.returncode, done.stdout, done.stderr)

    def interrupt(self, document: Mapping[str, Any], when: str, with_: signal.Signals) -> Ended:
        """Run, and send a signal as soon as a line of the progress says ``when``."""
        return self.act(document, when, lambda child, _: child.send_signal(with_))

    def act(
        self,
        document: Mapping[str, Any],
        when: str,
        action: Callable[["subprocess.Popen[str]", str], object],
    ) -> Ended:
        """Run, and do something as soon as a line says ``when``; it gets the sandbox's name."""
        child, told = self.start_until(document, when)
        session = told.split("session ", 1)[1].split(":", 1)[0]
        action(child, f"verify-{session}")
        return self.finish(child, told)

    def kill(self, document: Mapping[str, Any], when: str) -> None:
        """Run, and end it then with kill -9: it cleans nothing up."""
        child, _ = self.start_until(document, when)
        child.kill()
        child.communicate()

    def start_until(
        self, document: Mapping[str, Any], when: str, *arguments: str
    ) -> "tuple[subprocess.Popen[str], str]":
        """Run until a line of the progress says ``when``; the process, and what it said."""
        child, told = self._start(document, *arguments), ""
        assert child.stderr is not None
        for line in child.stderr:
            told += line
            if when in line:
                return child, told
        raise AssertionError(f"never said {when!r}:\n{told}")

    def call(
        self, command: str, *arguments: str, stdin: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Another command than ``run``, on the same records."""
        argv = [str(PROGRAM), command]
        if command not in RECORD_COMMANDS:
            argv += ["--kubeconfig", str(self.kubectl.kubeconfig)]
        if command in HELM_COMMANDS:
            argv += ["--helm", str(self.helm)]
        return subprocess.run(
            [*argv, *arguments], capture_output=True, text=True, check=False, input=stdin,
            timeout=RUN_SECONDS, env=self.environment,
        )  # fmt: skip

    def begin(self, *arguments: str, **more: Any) -> "subprocess.Popen[str]":
        """Start a command that goes on until it is stopped."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | more
        child = subprocess.Popen(
            [str(PROGRAM), *arguments], text=True, env=self.environment, **streams
        )
        self._children.append(child)
        return child

    def detach(self, document: Mapping[str, Any], *arguments: str) -> dict[str, Any]:
        """Run in a process of its own; what was said of it."""
        more = ["--detach", "--output", "json", *arguments]
        done = subprocess.run(
            [str(PROGRAM), "run", *self._arguments(document), *more],
            capture_output=True, text=True, check=False, timeout=RUN_SECONDS, env=self.environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    @property
    def environment(self) -> dict[str, str]:
        """With records of its own."""
        return environment(XDG_STATE_HOME=str(self._folder))

    def _start(self, document: Mapping[str, Any], *arguments: str) -> "subprocess.Popen[str]":
        argv = [str(PROGRAM), "run", *self._arguments(document), "--output", "json", *arguments]
        child = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment,
        )  # fmt: skip
        self._children.append(child)
        return child

    def _arguments(self, document: Mapping[str, Any]) -> list[str]:
        path = self._folder / "verifier.yaml"
        # JSON is YAML, and leaves no text that reads as a number, such as the id 8608e076.
        path.write_text(json.dumps(document, indent=2))
        return [
            str(path), "--kubeconfig", str(self.kubectl.kubeconfig),
            "--helm", str(self.helm), "--restic", str(devcluster.binary("restic")),
        ]  # fmt: skip

    def finish(self, child: "subprocess.Popen[str]", told: str = "") -> Ended:
        ended = self._end_of(child, told)
        self.demand_nothing_left(ended.report)
        return ended

    def run_leaking(self, document: Mapping[str, Any]) -> Ended:
        """Run what is known to leave something behind; the caller has to remove it."""
        return self._end_of(self._start(document), "")

    def _end_of(self, child: "subprocess.Popen[str]", told: str) -> Ended:
        stdout, stderr = child.communicate(timeout=RUN_SECONDS)
        told += stderr
        assert stdout, f"no report; it said:\n{told}"
        report = json.loads(stdout)
        jsonschema.validate(report, json.loads(REPORT_SCHEMA.read_text()))
        return Ended(child.returncode, report, told)

    def demand_nothing_left(self, report: Mapping[str, Any]) -> None:
        """No namespace, no volume: asked of the cluster, not of the report."""
        assert report["cleanup"] == "Clean", report
        sandbox = report["sandbox"]
        assert sandbox not in self.kubectl.names("namespaces")
        volumes = self.kubectl.items("persistentvolumes")
        left = [v for v in volumes if v["spec"].get("claimRef", {}).get("namespace") == sandbox]
        assert not left

    def demand_nothing_runs(self) -> None:
        """Every run came to its end; one that did not is stopped, and that is a failure."""
        running = [child for child in self._children if child.poll() is None]
        for child in running:
            child.send_signal(signal.SIGTERM)
            child.wait(RUN_SECONDS)
        assert not running
