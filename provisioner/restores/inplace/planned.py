"""Strategy ``inplace``: what is known of such a restore before the chart is installed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.repositories.restic import folder_of
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.reading import OnlyReading


@dataclass(frozen=True)
class PlannedInplace(OnlyReading):
    """One snapshot, pinned, and the claims that it will go into.

    ``known`` are those that the chart tells of; where it tells of none, the installed application
    will.
    """

    known: Sequence[PlannedRestore] = ()

    @property
    def place(self) -> str:
        """As ``Reading`` has it."""
        into = self.restore.into
        if into.volume is not None:
            return f"volume {into.volume.name} of {into.volume.workload}"
        return f"claim {into.claim.name}" if into.claim is not None else ""

    def into(self, target: ClaimTarget) -> PlannedRestore:
        """The same restore, into a claim that is known by now."""
        root = folder_of(self.snapshot)
        return PlannedRestore(self.restore, self.repository, self.snapshot, root, target)
