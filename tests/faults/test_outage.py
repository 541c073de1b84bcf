"""The API server gone for 20 s, in each phase: a session that would pass still passes."""

import time

import pytest

from tests.cluster.files_app import FilesApp, check
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner
from tests.faults.demand import demand
from tests.faults.scenes import IMAGE, PHASES, job, long_enough, states
from tests.faults.way import Way

AWAY_SECONDS = 20
"""A server that restarts takes that long; nothing here is measured."""

PASSED = "the application came back: 1 checks passed"

HELM_SPEAKS = ("plan", "install", "teardown")
CASES = [
    *((phase, "helm4") for phase in PHASES if phase != "check"),
    *((phase, "helm3") for phase in HELM_SPEAKS),
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
    document = long_enough(app, phase)
    document["spec"]["keepAlive"] = {"onSuccess": "30s"} if phase == "keep" else {}
    ended = one.act(document, f"{phase}: begins", lambda *_: be_away(way))
    demand(ended, "Passed", None, PASSED)
    assert set(states(ended.report).values()) <= {"Done", "Skipped"}


@pytest.mark.parametrize("over_way", ["helm4", "helm3"], indirect=True)
def test_a_server_that_restarts_while_checks_run(
    over_way: tuple[Provisioner, Way], app: FilesApp
) -> None:
    """What was asked by then gets no answer, and is asked again."""
    one, way = over_way

    def in_the_middle(*_: object) -> None:
        time.sleep(2)
        be_away(way)

    script = {"image": IMAGE, "source": "#!/bin/bash\nsleep 5; echo fine"}
    checks = [
        check("sleep 5; cat /data/index.html", equals="hello"),
        {"name": "a script", "script": script},
        {"name": "the chart's own", "helmTest": {}},
    ]
    document = app.verifier({"extra": job("sleep 5", hook="test")}, checks=checks)
    ended = one.act(document, "check: begins", in_the_middle)
    demand(ended, "Passed", None, "the application came back: 3 checks passed")


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

    document = app.verifier({"extra": job("sleep 10", hook="post-install", name="hook")})
    ended = one.act(document, "install: begins", in_the_middle)
    demand(ended, "Passed", None, PASSED)
