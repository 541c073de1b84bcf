"""What a person and a CI system see of evidence, attempts, targets, and a needless run."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from session_fakes import Use, attempt, check, phase, report, session, target

from provisioner.cli.exits import LEAKED
from provisioner.cli.junit import junit
from provisioner.cli.live import LiveView
from provisioner.cli.main import main
from provisioner.cli.plain import PlainView
from provisioner.cli.summary import summarize
from provisioner.cli.terminal import Terminal
from provisioner.models.session import Report
from provisioner.models.verified import Verified
from provisioner.models.words import Cause, Cleanup, Evidence, Outcome, PhaseName, PhaseState
from provisioner.store import FolderStore

Captured = pytest.CaptureFixture[str]

FULL = attempt(Outcome.ERRORED, Cause.CAPACITY, "no room", 0)
WELL = attempt(Outcome.PASSED, None, "it came back", 60)
STALE = {"outcome": Outcome.FAILED, "cause": Cause.BACKUP, "targets": [target(met=False)]}


def summary(**changes: Any) -> str:
    file = io.StringIO()
    summarize(report(**changes), Terminal(file, width=80), Path("/x.json"))
    return file.getvalue()


def test_the_summary_tells_each_attempt_when_there_were_several() -> None:
    told = summary(attempts=[FULL, WELL])
    assert (
        "\nattempts\n"
        "  1  Errored, Capacity  after 30.0 s  no room\n"
        "  2  Passed             after 30.0 s  it came back\n"
    ) in told
    assert "attempts" not in summary(attempts=[WELL])


def test_the_summary_tells_each_target() -> None:
    assert "\ntargets\n  recovery point  missed  1d6h, at most 1d2h\n" in summary(**STALE)
    assert "\n  recovery point  met  1d6h, at most 1d2h\n" in summary(targets=[target(met=True)])
    assert "targets" not in summary()


def test_the_summary_tells_which_checks_read_no_data() -> None:
    told = summary(checks=[check(), check("port", kind="tcp", reads_data=False)])
    assert "posts are there  sql, 0.4 s\n" in told
    assert "port  tcp, reads no data, 0.4 s\n" in told


def test_the_summary_tells_which_pass_proves_nothing() -> None:
    assert "posts are there  sql, proves nothing, 0.4 s\n" in summary(
        checks=[check(unmeasured=True)]
    )


def test_the_summary_tells_where_less_than_a_proof_is_required() -> None:
    lower = {"evidence": Evidence.RESTORED, "required_evidence": Evidence.RESTORED}
    line = "evidence   restored: data came back, and it is not empty"
    assert f"{line} (required: restored)\n" in summary(**lower)
    assert f"{line}\n" in summary(evidence=Evidence.RESTORED)


def plain_lines(*states: Any) -> list[str]:
    file = io.StringIO()
    view = PlainView(Terminal(file, width=200), lambda: 0.0)
    for one in states:
        view.record(one)
    return [line.split("] ", 1)[1] for line in file.getvalue().splitlines()]


def test_plain_tells_the_same_phase_of_each_attempt() -> None:
    running = {"phases": [phase(PhaseName.PLAN, PhaseState.RUNNING)]}
    failed = {"phases": [phase(PhaseName.PLAN, PhaseState.FAILED, message="no room")]}
    ended = {"outcome": Outcome.ERRORED, "message": "no room", "attempts": [FULL]}
    anew = session(attempts=[FULL], sandbox="verify-blog-other")
    at = report().verdict_at
    assert plain_lines(
        session(**running),
        session(**failed),
        session(**failed, **ended, verdict_at=at),
        anew,
        anew.model_copy(update=running),
    ) == [
        "session blog-x7k2p: verifier blog",
        "plan: begins",
        "plan: failed after 2.5 s: no room",
        "verdict: Errored: no room",
        "attempt 2 in verify-blog-other",
        "plan: begins",
    ]


def test_plain_tells_a_target_once() -> None:
    told = plain_lines(*[session(targets=[target(met=False)])] * 2)
    assert told[1:] == [f"recovery point: missed: {target(met=False).message}"]


def test_live_draws_the_attempts_before_this_one() -> None:
    console = Terminal(io.StringIO(), width=80)
    view = LiveView(console, stays=False)
    for one, seen in ((session(attempts=[FULL]), True), (report(attempts=[WELL]), False)):
        view.record(one)
        with console.capture() as capture:
            console.print(view.render())
        assert (" ! attempt 1: Errored: no room" in capture.get()) is seen


def test_junit_of_a_backup_that_is_too_old_is_a_failure_though_every_check_passed() -> None:
    told = junit(report(**STALE, attempts=[FULL, WELL]))
    assert 'failures="1"' in told
    assert '<failure type="Backup"' in told
    assert 'name="target.recovery point" value="missed: the newest snapshot' in told
    assert 'name="attempt.1" value="Errored: no room"' in told
    assert 'name="requiredEvidence" value="proven"' in told
    assert 'name="readsData" value="posts are there, front page"' in told


def verified(found: Report) -> Any:
    async def run(*_: object) -> Verified:
        return Verified(found)

    return run


def test_a_needless_run_names_who_verified_the_same(
    document: Path, use: Use, store: FolderStore, capsys: Captured
) -> None:
    use(verified(report()))
    file = document.parent / "report.json"
    assert main(["run", str(document), "--report", str(file)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("verified already: session blog-x7k2p passed ")
    assert first.endswith(" ago, of the same document and the same snapshots; nothing was run")
    assert second == "what it saw: provisioner show blog-x7k2p"
    assert json.loads(file.read_text())["id"] == "blog-x7k2p"
    assert store.list() == []


def test_a_needless_run_hides_no_leak_of_the_session_that_passed(
    document: Path, use: Use, capsys: Captured
) -> None:
    use(verified(report(cleanup=Cleanup.LEAKED)))
    assert main(["run", str(document)]) == LEAKED
    assert "left something behind: provisioner show blog-x7k2p" in capsys.readouterr().out


def test_a_needless_run_as_json_is_the_report_that_proves_it(
    document: Path, use: Use, capsys: Captured
) -> None:
    found = report()
    use(verified(found))
    assert main(["run", str(document), "--output", "json"]) == 0
    captured = capsys.readouterr()
    assert Report.model_validate(json.loads(captured.out)) == found
    assert captured.err.startswith("verified already: session blog-x7k2p passed ")
