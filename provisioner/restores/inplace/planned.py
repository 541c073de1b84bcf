"""Strategy ``inplace``: what is known of such a restore before the chart is installed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.restores.planned import PlannedRestore


@dataclass(frozen=True)
class PlannedInplace:
    """One snapshot, pinned, and the claims that it will go into. ``root`` is the snapshot's folder.

    ``known`` are those that the chart tells of; where it tells of none, the installed application
    will.
    """

    restore: Restore
    repository: Repository
    snapshot: Snapshot
    root: str
    known: Sequence[PlannedRestore] = ()

    @property
    def label(self) -> str:
        """As ``Reading`` has it."""
        return self.restore.name

    @property
    def object_name(self) -> str:
        """As ``Reading`` has it."""
        return f"restore-{self.restore.name}"

    @property
    def place(self) -> str:
        """As ``Reading`` has it."""
        into = self.restore.into
        if into.volume is not None:
            return f"volume {into.volume.name} of {into.volume.workload}"
        return f"claim {into.claim.name}" if into.claim is not None else ""

    def into(self, target: ClaimTarget) -> PlannedRestore:
        """The same restore, into a claim that is known by now."""
        return PlannedRestore(self.restore, self.repository, self.snapshot, self.root, target)
