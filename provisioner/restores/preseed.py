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
from provisioner.restores import claims
from provisioner.restores.access import RESTORE_PODS, repository_access
from provisioner.restores.fill import Fill
from provisioner.restores.outcome import judge, second_try
from provisioner.restores.planned import PlannedRestore
from provisioner.tasks import all_or_first_error

ONE_POD = "ReadWriteOncePod"


@dataclass(frozen=True)
class Preseed:
    """One application's restores, side by side. ``credentials`` go by the restore's name."""

    cluster: Cluster
    namespace: str
    release: str
    credentials: Mapping[str, Mapping[str, str]]
    deadline: Deadline
    on_progress: Callable[[RestoreProgress], None]
    on_record: Callable[[RestoreRecord], None]

    async def run(self, planned: Sequence[PlannedRestore]) -> None:
        """Fill all claims. The first restore that fails ends the others.

        Raises:
            ProvisionerError: what kept a restore from ending well, by whose fault.
        """
        await all_or_first_error(self._make_claim(one) for one in planned)
        async with (
            repository_access(self.cluster, self.namespace, planned, self.credentials),
            mirror(self.cluster, POD, self.namespace, RESTORE_PODS) as pods,
        ):
            turns = _turns(planned)
            await all_or_first_error(
                self._in_turn(one, pods, turns.get(one.target.name)) for one in planned
            )

    async def _make_claim(self, planned: PlannedRestore) -> None:
        claim = claims.manifest(planned.target, self.release, self.namespace)
        # Helm 4 applies server-side: only a claim of field manager "helm" does not conflict.
        try:
            await self.cluster.apply(CLAIM, claim, self.namespace, manager="helm")
        except ClusterError as error:
            raise as_no_room(error) from error

    async def _in_turn(
        self, planned: PlannedRestore, pods: Mirror, turn: asyncio.Lock | None
    ) -> None:
        async with turn or nullcontext():
            await self._restore(planned, pods)
            if turn:
                await self._fill(planned, pods).gone()

    async def _restore(self, planned: PlannedRestore, pods: Mirror) -> None:
        record = RestoreRecord(
            name=planned.restore.name,
            snapshot=planned.snapshot.id,
            claim=planned.target.name,
            replica=planned.target.replica,
            state=PhaseState.RUNNING,
        )
        self.on_record(record)
        try:
            fill = self._fill(planned, pods)
            log, end = await fill.run()
            if again := second_try(planned, log, end):
                await fill.gone()
                log, end = await self._fill(again, pods).run()
            judge(planned, log, end)
        except BaseException as error:
            self.on_record(
                record.model_copy(update={"state": PhaseState.FAILED, "message": str(error)})
            )
            raise
        numbers = {"files": log.files, "bytes": log.bytes, "seconds": round(log.seconds, 1)}
        self.on_record(record.model_copy(update={"state": PhaseState.DONE, **numbers}))

    def _fill(self, planned: PlannedRestore, pods: Mirror) -> Fill:
        where = (self.cluster, self.namespace, planned, pods)
        return Fill(*where, self.deadline, self.on_progress)


def _turns(planned: Sequence[PlannedRestore]) -> dict[str, asyncio.Lock]:
    """Locks of the claims that one pod at a time may mount: a second one would fit no node."""
    claims = {one.target.name: one.target for one in planned}
    return {
        name: asyncio.Lock()
        for name, target in claims.items()
        if ONE_POD in (target.spec.get("accessModes") or [])
    }
