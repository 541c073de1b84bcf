"""What restic says while it restores: one JSON message a line (restic 0.16 and later)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.progress import RestoreProgress
from provisioner.redaction import redacted
from provisioner.repositories.faults import Fault, fault_of
from provisioner.restores.compared.walk import WALKED

ERRORS_KEPT = 50
"""A damaged repository brings an error a file, and there may be millions of files."""

_LINE = 500

ENDED = "ended"
"""The type of the last message: restic's exit code and time, which the pod's own script tells."""


@dataclass(frozen=True)
class ResticLog:
    """All that counts of a restore's log, so far. Fields that are zero are left out by restic."""

    files: int = 0
    bytes: int = 0
    seconds: float = 0.0
    summary: bool = False
    exit_code: int | None = None
    """None until restic has ended."""
    walked: tuple[Mapping[str, Any], ...] = ()
    """What lies there, see ``walk``."""
    errors: tuple[str, ...] = ()
    """The last ones."""
    error_count: int = 0
    faults: Mapping[Fault, str] = field(default_factory=dict)
    """The first error of each kind: it stays when what it led to has pushed it out."""

    def with_error(self, text: str, item: str = "") -> "ResticLog":
        """One error more; ``item`` is the file it struck, whose name says nothing of the cause."""
        text = redacted(text)
        shown = (f"{item[-_LINE // 2 :]}: {text}" if item else text)[:_LINE]
        fault = fault_of(text)
        return replace(
            self,
            errors=(*self.errors[1 - ERRORS_KEPT :], shown),
            error_count=self.error_count + 1,
            faults=self.faults if fault is None else {fault: shown, **self.faults},
        )


def read_line(log: ResticLog, line: str, name: str) -> tuple[ResticLog, RestoreProgress | None]:
    """Take one line in; a ``status`` message is progress, too."""
    said = _message(line)
    if said is None:
        return (log.with_error(line) if line.strip() else log), None
    match said.get("message_type"):
        case "status":
            return log, _progress(said, name)
        case "summary":
            log = _summed(log, said)
        case str(kind) if kind == WALKED:
            log = replace(log, walked=(*log.walked, said))
        case str(kind) if kind == ENDED:
            log = _ended(log, said)
        case "error" | "exit_error":
            log = log.with_error(_text(said), str(said.get("item") or ""))
    return log, None


def _message(line: str) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _progress(said: dict[str, Any], name: str) -> RestoreProgress:
    return RestoreProgress(
        name=name,
        bytes_done=said.get("bytes_restored", 0),
        bytes_total=said.get("total_bytes", 0),
        files_done=said.get("files_restored", 0),
        files_total=said.get("total_files", 0),
        seconds=said.get("seconds_elapsed", 0),
    )


def _summed(log: ResticLog, said: dict[str, Any]) -> ResticLog:
    return replace(
        log,
        summary=True,
        files=said.get("files_restored", 0),
        bytes=said.get("bytes_restored", 0),
        seconds=float(said.get("seconds_elapsed", 0)),
    )


def _ended(log: ResticLog, said: dict[str, Any]) -> ResticLog:
    took = said.get("centiseconds", 100 * log.seconds)
    return replace(log, exit_code=said.get("exit_code"), seconds=took / 100)


def _text(said: dict[str, Any]) -> str:
    error = said.get("error")
    text = error.get("message") if isinstance(error, dict) else said.get("message")
    return str(text or said)
