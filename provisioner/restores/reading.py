"""What every restore is, whichever way its data gets in: a pod that reads one snapshot."""

from dataclasses import dataclass
from typing import Protocol

from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot


class Reading(Protocol):
    """One snapshot that is read inside the sandbox."""

    @property
    def restore(self) -> Restore:
        """As the document has it."""

    @property
    def repository(self) -> Repository:
        """Where the snapshot lies."""

    @property
    def snapshot(self) -> Snapshot:
        """The pinned one."""

    @property
    def label(self) -> str:
        """What tells it from all others, for people and as a label's value."""

    @property
    def object_name(self) -> str:
        """Name of the pod and of the Secret with the repository's credentials."""

    @property
    def place(self) -> str:
        """What it fills, for people."""


@dataclass(frozen=True)
class OnlyReading:
    """A restore's only reading, and so named after it alone."""

    restore: Restore
    repository: Repository
    snapshot: Snapshot

    @property
    def label(self) -> str:
        """As ``Reading`` has it."""
        return self.restore.name

    @property
    def object_name(self) -> str:
        """As ``Reading`` has it."""
        return f"restore-{self.restore.name}"
