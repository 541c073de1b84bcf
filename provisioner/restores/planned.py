"""One restore as it was planned: which snapshot goes into which claim."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from provisioner.models.session import Strategy, restore_label
from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.restores.compared.walk import Walk


@dataclass(frozen=True)
class PlannedRestore:
    """One snapshot, pinned, and the claim it goes into. ``root`` is the snapshot's folder.

    ``beside`` is the same for all that share a node, and empty for one that needs none. ``walk`` is
    how one looks at what came back.
    """

    restore: Restore
    repository: Repository
    snapshot: Snapshot
    root: str
    target: ClaimTarget
    beside: str = ""
    walk: Walk = field(default_factory=Walk)

    @property
    def label(self) -> str:
        """What tells it from all others, for people and as a label's value."""
        return restore_label(self.restore.name, self.target.replica)

    @property
    def object_name(self) -> str:
        """Name of the pod and of the Secret with the repository's credentials.

        The replica's number stands before the name: behind it, it could be another's end.
        """
        replica = "" if self.target.replica is None else self.target.replica
        return f"restore{replica}-{self.restore.name}"

    @property
    def strategy(self) -> Strategy:
        """How its data gets in."""
        return "scratch" if self.target.scratch else self.restore.strategy

    @property
    def place(self) -> str:
        """What it fills, for people."""
        return f"claim {self.target.name}"

    @property
    def own_folder(self) -> str:
        """The name of the snapshot's folder when it comes back itself, and not only what it holds.

        restic never changes the target of a restore. A folder of a claim is therefore mounted
        below the target: so it gets its own owner and mode, and PostgreSQL starts. A claim's root
        stays as the kubelet made it for the workload's fsGroup.
        """
        return PurePosixPath(self.root).name if self.target.sub_path else ""
