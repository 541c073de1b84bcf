"""What a person sees while a session runs, and after it."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from rich.text import Text
from session_fakes import BEGUN, MIB, check, leftover, phase, report, restored, session, snapshot

from provisioner.cli.live import LiveView
from provisioner.cli.plain import PlainView
from provisioner.cli.summary import summarize
from provisioner.cli.terminal import Terminal
from provisioner.models.session import Report, Trend, now
from provisioner.models.words import (
    Cause,
    CheckState,
    Cleanup,
    Evidence,
    Outcome,
    PhaseName,
    PhaseState,
    Severity,
)
from provisioner.progress import RestoreProgress

RECORDED = Path("/state/provisioner/sessions/blog-x7k2p.json")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def summary(found: Report, width: int = 80) -> str:
    file = io.StringIO()
    summarize(found, Terminal(file, width=width), RECORDED)
    return file.getvalue()


def drawing(view: LiveView, console: Terminal) -> list[str]:
    with console.capture() as capture:
        console.print(view.render())
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.fixture
def console() -> Terminal:
    return Terminal(io.StringIO(), width=80)


def progress(done: int, name: str = "database", total: int = 300 * MIB) -> RestoreProgress:
    return RestoreProgress(name, done * MIB, total, done, 412, 2.0)


def test_plain_tells_each_change_once() -> None:
    file, clock = io.StringIO(), Clock()
    view = PlainView(Terminal(file), clock)
    running = phase(PhaseName.RESTORE, PhaseState.RUNNING)
    view.record(session(phases=[running]))
    view.record(session(phases=[running], restores=[restored(state=PhaseState.RUNNING)]))
    clock.now += 12.5
    done = phase(PhaseName.RESTORE, seconds=12.5)
    failed = check("front page", state=CheckState.FAILED, saw="status 500", message="unfit")
    for _ in range(2):
        view.record(session(phases=[done], restores=[restored()], checks=[check(), failed]))
    assert file.getvalue().splitlines() == [
        "[    0.0 s] session blog-x7k2p: verifier blog",
        "[    0.0 s] restore: begins",
        "[   12.5 s] restore: done after 12.5 s",
        "[   12.5 s] restore database: done: 412 files, 300.0 MiB in 12.0 s (25.0 MiB/s)",
        "[   12.5 s] check posts are there: Passed after 0.4 s: saw 301",
        "[   12.5 s] check front page: Failed after 0.4 s: expected at least 300; saw status 500",
    ]


def test_plain_tells_a_restore_every_five_seconds_and_each_by_itself() -> None:
    file, clock = io.StringIO(), Clock()
    view = PlainView(Terminal(file), clock)
    for second in range(11):
        clock.now = 100.0 + second
        view.restoring(progress(30 * second))
        view.restoring(progress(30 * second, "uploads"))
    lines = [line for line in file.getvalue().splitlines() if "database" in line]
    assert lines == [
        "[    0.0 s] restore database: 0 B of 300.0 MiB (0%), 0 of 412 files",
        "[    5.0 s] restore database: 150.0 MiB of 300.0 MiB (50%), 150 of 412 files, 75.0 MiB/s",
        "[   10.0 s] restore database: 300.0 MiB of 300.0 MiB (100%), 300 of 412 files, "
        "150.0 MiB/s",
    ]


def test_plain_tells_a_note_again_only_when_it_changes() -> None:
    file = io.StringIO()
    view = PlainView(Terminal(file), Clock())
    for note in ("0 of 1 ready", "0 of 1 ready", "", "0 of 1 ready", "1 of 1 ready"):
        view.note(note)
    assert [line[12:] for line in file.getvalue().splitlines()] == [
        "0 of 1 ready",
        "0 of 1 ready",
        "1 of 1 ready",
    ]


def test_plain_tells_how_long_the_sandbox_stays() -> None:
    file = io.StringIO()
    view = PlainView(Terminal(file), Clock())
    view.kept(BEGUN)
    view.kept(BEGUN)
    assert file.getvalue() == "[    0.0 s] keep: the sandbox stays until 03:04:05 UTC\n"


def test_live_draws_phases_restores_and_checks_in_80_columns(console: Terminal) -> None:
    view = LiveView(console, stays=False)
    view.record(
        session(
            phases=[
                phase(PhaseName.PLAN),
                phase(PhaseName.RESTORE, PhaseState.RUNNING, started_at=now()),
                phase(PhaseName.SANDBOX, PhaseState.FAILED, message="no room " * 20),
            ],
            restores=[
                restored("uploads-of-all-the-years-since-2003", state=PhaseState.RUNNING),
                restored(),
                restored("later", state=PhaseState.RUNNING),
            ],
            checks=[
                check("front page", state=CheckState.FAILED, saw="\x1b[31mstatus\n500"),
                check("[red]posts[/red]"),
            ],
        )
    )
    view.restoring(progress(150, "uploads-of-all-the-years-since-2003"))
    view.note("waiting for the moon " * 10)
    lines = drawing(view, console)
    assert all(len(Text(line)) <= 80 for line in lines)
    assert lines[0].startswith("blog in verify-blog-x7k2p")
    assert lines[1] == " ✓ plan         2.5 s"
    assert lines[2].startswith(" ✗ sandbox      2.5 s  no room no room")
    assert lines[3].startswith(" ▸ restore      0.0 s")
    assert lines[4].split() == ["database", "done", "300.0", "MiB", "412", "files", "25.0", "MiB/s"]
    assert lines[5].split() == ["later", "running"]
    assert lines[6].startswith("     uploads-of-all…  ")
    assert "150.0 MiB/300.0 MiB  150/412 files  75.0 MiB/s" in lines[6]
    assert lines[7] == " · install"
    assert lines[12:14] == ["   ✓ [red]posts[/red]  301", "   ✗ front page  �[31mstatus 500"]
    assert lines[-1].endswith("…")


def test_live_says_what_it_waits_for_before_there_is_a_session(console: Terminal) -> None:
    assert drawing(LiveView(console, stays=False), console) == ["connecting to the cluster"]


def test_live_keeps_failed_checks_in_sight_when_there_are_too_many(console: Terminal) -> None:
    view = LiveView(console, stays=False)
    checks = [check(f"check {number}") for number in range(100)]
    checks[7] = check("check 7", state=CheckState.FAILED, saw="nothing")
    view.record(session(checks=checks))
    lines = drawing(view, console)
    assert len(lines) <= console.size.height
    assert lines[-1] == "   ✗ check 7  nothing"
    shown = sum(line.startswith("   ✓") for line in lines)
    assert lines[-shown - 2] == f"     {100 - shown - 1} more checks"


def test_live_counts_down_only_while_the_sandbox_is_kept(console: Terminal) -> None:
    view = LiveView(console, stays=False)
    view.kept(now() + timedelta(minutes=9, seconds=41, milliseconds=400))
    view.record(session(phases=[phase(PhaseName.KEEP, PhaseState.RUNNING)]))
    lines = drawing(view, console)
    assert lines[-3].endswith("UTC, 9m41s left; Ctrl-C ends it")
    assert lines[-2].startswith("look around: provisioner shell --session blog-x7k2p; ")
    assert lines[-1] == "or: kubectl -n verify-blog-x7k2p get all"
    view.record(session(phases=[phase(PhaseName.KEEP)]))
    assert "left" not in "".join(drawing(view, console))


def test_the_summary_of_a_pass() -> None:
    assert summary(report()) == (
        "outcome    Passed\n"
        "evidence   proven: a check that reads restored data passed\n"
        "message    the application came back: 2 checks passed\n"
        "\n"
        "snapshots\n"
        "  database  1a2b3c4d  3h12m old  nightly, session=20260101\n"
        "  uploads   1a2b3c4d  3h12m old  nightly, session=20260101\n"
        "\n"
        "restores\n"
        "  database  412 files  300.0 MiB  12.0 s  25.0 MiB/s\n"
        "  uploads   120 files  300.0 MiB  12.0 s  25.0 MiB/s\n"
        "\n"
        "checks: 2 of 2 passed\n"
        "  ✓ posts are there  sql, 0.4 s\n"
        "    expected  at least 300\n"
        "    saw       301\n"
        "  ✓ front page  http, 0.4 s\n"
        "    expected  status 200\n"
        "    saw       status 200\n"
        "\n"
        "verdict    after 2m14s\n"
        "finished   after 2m40s\n"
        "phases     plan 2.5 s, restore 1m14s\n"
        "isolation  unproven: the fence is installed, and was not tried\n"
        "cleanup    Clean\n"
        f"session    {RECORDED}\n"
    )


def test_claims_of_one_restore_are_told_apart() -> None:
    replicas = [restored(replica=number, files=number + 1) for number in (10, 2)]
    text = summary(report(restores=replicas))
    assert "  database.2   3 files   300.0 MiB  " in text
    assert text.index("database.2 ") < text.index("database.10 ")
    file = io.StringIO()
    PlainView(Terminal(file), Clock()).record(session(restores=replicas))
    assert "restore database.2: done: 3 files" in file.getvalue()
    assert "restore database.10: done: 11 files" in file.getvalue()


def test_live_draws_each_claims_own_progress(console: Terminal) -> None:
    view = LiveView(console, stays=True)
    running = phase(PhaseName.RESTORE, PhaseState.RUNNING)
    claims = [restored(state=PhaseState.RUNNING, replica=number) for number in (0, 1)]
    view.record(session(phases=[running], restores=claims))
    view.restoring(progress(30, "database.1"))
    first, second = (line for line in drawing(view, console) if "database." in line)
    assert "30.0 MiB" not in first
    assert "30.0 MiB" in second


@pytest.mark.parametrize(
    ("said", "shown"),
    [("one\n\ntwo\n", ["one", "two"]), ("1\n2\n3\n4\n5\n6\n7", [*"12345", "and 2 more lines"])],
)
def test_what_a_script_said_is_shown_line_by_line(said: str, shown: list[str]) -> None:
    text = summary(report(checks=[check(state=CheckState.FAILED, message=said)]))
    assert "    message   " + "\n              ".join(shown) + "\n\n" in text


def test_the_summary_tells_skew_and_seed() -> None:
    text = summary(report(snapshots=[snapshot(seed=7), snapshot("uploads")], skew_seconds=134.0))
    assert "3h12m old  drawn by seed 7, nightly, session=20260101\n" in text
    assert "\n  2m14s from the oldest to the newest\n" in text


def test_the_summary_of_a_leak_has_each_command_whole() -> None:
    text = summary(report(cleanup=Cleanup.LEAKED, leftovers=[leftover()]))
    assert text.startswith("outcome    Passed, Leaked\n")
    assert f"\n    {leftover().command}\n" in text


def test_the_summary_of_a_failure_says_why_and_what_to_do() -> None:
    text = summary(
        report(
            outcome=Outcome.FAILED,
            cause=Cause.BACKUP,
            evidence=None,
            message="the snapshot is damaged: " + "very " * 30,
            hint="run restic check",
            diagnosis=["pack 1234 is missing", "Warning: [BackOff] x"],
            restores=[restored(state=PhaseState.FAILED, message="exit code 1")],
            checks=[],
        )
    )
    assert "evidence   none: no data came back\n" in text
    assert "cause      Backup\n" in text
    assert "hint       run restic check\n" in text
    assert "\ndiagnosis\n  pack 1234 is missing\n  Warning: [BackOff] x\n" in text
    assert "  database  failed: exit code 1\n" in text
    assert "checks" not in text


@pytest.mark.parametrize("evidence", [None, *Evidence])
def test_the_summary_knows_every_evidence(evidence: Evidence | None) -> None:
    assert f"evidence   {evidence.value if evidence else 'none'}: " in summary(
        report(evidence=evidence)
    )


def test_the_summary_fits_80_columns() -> None:
    words = "an answer of many words " * 20
    found = report(
        message=words,
        hint=words,
        diagnosis=[words],
        checks=[check(words, state=CheckState.ERRORED, expected=words, saw=words, message=words)],
    )
    assert max(len(line) for line in summary(found).splitlines()) <= 80


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    def shown() -> str:
        file = Tty()
        summarize(report(), Terminal(file, width=80), RECORDED)
        return file.getvalue()

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;32mPassed" in shown()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in shown()
    assert "32mPassed" not in shown()
    assert "\x1b" not in summary(report())


def test_a_check_is_told_with_its_trend_its_tries_and_what_it_counts_for() -> None:
    trend = Trend(baseline=320, session="blog-abc12", ratio=0.9781)
    counted = check(value=313, trend=trend, earlier=["Failed: 0"], severity=Severity.ADVISORY)
    text = summary(report(checks=[counted]))
    assert "sql, 0.4 s, advisory, 2 tries" in text
    assert "trend     97.81% of the 320 in session blog-abc12" in text
    assert "earlier   Failed: 0" in text


def test_a_check_that_was_not_put_is_told_so() -> None:
    skipped = check(state=CheckState.SKIPPED, message="not put: it needs a (failed)", saw="")
    text = summary(report(checks=[skipped]))
    assert "checks: 0 of 1 passed" in text
    assert "  - posts are there" in text
