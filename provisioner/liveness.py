"""Whether the process of a recorded session is still there."""

import os
import socket
import subprocess
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from provisioner import verdict
from provisioner.models.session import Leftover, PhaseRecord, ProcessRecord, Report, Session
from provisioner.models.words import Cleanup, PhaseName, PhaseState

_PROC = Path("/proc")
_BIRTH_FIELD = 19
"""Of ``/proc/PID/stat``, counted after the program's name, which may hold anything."""


class Life(StrEnum):
    """Where a session stands, apart from its outcome."""

    FINISHED = "Finished"
    RUNNING = "Running"
    GONE = "Gone"
    """Its process is no more, and wrote no end into the record."""
    ELSEWHERE = "Elsewhere"
    """Its process is, or was, another machine's: from here it cannot be told."""


def this_process(folder: Path | None = None) -> ProcessRecord:
    """What a session records of the process that runs it, and of its private folder."""
    pid = os.getpid()
    place = str(folder) if folder else ""
    return ProcessRecord(host=socket.gethostname(), pid=pid, birth=birth(pid) or "", folder=place)


def life(session: Session) -> Life:
    """Whether the session is finished, and if not, whether somebody still works on it."""
    if session.finished_at is not None:
        return Life.FINISHED
    process = session.process
    if process is None or not process.birth or process.host != socket.gethostname():
        return Life.ELSEWHERE
    return Life.RUNNING if birth(process.pid) == process.birth else Life.GONE


def closed(session: Session) -> Report:
    """The report of a session whose process is gone: what was seen until then.

    A verdict that was recorded stays; one that was not is never guessed from the phases.
    """
    if isinstance(session, Report):
        return session
    found = verdict.of_gone()
    ending: dict[str, Any] = {} if session.outcome else {"outcome": found.outcome}
    if session.cleanup is Cleanup.KEPT:
        left = leftovers(session)
        ending |= {"cleanup": Cleanup.LEAKED if left else Cleanup.CLEAN, "leftovers": left}
    return Report.model_validate(
        {
            **session.model_dump(exclude={"kind"}),
            **ending,
            "message": found.message if session.outcome is None else session.message,
            "phases": [_ended(phase) for phase in session.phases],
            "finished_at": _last_sign(session),
        }
    )


def has_sandbox(session: Session) -> bool:
    """Whether the session got as far as making its namespace."""
    return any(one.name is PhaseName.SANDBOX for one in session.phases)


def leftovers(session: Session) -> list[Leftover]:
    """What a process that is gone has left, as far as its record tells."""
    if not has_sandbox(session):
        return []
    reason = "the process ended before it had removed it"
    command = f"provisioner reap {session.id}"
    return [Leftover(kind="Namespace", name=session.sandbox, reason=reason, command=command)]


def _ended(phase: PhaseRecord) -> PhaseRecord:
    if phase.state is not PhaseState.RUNNING:
        return phase
    return phase.model_copy(update={"state": PhaseState.FAILED, "message": "the process is gone"})


def _last_sign(session: Session) -> datetime:
    """When the record was written last; nobody knows how long the process went on after that."""
    ends = [one.started_at + timedelta(seconds=one.seconds or 0) for one in session.phases]
    return max([session.started_at, *ends])


def birth(pid: int) -> str | None:
    """When that process began, in words only this machine has to understand; None if it is gone.

    Not the clock's time: that is changed while processes run, and a living session must never
    look like a dead one.
    """
    if not _PROC.is_dir():
        return _birth_from_ps(pid)
    try:
        state, *rest = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else f"{boot}/{rest[_BIRTH_FIELD - 1]}"


def _birth_from_ps(pid: int) -> str | None:
    """As macOS tells it."""
    argv = ["ps", "-o", "lstart=", "-p", str(pid)]
    try:
        told = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return None
    return told or None
