"""One restore in a pod of its own: made, followed while it runs, and sent away at its end."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.away import outlast
from provisioner.cluster.mirror import Mirror
from provisioner.cluster.resources import POD
from provisioner.cluster.room import as_no_room
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError
from provisioner.patience import Patience
from provisioner.progress import RestoreProgress
from provisioner.restores import manifest, pod
from provisioner.restores.log import ResticLog, read_line
from provisioner.restores.planned import PlannedRestore
from provisioner.tasks import beside

LOOK_SECONDS = 5.0
"""How often a pod's trouble is looked at again: it may have lasted too long by then."""

REFUSED_GRACE = 20.0
"""Seconds that a pod is tried to be made: a quota may be freed, and one that somebody else was
changing refuses what it has room for."""

AGAIN_SECONDS = 0.2

LOG_SECONDS = 10.0
"""How long the rest of a log may take to arrive after its container ended."""

_PASSING = re.compile(
    r"exceeded quota|Operation cannot be fulfilled|error looking up service account"
)
"""Refusals that end by themselves; a new namespace has its service account a moment later."""


@dataclass(frozen=True)
class Fill:
    """Fills one claim. ``pods`` mirrors the restores' pods of the namespace."""

    cluster: Cluster
    namespace: str
    planned: PlannedRestore
    pods: Mirror
    deadline: Deadline
    on_progress: Callable[[RestoreProgress], None]

    async def run(self) -> tuple[ResticLog, pod.Ended]:
        """All that restic said, and how it ended; the pod is on its way out then.

        Raises:
            CapacityError: there is no room for the pod.
            ClusterError: it was refused or removed, or the cluster is away.
        """
        await self._make()
        async with beside(self._raise_trouble()):
            await self.pods.wait_for(self._own)
            await self.pods.wait_for(lambda there: self._there(there, pod.started))
            reader = _Reader(self.planned.label, self.on_progress)
            end = await self._end(reader)
        log = reader.log if reader.log.summary else await self._read_whole()
        await self.cluster.delete(POD, self.planned.object_name, self.namespace)
        # restic counts whole seconds; what it could not see of itself is never less.
        return replace(log, seconds=max(log.seconds, reader.seconds())), end

    async def gone(self) -> None:
        """Wait until another may take the pod's place."""
        await self.pods.wait_for(lambda there: None if self._own(there) else True)

    async def _make(self) -> None:
        """Create the pod, and again while what refuses it may pass."""
        made = manifest.manifest(self.planned, self.deadline.left())
        until = time.monotonic() + REFUSED_GRACE
        while True:
            try:
                await self.cluster.create(POD, made, self.namespace)
            except ClusterError as error:
                if not _PASSING.search(error.message) or time.monotonic() > until:
                    raise as_no_room(_refused(error)) from error
            else:
                return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _end(self, reader: "_Reader") -> pod.Ended:
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

    async def _follow(self, reader: "_Reader") -> None:
        """Read the log while it is written; a torn connection ends it quietly, see _end."""
        with suppress(ClusterError):
            async for line in self._lines({"follow": "true"}):
                reader.take(line)
                if reader.log.exit_code is not None:
                    return

    async def _read_whole(self) -> ResticLog:
        async def read() -> ResticLog:
            log = ResticLog()
            async for line in self._lines({}):
                log, _ = read_line(log, line, self.planned.label)
            return log

        return await outlast(read)

    async def _lines(self, params: Mapping[str, str]) -> AsyncIterator[str]:
        path = f"/{self.planned.object_name}/log"
        async with self.cluster.stream(POD, self.namespace, path, params) as lines:
            async for line in lines:
                yield line

    async def _raise_trouble(self) -> None:
        patience = Patience()
        while True:
            own = self._own(self.pods.objects)
            found = pod.troubles(own) if own else []
            if not self.pods.current:
                # Without the API server a pod looks as it last did: no trouble lasts by that.
                patience = Patience()
            elif error := patience.worn_out(found, time.monotonic()):
                raise error
            # Not asyncio.wait_for: before Python 3.12 it can swallow a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.pods.changed()

    def _own(self, there: Mapping[str, Object]) -> Object | None:
        return there.get(self.planned.object_name)

    def _there(
        self, there: Mapping[str, Object], fits: Callable[[Object], object]
    ) -> Object | None:
        """The pod, once it fits.

        Raises:
            ClusterError: somebody removed it.
        """
        own = self._own(there)
        if own is None:
            raise ClusterError(
                f"the pod of restore {self.planned.label} was removed before it was done",
                hint="was its node drained, or the pod deleted?",
            )
        return own if fits(own) else None

    def _ended(self, there: Mapping[str, Object]) -> pod.Ended | None:
        own = self._there(there, pod.ended)
        return pod.ended(own) if own else None


def _refused(error: ClusterError) -> ClusterError:
    return ClusterError(f"the restore's pod is refused: {error.message}", status=error.status)


class _Reader:
    """The log as far as it has been read, and its progress told."""

    def __init__(self, name: str, tell: Callable[[RestoreProgress], None]) -> None:
        self._name = name
        self._began = time.monotonic()
        self._tell = tell
        self.log = ResticLog()

    def take(self, line: str) -> None:
        self.log, progress = read_line(self.log, line, self._name)
        if progress:
            self._tell(replace(progress, seconds=self.seconds()))

    def seconds(self) -> float:
        return time.monotonic() - self._began
