"""Whether a session's process is still there, and what its record says when it is not."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioner import liveness
from provisioner.liveness import Life, birth, closed, life, this_process
from provisioner.models.session import PhaseRecord, Report, Session, Tools
from provisioner.models.words import Cleanup, Outcome, PhaseName, PhaseState

BEGUN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def session(**changes: Any) -> Session:
    values: dict[str, Any] = {
        "id": "blog-x7k2p",
        "verifier": "blog",
        "sandbox": "verify-blog-x7k2p",
        "started_at": BEGUN,
        "expires_at": BEGUN + timedelta(hours=1),
        "tools": Tools(provisioner="0.1.0"),
        "process": this_process(),
    }
    return Session(**values | changes)


def phase(name: PhaseName, state: PhaseState, seconds: float | None = 2.0) -> PhaseRecord:
    return PhaseRecord(name=name, state=state, started_at=BEGUN, seconds=seconds)


def test_this_process_is_alive() -> None:
    assert life(session()) is Life.RUNNING


def test_a_finished_session_is_finished_whatever_became_of_its_process() -> None:
    assert life(session(finished_at=BEGUN, process=None)) is Life.FINISHED


def test_a_process_that_was_killed_is_gone_also_while_nobody_has_waited_for_it() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = this_process().model_copy(update={"pid": child.pid, "birth": birth(child.pid)})
    assert life(session(process=process)) is Life.RUNNING
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and still a zombie
    assert life(session(process=process)) is Life.GONE
    child.communicate()
    assert life(session(process=process)) is Life.GONE


def test_a_pid_that_is_used_again_is_not_the_session() -> None:
    other = this_process().model_copy(update={"birth": "another boot/17"})
    assert life(session(process=other)) is Life.GONE


@pytest.mark.parametrize("changes", [{"host": "another"}, {"birth": ""}, None], ids=str)
def test_what_cannot_be_told_is_not_called_dead(changes: dict[str, str] | None) -> None:
    process = this_process().model_copy(update=changes) if changes else None
    assert life(session(process=process)) is Life.ELSEWHERE


def test_without_proc_ps_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(argv)
        return subprocess.CompletedProcess(argv, 0, "Fri Jan  2 03:04:05 2026\n", "")

    monkeypatch.setattr(liveness, "_PROC", liveness.Path("/nowhere"))
    monkeypatch.setattr(liveness.subprocess, "run", run)
    assert birth(7) == "Fri Jan  2 03:04:05 2026"
    assert asked[0][-1] == "7"


def test_a_closed_session_says_that_it_has_no_verdict_and_what_may_be_left() -> None:
    phases = [
        phase(PhaseName.SANDBOX, PhaseState.DONE),
        phase(PhaseName.RESTORE, PhaseState.RUNNING, None),
    ]
    found = closed(session(phases=phases))
    assert type(found) is Report
    assert (found.outcome, found.cause) == (Outcome.ERRORED, None)
    assert found.message == "ended without a verdict: the process is gone"
    assert found.finished_at == BEGUN + timedelta(seconds=2)
    assert found.phases[1].state is PhaseState.FAILED
    assert found.cleanup is Cleanup.LEAKED
    assert [one.command for one in found.leftovers] == ["provisioner reap blog-x7k2p"]


def test_a_closed_session_that_made_nothing_has_left_nothing() -> None:
    found = closed(session(phases=[phase(PhaseName.PLAN, PhaseState.RUNNING, None)]))
    assert (found.cleanup, found.leftovers) == (Cleanup.CLEAN, [])


def test_a_verdict_that_was_recorded_stays() -> None:
    found = closed(session(outcome=Outcome.PASSED, message="it came back"))
    assert (found.outcome, found.message) == (Outcome.PASSED, "it came back")
