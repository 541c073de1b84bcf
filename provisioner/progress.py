"""What the pipeline tells whoever watches, while it runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provisioner.models.session import Session


@dataclass(frozen=True)
class RestoreProgress:
    """restic's own progress of one restore. Rates are bytes per second since the start.

    ``name`` is the restore record's label.
    """

    name: str
    bytes_done: int
    bytes_total: int
    files_done: int
    files_total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes per second since the restore began; 0.0 in its first second, which tells little."""
        return self.bytes_done / self.seconds if self.seconds >= 1 else 0.0


class Observer(Protocol):
    """Gets every change of a session as it happens. Must return at once."""

    def record(self, session: Session) -> None:
        """The session's record changed: a phase, a restore, a check, the verdict."""

    def restoring(self, progress: RestoreProgress) -> None:
        """A restore went on."""

    def note(self, text: str) -> None:
        """A line worth seeing, e.g. what is being waited for. Replaces the one before."""

    def kept(self, until: datetime) -> None:
        """The sandbox is kept for a person until then."""


class Nobody:
    """Watches nothing."""

    def record(self, session: Session) -> None:
        """Do nothing."""

    def restoring(self, progress: RestoreProgress) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

    def kept(self, until: datetime) -> None:
        """Do nothing."""
