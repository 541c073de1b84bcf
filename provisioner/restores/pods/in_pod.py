"""A restore's pod: made, watched, listened to, and looked for, whatever runs in it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.mirror import Mirror
from provisioner.cluster.resources import POD
from provisioner.cluster.room import as_no_room
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError
from provisioner.patience import Patience
from provisioner.progress import RestoreProgress
from provisioner.restores.pods import pod
from provisioner.restores.pods.log import ResticLog, read_line
from provisioner.restores.reading import Reading

LOOK_SECONDS = 5.0
"""How often a pod's trouble is looked at again: it may have lasted too long by then."""

REFUSED_GRACE = 20.0
"""Seconds that a pod is tried to be made: a quota may be freed, and one that somebody else was
changing refuses what it has room for."""

AGAIN_SECONDS = 0.2

_PASSING = re.compile(
    r"exceeded quota|Operation cannot be fulfilled|error looking up service account"
)
"""Refusals that end by themselves; a new namespace has its service account a moment later."""


@dataclass(frozen=True)
class RestorePod:
    """One restore's pod. ``pods`` mirrors the restores' pods of the namespace."""

    cluster: Cluster
    namespace: str
    planned: Reading
    pods: Mirror
    deadline: Deadline
    on_progress: Callable[[RestoreProgress], None]

    async def make(self, made: Object) -> None:
        """Create the pod, and again while what refuses it may pass.

        Raises:
            CapacityError: there is no room for it.
            ClusterError: it is refused.
        """
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

    async def gone(self) -> None:
        """Wait until another may take the pod's place."""
        await self.pods.wait_for(lambda there: None if self.own(there) else True)

    async def lines(self, **params: str) -> AsyncIterator[str]:
        """restic's log; ``params`` are those of the API."""
        path = f"/{self.planned.object_name}/log"
        async with self.cluster.stream(
            POD, self.namespace, path, {"container": pod.RESTIC, **params}
        ) as lines:
            async for line in lines:
                yield line

    async def raise_trouble(self) -> None:
        """Watch, and raise what keeps the pod from running when it lasts too long."""
        patience = Patience()
        while True:
            own = self.own(self.pods.objects)
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

    def own(self, there: Mapping[str, Object]) -> Object | None:
        """The pod, when it is there."""
        return there.get(self.planned.object_name)

    def there(self, there: Mapping[str, Object], fits: Callable[[Object], object]) -> Object | None:
        """The pod, once it fits.

        Raises:
            ClusterError: somebody removed it.
        """
        own = self.own(there)
        if own is None:
            raise ClusterError(
                f"the pod of restore {self.planned.label} was removed before it was done",
                hint="was its node drained, or the pod deleted?",
            )
        return own if fits(own) else None


def _refused(error: ClusterError) -> ClusterError:
    return ClusterError(f"the restore's pod is refused: {error.message}", status=error.status)


class Reader:
    """The log as far as it has been read, and its progress told."""

    def __init__(self, name: str, tell: Callable[[RestoreProgress], None]) -> None:
        self._name = name
        self._began = time.monotonic()
        self._tell = tell
        self.log = ResticLog()

    def take(self, line: str) -> None:
        """Read one line more."""
        self.log, progress = read_line(self.log, line, self._name)
        if progress:
            self._tell(replace(progress, seconds=self.seconds()))

    def seconds(self) -> float:
        """Since the container was seen to run."""
        return time.monotonic() - self._began
