"""How views are chosen and driven, and what is written whatever view is shown."""

import io
import stat
from pathlib import Path
from typing import Any

import pytest
from session_fakes import BEGUN, leftover, report, session

from provisioner.cli.main import main
from provisioner.cli.plain import PlainView
from provisioner.cli.session_log import SessionLog
from provisioner.cli.terminal import Terminal
from provisioner.cli.watch import Steady, view_of, watching
from provisioner.models.session import Report
from provisioner.models.words import Cleanup, Outcome
from provisioner.progress import Observer, RestoreProgress
from provisioner.store import FolderStore


def test_a_view_that_fails_reaches_neither_the_pipeline_nor_the_others() -> None:
    class Broken(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            self.writes += 1
            raise BrokenPipeError

    file = Broken()
    other = io.StringIO()
    watch = Steady(PlainView(Terminal(file)), PlainView(Terminal(other)))
    watch.start()
    watch.record(session())
    watch.restoring(RestoreProgress("database", 1, 4, 1, 2, 1.0))
    watch.note("a")
    watch.kept(BEGUN)
    watch.say("b")
    watch.stop()
    assert file.writes == 1
    assert other.getvalue().endswith("b\n")


def test_a_pipe_gets_plain_lines_also_for_a_terminal_that_wants_json() -> None:
    file = io.StringIO()
    with watching(view_of(Terminal(file), plain=True, stays=True)) as watch:
        watch.note("waiting")
    assert file.getvalue().endswith("waiting\n")


def test_the_live_view_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    file = Tty()
    with watching(view_of(Terminal(file, width=80), plain=False, stays=False)) as watch:
        watch.record(session())
    assert "\x1b[?25l" in file.getvalue()
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_run_leaves_a_log_beside_its_record(
    output: str, document: Path, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pipeline(_request: Any, kept: Any, observer: Observer) -> Report:
        kept.save(session())
        observer.record(session())
        observer.note("Fatal: unable to open rest:http://backup:hunter2@store/")
        observer.record(report())
        return report()

    monkeypatch.setattr("provisioner.cli.run._pipeline", lambda: pipeline)
    assert main(["run", str(document), "--output", output]) == 0
    path = store.log_path("blog-x7k2p")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [line.split(" ", 1)[1] for line in path.read_text().splitlines()]
    assert lines[:2] == [
        "session blog-x7k2p: verifier blog",
        "Fatal: unable to open rest:http://backup:***@store/",
    ]
    assert lines[-1] == "finished: Passed, Clean"
    assert store.list() == [session()]


def test_the_log_tells_what_led_to_a_bad_end(store: FolderStore) -> None:
    found = report(
        outcome=Outcome.FAILED,
        hint="look into the backup",
        diagnosis=["pod db-0: Running", "  container db: ended, exit code 1", ""],
        cleanup=Cleanup.LEAKED,
        leftovers=[leftover()],
    )
    store.save(found)
    log = SessionLog(store)
    log.record(found)
    log.record(found)
    log.stop()
    told = store.log_path(found.id).read_text()
    for line in (
        "hint: look into the backup",
        "diagnosis: container db: ended, exit code 1",
        f"left: PersistentVolume {leftover().name}: {leftover().command}",
        "finished: Failed, Leaked",
    ):
        assert told.count(f" {line}\n") == 1, told


def test_a_log_that_cannot_be_written_stops_nothing(store: FolderStore) -> None:
    store.save(session())
    store.log_path("blog-x7k2p").mkdir()
    watch = Steady(SessionLog(store))
    watch.record(session())
    watch.note("going on")
    watch.stop()
