"""Ctrl-C, SIGTERM and kill -9, in each phase: nothing is left, in the last case after reap."""

import json
import signal
import subprocess

import pytest

from tests.cluster.files_app import FilesApp
from tests.cluster.provisioner import Provisioner
from tests.faults.demand import demand
from tests.faults.scenes import AFTER_THE_VERDICT, PHASES, long_enough

HELM_WORKS = ("install", "teardown")
CASES = [
    *((phase, "helm4") for phase in PHASES),
    *((phase, "helm3") for phase in HELM_WORKS),
]
STOPS = [
    *((phase, helm, signal.SIGTERM) for phase, helm in CASES),
    *((phase, "helm4", signal.SIGINT) for phase in PHASES),
]
PASSED = "the application came back: 1 checks passed"
STOPPING = "stopping: removing the sandbox"
ENDED_EARLY = "cancelled before there was a verdict"
GONE = "ended without a verdict: the process is gone"


@pytest.mark.parametrize(("phase", "provisioner", "sign"), STOPS, indirect=["provisioner"])
def test_stopped(provisioner: Provisioner, app: FilesApp, phase: str, sign: signal.Signals) -> None:
    ended = provisioner.interrupt(long_enough(app, phase), f"{phase}: begins", sign)
    if phase in AFTER_THE_VERDICT:
        demand(ended, "Passed", None, PASSED)
    else:
        demand(ended, "Cancelled", None, ENDED_EARLY)
    assert STOPPING in ended.told


@pytest.mark.parametrize(("phase", "provisioner"), CASES, indirect=["provisioner"])
def test_killed_then_reaped(
    provisioner: Provisioner, app: FilesApp, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = app.data.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    provisioner.kill(long_enough(app, phase), f"{phase}: begins")
    (entry,) = json.loads(provisioner.call("sessions", "-o", "json").stdout)
    done = provisioner.call("reap", entry["id"], "-o", "json")
    assert done.returncode == 0, done
    (reaped,) = json.loads(done.stdout)
    assert reaped["leftovers"] == []
    assert list(temporary.glob("provisioner-*")) == []
    assert working_on(reaped["sandbox"]) == []
    record = json.loads(provisioner.call("report", entry["id"]).stdout)
    provisioner.demand_nothing_left(record)
    passed = phase in AFTER_THE_VERDICT
    assert record["outcome"] == ("Passed" if passed else "Errored")
    assert record["message"] == (PASSED if passed else GONE)
    assert "cause" not in record


def working_on(sandbox: str) -> list[str]:
    """Programs of this machine that have the sandbox's name in their command line."""
    done = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if sandbox in line]
