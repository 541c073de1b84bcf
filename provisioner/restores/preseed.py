"""Strategy ``preseed``: fill the claims that the chart will ask for, before it is installed.

The application then boots once, on its own data.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from provisioner.cluster.api import Cluster
from provisioner.cluster.mirror import Mirror, mirror
from provisioner.cluster.resources import CLAIM, POD
from provisioner.cluster.room import as_no_room
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError
from provisioner.models.session import RestoreRecord
from provisioner.models.words import PhaseState
from provisioner.progress import RestoreProgress
from provisioner.repositories.restic import ResticRepository
from provisioner.repositories.tally import Tally
from provisioner.restores.claims import chart
from provisioner.restores.compared.compare import Listings, compare, with_walks
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.access import RESTORE_PODS, repository_access
from provisioner.restores.pods.fill import Fill
from provisioner.restores.pods.log import ResticLog
from provisioner.restores.pods.outcome import judge, second_try
from provisioner.restores.pods.pod import Ended
from provisioner.restores.recording import recorded
from provisioner.tasks import all_or_first_error, result_of

ONE_POD = "ReadWriteOncePod"


@dataclass(frozen=True)
class Scene:
    """What the restores of one application share."""

    together: Sequence[PlannedRestore]
    pods: Mirror
    listings: Listings


@dataclass(frozen=True)
class Preseed:
    """One application's restores, side by side.

    ``credentials`` go by the restore's name, ``repositories`` by their own.
    """

    cluster: Cluster
    namespace: str
    release: str
    credentials: Mapping[str, Mapping[str, str]]
    repositories: Mapping[str, ResticRepository]
    deadline: Deadline
    on_progress: Callable[[RestoreProgress], None]
    on_record: Callable[[RestoreRecord], None]

    async def run(self, planned: Sequence[PlannedRestore]) -> None:
        """Make all claims, and fill them.

        Raises:
            ProvisionerError: what kept a restore from ending well, by whose fault.
        """
        # The sandbox's own chart has made the others.
        await all_or_first_error(self._make_claim(one) for one in planned if not one.target.scratch)
        await self.fill(planned)

    async def fill(self, planned: Sequence[PlannedRestore]) -> None:
        """Fill claims that are there. The first restore that fails ends the others.

        Raises:
            ProvisionerError: what kept a restore from ending well, by whose fault.
        """
        async with (
            repository_access(self.cluster, self.namespace, planned, self.credentials),
            mirror(self.cluster, POD, self.namespace, RESTORE_PODS) as pods,
            Listings(self.repositories) as listings,
        ):
            turns = _turns(planned)
            scene = Scene(planned, pods, listings)
            await all_or_first_error(
                self._in_turn(one, scene, turns.get(one.target.name)) for one in with_walks(planned)
            )

    async def _make_claim(self, planned: PlannedRestore) -> None:
        claim = chart.manifest(planned.target, self.release, self.namespace)
        # Helm 4 applies server-side: only a claim of field manager "helm" does not conflict.
        try:
            await self.cluster.apply(CLAIM, claim, self.namespace, manager="helm")
        except ClusterError as error:
            raise as_no_room(error) from error

    async def _in_turn(
        self, planned: PlannedRestore, scene: Scene, turn: asyncio.Lock | None
    ) -> None:
        async with turn or nullcontext():
            await self._restore(planned, scene)
            if turn:
                await self._fill(planned, scene).gone()

    async def _restore(self, planned: PlannedRestore, scene: Scene) -> None:
        record = RestoreRecord(
            name=planned.restore.name,
            snapshot=planned.snapshot.id,
            claim=planned.target.name,
            replica=planned.target.replica,
            strategy=planned.strategy,
            state=PhaseState.RUNNING,
        )
        with recorded(record, self.on_record) as done:
            planned, log, end = await self._filled(planned, scene)
            judge(planned, log, end)
            listed = await result_of(scene.listings.of(planned))
            compared = compare(planned, scene.together, listed, log)
            numbers = {"files": log.files, "bytes": log.bytes, "seconds": round(log.seconds, 1)}
            done(folder=planned.root, compared=compared, **numbers)

    async def _filled(
        self, planned: PlannedRestore, scene: Scene
    ) -> tuple[PlannedRestore, ResticLog, Ended]:
        """The restore as it was made: the data may lie elsewhere in the snapshot than planned."""
        listing = scene.listings.of(planned)
        fill = self._fill(planned, scene)
        log, end = await fill.run()
        again = second_try(planned, log, end)
        if again and (again == planned or await _failed(listing)):
            await fill.gone()
            planned = again
            scene.listings.of(planned)
            log, end = await self._fill(planned, scene).run()
        return planned, log, end

    def _fill(self, planned: PlannedRestore, scene: Scene) -> Fill:
        where = (self.cluster, self.namespace, planned, scene.pods)
        return Fill(*where, self.deadline, self.on_progress)


async def _failed(listing: "asyncio.Task[Tally]") -> bool:
    """Whether the folder cannot be listed: restic restores one that is empty without a word."""
    await asyncio.wait({listing})
    return listing.exception() is not None


def _turns(planned: Sequence[PlannedRestore]) -> dict[str, asyncio.Lock]:
    """Locks of the claims that one pod at a time may mount: a second one would fit no node."""
    claims = {one.target.name: one.target for one in planned}
    return {
        name: asyncio.Lock()
        for name, target in claims.items()
        if ONE_POD in (target.spec.get("accessModes") or [])
    }
