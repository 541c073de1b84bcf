"""A session's log: its plain lines in a file beside its record, whatever else shows them."""

from typing import IO

from provisioner.cli.plain import Lines
from provisioner.cli.text import one_line
from provisioner.models.session import Session, now
from provisioner.models.words import PhaseState
from provisioner.store import FolderStore

LONGEST = 4000
"""Characters of a line: here nothing is cut that an expert would read."""


class SessionLog(Lines):
    """The lines with their date, and after the verdict what led to it."""

    def __init__(self, store: FolderStore) -> None:
        super().__init__()
        self._store = store
        self._file: IO[str] | None = None

    def start(self) -> None:
        """The file is opened when the session is recorded."""

    def stop(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def say(self, text: str) -> None:
        """One line; before the session is recorded there is nothing to write it to."""
        if self._file:
            moment = now().isoformat(timespec="milliseconds")
            self._file.write(f"{moment} {one_line(text, LONGEST)}\n")

    def record(self, session: Session) -> None:
        """Tell what is new, and more than a view of what ended badly."""
        self._file = self._file or self._store.open_log(session.id)
        super().record(session)
        if session.outcome:
            self._reasons(session)
        if session.finished_at and not _runs(session):
            self._once(("finished",), f"finished: {session.outcome}, {session.cleanup}")

    def _reasons(self, session: Session) -> None:
        if session.hint:
            self._once(("hint",), f"hint: {session.hint}")
        for number, line in enumerate(session.diagnosis):
            self._once(("diagnosis", str(number)), f"diagnosis: {line.rstrip()}")
        for one in session.leftovers:
            self._once(("left", one.kind, one.name), f"left: {one.kind} {one.name}: {one.command}")


def _runs(session: Session) -> bool:
    return any(one.state is PhaseState.RUNNING for one in session.phases)
