"""Plain lines, for pipes and logs: what happened, when, one line each."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime

from provisioner.cli.terminal import Terminal
from provisioner.cli.text import clock, count, one_line, rate, size, span
from provisioner.models.session import CheckRecord, PhaseRecord, RestoreRecord, Session
from provisioner.models.words import CheckState, PhaseState
from provisioner.progress import RestoreProgress

RESTORE_EVERY = 5.0
"""Seconds between two lines about one restore."""


class Lines(ABC):
    """Tells every change once, in a line."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._told: set[tuple[str, ...]] = set()
        self._next_progress: dict[str, float] = {}
        self._last_note = ""
        self._attempt = 1

    @abstractmethod
    def say(self, text: str) -> None:
        """One line, with the time."""

    def note(self, text: str) -> None:
        """A note that differs from the one before."""
        if text and text != self._last_note:
            self.say(text)
        self._last_note = text

    def kept(self, until: datetime) -> None:
        """How long the sandbox stays."""
        self._once(("kept", clock(until)), f"keep: the sandbox stays until {clock(until)}")

    def record(self, session: Session) -> None:
        """Tell what is new in the record."""
        self._attempt = len(session.attempts) + (session.verdict_at is None)
        self._once(("begun",), self._opening(session))
        for target in session.targets:
            word = "met" if target.met else "missed"
            self._once(("target", target.name), f"{target.name}: {word}: {target.message}")
        for phase in session.phases:
            self._phase(phase)
        for restore in session.restores:
            self._restore(restore)
        for check in session.checks:
            self._once(("check", check.name), _of_check(check))
        if session.outcome and session.verdict_at:
            self._once(("verdict",), f"verdict: {session.outcome}: {session.message}")

    def restoring(self, progress: RestoreProgress) -> None:
        """Tell a restore's progress, not more often than every few seconds."""
        now = self._monotonic()
        if now >= self._next_progress.get(progress.name, now):
            self._next_progress[progress.name] = now + RESTORE_EVERY
            self.say(_of_progress(progress))

    def _opening(self, session: Session) -> str:
        if self._attempt > 1:
            return f"attempt {self._attempt} in {session.sandbox}"
        return f"session {session.id}: verifier {session.verifier}"

    def _phase(self, phase: PhaseRecord) -> None:
        if phase.state is PhaseState.SKIPPED:
            return
        self._once(("phase", phase.name), f"{phase.name}: begins")
        if phase.state is not PhaseState.RUNNING:
            word = "done" if phase.state is PhaseState.DONE else "failed"
            tail = f": {phase.message}" if phase.message else ""
            line = f"{phase.name}: {word} after {span(phase.seconds or 0.0)}{tail}"
            self._once(("phase", phase.name, phase.state), line)

    def _restore(self, restore: RestoreRecord) -> None:
        if restore.state in (PhaseState.DONE, PhaseState.FAILED):
            self._once(("restore", restore.label, restore.state), _of_restore(restore))

    def _once(self, key: tuple[str, ...], line: str) -> None:
        """Once in each attempt."""
        if (seen := (str(self._attempt), *key)) not in self._told:
            self._told.add(seen)
            self.say(line)


class PlainView(Lines):
    """The lines on a terminal or in a pipe, with the seconds since the start."""

    def __init__(self, console: Terminal, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(monotonic)
        self._console = console
        self._begun = monotonic()

    def start(self) -> None:
        """Nothing to prepare."""

    def stop(self) -> None:
        """Nothing to put back."""

    def say(self, text: str) -> None:
        """One line, with the seconds."""
        self._console.tell(f"[{self._monotonic() - self._begun:7.1f} s] {one_line(text)}")


def _of_progress(progress: RestoreProgress) -> str:
    if not progress.bytes_total:
        return f"restore {progress.name}: begins"
    return (
        f"restore {progress.name}: {size(progress.bytes_done)} of {size(progress.bytes_total)} "
        f"({100 * progress.bytes_done // progress.bytes_total}%), "
        f"{progress.files_done} of {count(progress.files_total, 'file')}"
        f"{f', {size(progress.rate)}/s' if progress.rate else ''}"
    )


def _of_restore(restore: RestoreRecord) -> str:
    if restore.state is PhaseState.FAILED:
        return f"restore {restore.label}: failed: {restore.message}"
    took = f" in {span(restore.seconds)}" if restore.seconds else ""
    speed = f" ({rate(restore.bytes, restore.seconds)})" if restore.seconds else ""
    return (
        f"restore {restore.label}: done: {count(restore.files, 'file')}, "
        f"{size(restore.bytes)}{took}{speed}"
    )


def _of_check(check: CheckRecord) -> str:
    answer = f"saw {check.saw}" if check.saw else check.message
    asked = "" if check.state is CheckState.PASSED else check.expected
    said = "; ".join(filter(None, (asked and f"expected {asked}", answer)))
    tail = f": {said}" if said else ""
    return f"check {check.name}: {check.state} after {span(check.seconds)}{tail}"
