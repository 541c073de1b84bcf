"""One restore into a claim: made, followed while it runs, and sent away at its end."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from provisioner.cluster.api import Object
from provisioner.cluster.away import outlast
from provisioner.cluster.resources import POD
from provisioner.errors import ClusterError
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods import manifest, pod
from provisioner.restores.pods.in_pod import Reader, RestorePod
from provisioner.restores.pods.log import ResticLog, read_line
from provisioner.tasks import beside

LOG_SECONDS = 10.0
"""How long the rest of a log may take to arrive after its container ended."""


@dataclass(frozen=True)
class Fill(RestorePod):
    """Fills one claim. ``pods`` mirrors the restores' pods of the namespace."""

    planned: PlannedRestore

    async def run(self) -> tuple[ResticLog, pod.Ended]:
        """All that restic said, and how it ended; the pod is on its way out then.

        Raises:
            CapacityError: there is no room for the pod.
            ClusterError: it was refused or removed, or the cluster is away.
        """
        await self.make(manifest.manifest(self.planned, self.deadline.left()))
        async with beside(self.raise_trouble()):
            await self.pods.wait_for(self.own)
            await self.pods.wait_for(lambda there: self.there(there, pod.started))
            reader = Reader(self.planned.label, self.on_progress)
            end = await self._end(reader)
        log = reader.log if reader.log.exit_code is not None else await self._read_whole()
        await self.cluster.delete(POD, self.planned.object_name, self.namespace)
        return log, end

    async def _end(self, reader: "Reader") -> pod.Ended:
        """The end, by the log's last line if that comes first: it is up to a second earlier.

        Only of a success: how a failure ended, e.g. by the memory's limit, the pod tells.
        """
        noticing = asyncio.create_task(self.pods.wait_for(self._ended))
        reading = asyncio.create_task(self._follow(reader))
        try:
            await asyncio.wait({noticing, reading}, return_when=asyncio.FIRST_COMPLETED)
            if reader.log.summary and reader.log.exit_code == 0:
                return pod.Ended(0, "Completed", "")
            await asyncio.wait({noticing})
            end = noticing.result()
            # Not awaited itself: what it does with a cancellation must not become ours.
            await asyncio.wait({reading}, timeout=LOG_SECONDS)
            return end
        finally:
            noticing.cancel()
            reading.cancel()
            await asyncio.gather(noticing, reading, return_exceptions=True)

    async def _follow(self, reader: "Reader") -> None:
        """Read the log while it is written; a torn connection ends it quietly, see _end."""
        with suppress(ClusterError):
            async for line in self.lines(follow="true"):
                reader.take(line)
                if reader.log.exit_code is not None:
                    return

    async def _read_whole(self) -> ResticLog:
        async def read() -> ResticLog:
            log = ResticLog()
            async for line in self.lines():
                log, _ = read_line(log, line, self.planned.label)
            return log

        return await outlast(read)

    def _ended(self, there: Mapping[str, Object]) -> pod.Ended | None:
        own = self.there(there, pod.ended)
        return pod.ended(own) if own else None
