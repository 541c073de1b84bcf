"""Strategy ``stream``: a dump goes through a pipe into the running service, by its own client."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.away import outlast
from provisioner.cluster.mirror import Mirror, mirror
from provisioner.cluster.pods import read_log
from provisioner.cluster.resources import POD
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError
from provisioner.models.session import RestoreRecord
from provisioner.models.words import PhaseState
from provisioner.progress import RestoreProgress
from provisioner.restores.pods import pod
from provisioner.restores.pods.access import RESTORE_PODS, repository_access
from provisioner.restores.pods.in_pod import Reader, RestorePod
from provisioner.restores.recording import recorded
from provisioner.restores.stream.outcome import Dumped, Ends, judge
from provisioner.restores.stream.pod import CLIENT, DUMPED, PlannedStream, manifest
from provisioner.tasks import all_or_first_error, beside

OTHER_SECONDS = 10.0
"""How long one side of the pipe may outlive the other when that has failed."""

LOG_SECONDS = 10.0
"""How long the rest of restic's log may take to arrive after its container ended."""

CLIENT_LINES = 200


@dataclass(frozen=True)
class Streams:
    """One application's dumps, side by side. ``credentials`` go by the restore's name."""

    cluster: Cluster
    namespace: str
    credentials: Mapping[str, Mapping[str, str]]
    deadline: Deadline
    on_progress: Callable[[RestoreProgress], None]
    on_record: Callable[[RestoreRecord], None]

    async def run(self, planned: Sequence[PlannedStream]) -> None:
        """Load all dumps. The first that fails ends the others.

        Raises:
            ProvisionerError: what kept a dump from being loaded, by whose fault.
        """
        async with (
            repository_access(self.cluster, self.namespace, planned, self.credentials),
            mirror(self.cluster, POD, self.namespace, RESTORE_PODS) as pods,
        ):
            await all_or_first_error(self._load(one, pods) for one in planned)

    async def _load(self, planned: PlannedStream, pods: Mirror) -> None:
        record = RestoreRecord(
            name=planned.label,
            snapshot=planned.snapshot.id,
            workload=planned.stream.workload,
            strategy="stream",
            state=PhaseState.RUNNING,
        )
        where = (self.cluster, self.namespace, planned, pods)
        with recorded(record, self.on_record) as done:
            seconds = await Load(*where, self.deadline, self.on_progress).run()
            done(files=1, bytes=planned.size, seconds=round(seconds, 1))


@dataclass(frozen=True)
class Load(RestorePod):
    """Loads one dump."""

    planned: PlannedStream

    async def run(self) -> float:
        """Seconds that it took.

        Raises:
            ProvisionerError: what went wrong, on which side of the pipe.
        """
        await self.make(manifest(self.planned, self.deadline.left()))
        async with beside(self.raise_trouble()):
            await self.pods.wait_for(self.own)
            await self.pods.wait_for(lambda there: self.there(there, pod.started))
            reader = _DumpReader(self.planned.label, self.on_progress)
            ends = await self._end(reader)
        seconds = reader.seconds()
        if reader.dumped is None:
            reader = await self._read_whole()
        judge(self.planned, reader.log, reader.dumped, ends, await self._client_said(ends))
        return seconds

    async def _end(self, reader: "_DumpReader") -> Ends:
        reading = asyncio.create_task(self._follow(reader))
        try:
            first = await self.pods.wait_for(self._decided)
            with suppress(TimeoutError):
                async with asyncio.timeout(OTHER_SECONDS):
                    first = await self.pods.wait_for(self._both)
            # Not awaited itself: what it does with a cancellation must not become ours.
            await asyncio.wait({reading}, timeout=LOG_SECONDS if first.restic else 0)
            return first
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _ends(self, there: Mapping[str, Object]) -> Ends:
        own = self.there(there, lambda _: True)
        assert own is not None  # it fits  # noqa: S101
        return Ends(pod.ended(own), pod.ended(own, CLIENT))

    def _both(self, there: Mapping[str, Object]) -> Ends | None:
        ends = self._ends(there)
        return ends if ends.restic and ends.client else None

    def _decided(self, there: Mapping[str, Object]) -> Ends | None:
        """A client may go on for long after the last byte, e.g. to make indexes."""
        ends = self._ends(there)
        return ends if ends.client or (ends.restic and ends.restic.exit_code) else None

    async def _follow(self, reader: "_DumpReader") -> None:
        """Read the log while it is written; a torn connection ends it quietly, see run."""
        with suppress(ClusterError):
            async for line in self.lines(follow="true"):
                reader.take(line)

    async def _read_whole(self) -> "_DumpReader":
        async def read() -> _DumpReader:
            reader = _DumpReader(self.planned.label, lambda _: None)
            async for line in self.lines():
                reader.take(line)
            return reader

        return await outlast(read)

    async def _client_said(self, ends: Ends) -> list[str]:
        if ends.client is None or not ends.client.exit_code:
            return []
        where = (self.cluster, self.namespace, self.planned.object_name, CLIENT)
        return await read_log(*where, lines=CLIENT_LINES)


class _DumpReader(Reader):
    """restic's log, with what its script says in the end."""

    dumped: Dumped | None = None

    def take(self, line: str) -> None:
        super().take(line)
        if DUMPED in line:
            with suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                self.dumped = Dumped(said["exit_code"], said["piped"], said["cut"])
