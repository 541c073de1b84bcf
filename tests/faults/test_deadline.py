"""The session's time runs out, in each phase that it may run out in."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp, check
from tests.cluster.provisioner import Provisioner
from tests.faults.demand import demand
from tests.faults.scenes import job, patched, states
from tests.faults.services import black_hole
from tests.faults.way import Way


def never_scheduled(app: FilesApp) -> dict[str, Any]:
    """A restore runs where its workload may run."""
    return patched(app, "/nodeSelector", {"nowhere": "at-all"}, timeout="25s")


def hook_that_hangs(app: FilesApp) -> dict[str, Any]:
    values = {"extra": job("sleep 600", hook="post-install")}
    return app.verifier(values, timeout="40s", readiness={"timeout": "10m"})


def check_that_hangs(app: FilesApp) -> dict[str, Any]:
    return app.verifier(checks=[{**check("sleep 600"), "timeout": "10m"}], timeout="40s")


@pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
@pytest.mark.parametrize(
    ("phase", "seconds", "scene"),
    [
        ("restore", 25, never_scheduled),
        ("install", 40, hook_that_hangs),
        ("check", 40, check_that_hangs),
    ],
)
def test_time_runs_out(
    provisioner: Provisioner,
    app: FilesApp,
    phase: str,
    seconds: int,
    scene: Callable[[FilesApp], dict[str, Any]],
) -> None:
    ended = provisioner.run(scene(app))
    sentence = f"the session did not end within {seconds} s; last seen: in phase {phase}"
    demand(ended, "Inconclusive", "Configuration", sentence)
    assert ended.report["hint"] == "spec.timeout is what a whole session may take"
    assert states(ended.report)[phase] == "Failed"


@pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
def test_time_runs_out_while_snapshots_are_listed(provisioner: Provisioner, app: FilesApp) -> None:
    with black_hole() as port:
        document = app.verifier(timeout="10s")
        document["spec"]["repositories"][0]["restic"] = {
            "url": f"rest:http://127.0.0.1:{port}/", "secret": "repository",
        }  # fmt: skip
        ended = provisioner.run(document)
    sentence = "the session did not end within 10 s; last seen: in phase plan"
    demand(ended, "Inconclusive", "Configuration", sentence)


def test_time_runs_out_while_the_sandbox_is_made(
    over_way: tuple[Provisioner, Way], app: FilesApp
) -> None:
    """The API server hangs, and is there again for the teardown."""
    one, way = over_way

    def hang(*_: object) -> None:
        way.block()
        time.sleep(20)
        way.mend()

    ended = one.act(app.verifier(timeout="20s"), "sandbox: begins", hang)
    sentence = r"the session did not end within 20 s; last seen: in phase (plan and )?sandbox"
    demand(ended, "Inconclusive", "Configuration", sentence)


@pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
def test_time_runs_out_before_the_application_had_its_own(
    provisioner: Provisioner, app: FilesApp
) -> None:
    """Not ready yet is no fault of the backup's as long as there was time left to become it."""
    values = {"extra": job("echo still migrating; sleep 600")}
    document = app.verifier(values, timeout="40s", readiness={"timeout": "10m"})
    ended = provisioner.run(document)
    sentence = "the session did not end within 40 s; last seen: Job/one: not complete"
    demand(ended, "Inconclusive", "Configuration", sentence)
    assert "    still migrating" in ended.report["diagnosis"]
    assert states(ended.report)["ready"] == "Failed"
