"""The API server gone for 20 s, in each phase: a session that would pass still passes."""

import time
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp, check
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner
from tests.faults.demand import demand
from tests.faults.way import Way

AWAY_SECONDS = 20
"""A server that restarts takes that long; none of this is measured."""

BOTH = ["plan", "sandbox", "install", "teardown"]
"""Phases in which Helm speaks to the server itself."""

CASES = [
    *((phase, helm) for phase in BOTH for helm in ("helm4", "helm3")),
    *((phase, "helm4") for phase in ("restore", "ready", "check", "keep")),
]


def be_away(way: Way) -> None:
    way.cut()
    time.sleep(AWAY_SECONDS)
    way.mend()


@pytest.mark.parametrize(("phase", "over_way"), CASES, indirect=["over_way"])
def test_a_server_that_restarts_changes_no_verdict(
    over_way: tuple[Provisioner, Way], app: FilesApp, phase: str
) -> None:
    one, way = over_way
    keep = {"onSuccess": "30s"} if phase == "keep" else {}
    slow = check("sleep 5; cat /data/index.html", equals="hello")
    document = app.verifier(keepAlive=keep, checks=[slow])
    ended = one.act(document, f"{phase}: begins", lambda *_: be_away(way))
    demand(ended, "Passed", None, "the application came back: 1 checks passed")
    assert all(state == "Done" for state in states(ended.report)), ended.report["phases"]


def hook(when: str, script: str) -> dict[str, Any]:
    """A Job that Helm runs and waits for."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "hook", "annotations": {"helm.sh/hook": when}},
        "spec": {
            "backoffLimit": 0,
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "terminationGracePeriodSeconds": 1,
                    "containers": [
                        {
                            "name": "main",
                            "image": "localhost/restic:dev",
                            "command": ["bash", "-c", script],
                        }
                    ],
                }
            },
        },
    }


@pytest.mark.parametrize("over_way", ["helm4", "helm3"], indirect=True)
def test_a_server_that_restarts_while_helm_waits_for_a_hook(
    over_way: tuple[Provisioner, Way], app: FilesApp, kubectl: Kubectl
) -> None:
    """The release is recorded as pending by then, and what it made is there."""
    one, way = over_way

    def in_the_middle(_: object, sandbox: str) -> None:
        while "hook" not in kubectl.names("jobs", "-n", sandbox):
            time.sleep(0.1)
        be_away(way)

    document = app.verifier({"extra": hook("post-install", "sleep 10")})
    ended = one.act(document, "install: begins", in_the_middle)
    demand(ended, "Passed", None, "the application came back: 1 checks passed")


def states(report: dict[str, object]) -> list[str]:
    phases = report["phases"]
    assert isinstance(phases, list)
    return [one["state"] for one in phases if one["state"] != "Skipped"]
