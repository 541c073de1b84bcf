"""What restic says while it restores: one JSON message a line (restic 0.16 and later)."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from provisioner.progress import RestoreProgress
from provisioner.repositories.restic import redacted


@dataclass(frozen=True)
class ResticLog:
    """All that counts of a restore's log, so far. Fields that are zero are left out by restic."""

    files: int = 0
    bytes: int = 0
    seconds: float = 0.0
    summary: bool = False
    errors: tuple[str, ...] = ()


def read_line(log: ResticLog, line: str, name: str) -> tuple[ResticLog, RestoreProgress | None]:
    """Take one line in; a ``status`` message is progress, too."""
    try:
        said = json.loads(line)
    except ValueError:
        return (replace(log, errors=(*log.errors, redacted(line)[:500])) if line else log), None
    match said.get("message_type"):
        case "status":
            return log, _progress(said, name)
        case "summary":
            return _summed(log, said), None
        case "error" | "exit_error":
            return replace(log, errors=(*log.errors, _error(said))), None
    return log, None


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


def _error(said: dict[str, Any]) -> str:
    error = said.get("error")
    text = error.get("message") if isinstance(error, dict) else said.get("message")
    item = said.get("item")
    return redacted(f"{item}: {text}" if item else str(text or said))[:500]


_DAMAGED = re.compile(
    r"ciphertext verification failed|does not match|unexpected EOF|invalid data|not found in|"
    r"file does not exist|404|wrong hash|corrupt|unable to load|no such file",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(
    r"connection refused|no such host|i/o timeout|network is unreachable|connection reset|"
    r"no route to host|TLS handshake|server misbehaving|context deadline exceeded|"
    r"401|403|50[0234]|Access ?Denied",
    re.IGNORECASE,
)
_NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)


def is_unreachable(text: str) -> bool:
    """Whether an error speaks of the way to the repository, and not of what lies in it."""
    return bool(_UNREACHABLE.search(text))


def is_no_space(text: str) -> bool:
    """Whether an error says that the claim is full."""
    return bool(_NO_SPACE.search(text))


def is_damaged(text: str) -> bool:
    """Whether an error says that what lies in the repository is not what was put there."""
    return bool(_DAMAGED.search(text))
