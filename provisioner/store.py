"""Where sessions are recorded."""

import contextlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Protocol

from pydantic import ValidationError

from provisioner.errors import ConfigurationError, UsageError
from provisioner.models.session import Report, Session

logger = logging.getLogger(__name__)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


class SessionStore(Protocol):
    """Keeps the records of sessions. Small and synchronous: callers use a thread."""

    def save(self, session: Session) -> None:
        """Record the session as it stands; the record before it is replaced."""

    def load(self, session_id: str) -> Session:
        """The session of that id, a ``Report`` when it is finished."""

    def list(self) -> list[Session]:
        """All sessions, the newest first."""

    def remove(self, session_id: str) -> None:
        """Forget a session; one that is not there is forgotten already."""


class FolderStore:
    """One JSON file a session and its log, for their owner's eyes only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def default(cls, environment: Mapping[str, str]) -> "FolderStore":
        """The store in the user's state folder, as the XDG specification places it."""
        state = Path(environment.get("XDG_STATE_HOME", ""))
        if not state.is_absolute():  # the specification: ignore a relative one
            state = Path(environment.get("HOME") or "~").expanduser() / ".local" / "state"
        return cls(state / "provisioner" / "sessions")

    def path(self, session_id: str) -> Path:
        """The file of that session.

        Raises:
            UsageError: that can be no session's id.
        """
        return self._file(session_id, "json")

    def log_path(self, session_id: str) -> Path:
        """The log of that session, beside its record.

        Raises:
            UsageError: that can be no session's id.
        """
        return self._file(session_id, "log")

    def open_log(self, session_id: str) -> IO[str]:
        """The log of that session, to write to its end; each line is there at once.

        Raises:
            OSError: it cannot be written.
        """
        path = self.log_path(session_id)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(path, flags, _PRIVATE_FILE)
        return os.fdopen(descriptor, "a", buffering=1, encoding="utf-8")

    def _file(self, session_id: str, suffix: str) -> Path:
        if not _ID.fullmatch(session_id):
            raise UsageError(f"{session_id!r} is no session's id")
        return self._folder / f"{session_id}.{suffix}"

    def save(self, session: Session) -> None:
        """Record the session.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        path = self.path(session.id)
        try:
            self._folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            write_atomically(path, session.to_json())
        except OSError as error:
            raise ConfigurationError(
                f"the session cannot be recorded in {path}: {error.strerror}",
                hint="make the folder writable, or set XDG_STATE_HOME to one that is",
            ) from error

    def load(self, session_id: str) -> Session:
        """Read one session.

        Raises:
            UsageError: there is none of that id, or its file is damaged.
        """
        path = self.path(session_id)
        try:
            return _read(path)
        except FileNotFoundError as error:
            raise UsageError(f"there is no session {session_id} in {self._folder}") from error
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} is no session's record: {_told(error)}") from error

    def list(self) -> list[Session]:
        """All sessions that can be read, the newest first; damaged ones are logged."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                found.append(_read(path))
            except (OSError, ValueError) as error:
                logger.warning("%s is no session's record: %s", path, _told(error))
        return sorted(found, key=lambda session: session.started_at, reverse=True)

    def remove(self, session_id: str) -> None:
        """Remove a session's record and its log.

        Raises:
            ConfigurationError: a file cannot be removed.
        """
        for path in (self.path(session_id), self.log_path(session_id)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise ConfigurationError(f"{path} cannot be removed: {error.strerror}") from error


def write_atomically(path: Path, text: str, *, mode: int = _PRIVATE_FILE) -> None:
    """Write a file so that readers see the old one or the new one, also after a power cut."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The new name is only safe once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> Session:
    content = json.loads(path.read_text(encoding="utf-8"))
    kind = content.get("kind") if isinstance(content, dict) else None
    model = Report if kind == "BackupVerificationReport" else Session
    return model.model_validate(content)


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
