"""Strategy ``preseed``: fill the claims that the chart will ask for, before it is installed.

The application then boots once, on its own data.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.away import outlast
from provisioner.cluster.mirror import Mirror, mirror
from provisioner.cluster.resources import CLAIM, EVENT, JOB, POD
from provisioner.cluster.room import as_no_room
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError
from provisioner.models.session import RestoreRecord, now
from provisioner.models.words import PhaseState
from provisioner.progress import RestoreProgress
from provisioner.restores import claims, job, pod
from provisioner.restores.access import RESTORE_PODS, repository_access
from provisioner.restores.job import RESTORE, PlannedRestore
from provisioner.restores.log import ResticLog, read_line
from provisioner.restores.outcome import judge, lies_elsewhere
from provisioner.tasks import all_or_first_error, beside

LOOK_SECONDS = 5.0
"""How often trouble is looked for that no pod event announces, such as a full quota."""

LOG_SECONDS = 10.0
"""How long the rest of a log may take to arrive after its container ended."""


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
            await all_or_first_error(self._restore(one, pods) for one in planned)

    async def _make_claim(self, planned: PlannedRestore) -> None:
        claim = claims.manifest(planned.target, self.release, self.namespace)
        # Helm 4 applies server-side: only a claim of field manager "helm" does not conflict.
        try:
            await self.cluster.apply(CLAIM, claim, self.namespace, manager="helm")
        except ClusterError as error:
            raise as_no_room(error) from error

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
            log, end = await self._fill(planned, pods)
            if lies_elsewhere(planned, log):
                await self._clear(planned, pods)
                log, end = await self._fill(replace(planned, root="/"), pods)
            judge(planned, log, end)
        except BaseException as error:
            self.on_record(
                record.model_copy(update={"state": PhaseState.FAILED, "message": str(error)})
            )
            raise
        numbers = {"files": log.files, "bytes": log.bytes, "seconds": round(log.seconds, 1)}
        self.on_record(record.model_copy(update={"state": PhaseState.DONE, **numbers}))

    async def _fill(self, planned: PlannedRestore, pods: Mirror) -> tuple[ResticLog, pod.Ended]:
        manifest = job.manifest(planned, self.deadline.left())
        await self.cluster.create(JOB, manifest, self.namespace)
        name = planned.label
        async with beside(self._raise_trouble(planned, pods)):
            running = await pods.wait_for(lambda there: _first(there, name, pod.started))
            began, pod_name = time.monotonic(), running["metadata"]["name"]
            reader = _Reader(name, began, self.on_progress)
            reading = asyncio.create_task(self._follow(pod_name, reader))
            try:
                over = await pods.wait_for(lambda there: _first(there, name, pod.ended))
                end = pod.ended(over)
                assert end is not None  # waited for  # noqa: S101
                took = time.monotonic() - began
                # The log's end lags by up to a second; with the summary nothing is missing but it.
                if end.exit_code != 0 or not reader.log.summary:
                    # Not awaited itself: what it does with a cancellation must not become ours.
                    await asyncio.wait({reading}, timeout=LOG_SECONDS)
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
        log = reader.log if reader.log.summary else await self._read_whole(pod_name, name)
        # restic counts whole seconds; what it could not see of itself is never less.
        return replace(log, seconds=max(log.seconds, took)), end

    async def _clear(self, planned: PlannedRestore, pods: Mirror) -> None:
        """Remove the Job and its ended pod, so that another takes their place."""
        name = planned.label
        ended = await pods.wait_for(lambda there: _first(there, name, pod.over))
        await self.cluster.delete(JOB, planned.object_name, self.namespace)
        await self.cluster.delete(POD, ended["metadata"]["name"], self.namespace, grace_seconds=0)
        await pods.wait_for(lambda there: None if _first(there, name, lambda _: True) else True)

    async def _follow(self, pod_name: str, reader: "_Reader") -> None:
        """Read the log while it is written; a torn connection ends it quietly, see _fill."""
        with suppress(ClusterError):
            async for line in self._lines(pod_name, {"follow": "true"}):
                reader.take(line)

    async def _read_whole(self, pod_name: str, name: str) -> ResticLog:
        async def read() -> ResticLog:
            log = ResticLog()
            async for line in self._lines(pod_name, {}):
                log, _ = read_line(log, line, name)
            return log

        return await outlast(read)

    async def _lines(self, pod_name: str, params: Mapping[str, str]) -> AsyncIterator[str]:
        path = f"/{pod_name}/log"
        async with self.cluster.stream(POD, self.namespace, path, params) as lines:
            async for line in lines:
                yield line

    async def _raise_trouble(self, planned: PlannedRestore, pods: Mirror) -> None:
        while True:
            found = _first(pods.objects, planned.label, lambda one: True)
            # Without the API server a pod looks as it last did: no trouble lasts by that.
            if pods.current and found and (error := pod.trouble(found, now())):
                raise error
            if not found:
                await self._raise_refused_pod(planned)
            # Not asyncio.wait_for: before Python 3.12 it can swallow a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await pods.changed()

    async def _raise_refused_pod(self, planned: PlannedRestore) -> None:
        """A pod that the API server refuses never appears; its Job's events say why."""
        fields = f"involvedObject.name={planned.object_name},reason=FailedCreate"
        for event in await self.cluster.list_all(EVENT, self.namespace, fields=fields):
            said = event.get("message", "")
            raise as_no_room(ClusterError(f"the restore's pod is refused: {said}"))


class _Reader:
    """The log as far as it has been read, and its progress told."""

    def __init__(self, name: str, began: float, tell: Callable[[RestoreProgress], None]) -> None:
        self._name = name
        self._began = began
        self._tell = tell
        self.log = ResticLog()

    def take(self, line: str) -> None:
        self.log, progress = read_line(self.log, line, self._name)
        if progress:
            self._tell(replace(progress, seconds=time.monotonic() - self._began))


def _first(
    there: Mapping[str, Object], name: str, fits: Callable[[Object], object]
) -> Object | None:
    """The pod of that restore when it fits."""
    for one in there.values():
        if one["metadata"]["labels"].get(RESTORE) == name and fits(one):
            return one
    return None
