"""Each restore against its snapshot's own listing, which is read while restic restores."""

import asyncio
import posixpath
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType

from provisioner.errors import BackupError, ConfigurationError, RestoreDiffersError
from provisioner.models.compared import ComparedRecord
from provisioner.repositories.restic import ResticRepository
from provisioner.repositories.tally import PRIME, Entry, Sample, Tally
from provisioner.restores.compared.inventory import Inventory
from provisioner.restores.compared.walk import Scope, Walk, tally_of
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.log import ResticLog

LOST = "lost+found"
"""The folder that some filesystems have in their root from the start."""

_SHOWN = 15


class Listings:
    """The listings of snapshots, each read once, however many claims it goes into.

    ``repositories`` go by their names. Leaving the block ends what still reads.
    """

    def __init__(self, repositories: Mapping[str, ResticRepository]) -> None:
        self._repositories = repositories
        self._tasks: dict[tuple[object, ...], asyncio.Task[Tally]] = {}

    def of(self, planned: PlannedRestore) -> "asyncio.Task[Tally]":
        """Begin to read, or go on with what others have begun."""
        key = (planned.repository.name, planned.snapshot.id, planned.root, planned.walk)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._read(planned))
        return self._tasks[key]

    async def _read(self, planned: PlannedRestore) -> Tally:
        """Once more when a part is missing: a prune may have moved it meanwhile."""
        try:
            return await self._once(planned)
        except BackupError:
            return await self._once(planned)

    async def _once(self, planned: PlannedRestore) -> Tally:
        tally = Tally(Sample(planned.walk.seed))

        def take(entry: Entry) -> None:
            if planned.walk.scope.holds(entry.path):
                tally.add(entry)

        repository = self._repositories[planned.repository.name]
        await repository.list_files(planned.snapshot.id, planned.root, take)
        return tally

    async def __aenter__(self) -> "Listings":
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def with_walks(planned: Sequence[PlannedRestore]) -> list[PlannedRestore]:
    """The same restores, each with how it is looked at; one seed serves all."""
    seed = secrets.randbelow(PRIME)
    return [replace(one, walk=Walk(scope_of(one, planned), seed)) for one in planned]


def scope_of(planned: PlannedRestore, together: Sequence[PlannedRestore]) -> Scope:
    """What of a claim is this restore's: not the folders in it that others fill."""
    own = _place(planned)
    below = sorted(
        posixpath.relpath(_place(one), own)
        for one in _sharing(planned, together)
        if _place(one).startswith(own.rstrip("/") + "/")
    )
    lost = [LOST] if own == "/" else []
    ways = dict.fromkeys(way for one in below for way in _ways_to(one))
    return Scope((*lost, *below), tuple(ways))


def compare(
    planned: PlannedRestore, together: Sequence[PlannedRestore], listed: Tally, log: ResticLog
) -> ComparedRecord:
    """What was compared, when nothing differs.

    Raises:
        RestoreDiffersError: what lies there is not what the snapshot lists.
        ConfigurationError: the pod could not tell what lies there.
    """
    there = tally_of(log.walked, listed.sample.seed)
    if there is None:
        raise ConfigurationError(
            f"restore {planned.label}: what came back could not be counted",
            hint=f"image {planned.repository.restic.image} has to hold sh, find, stat and awk",
            details=list(log.errors),
        )
    inventory = Inventory(listed, there, _group(planned, together))
    if found := inventory.differences():
        raise _differs(planned, found)
    return inventory.record()


def _differs(planned: PlannedRestore, found: Sequence[str]) -> RestoreDiffersError:
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return RestoreDiffersError(
        f"restore {planned.label}: restic ended well, but what lies in claim {planned.target.name}"
        f" is not what snapshot {planned.snapshot.id[:8]} lists: {found[0]}",
        hint="does the claim's storage keep owners, modes, links and names as they are? Network"
        " shares and filesystems that ignore case may not",
        details=[*found[:_SHOWN], *more],
    )


def _group(planned: PlannedRestore, together: Sequence[PlannedRestore]) -> int | None:
    """The fsGroup that the kubelet may have given the files to.

    Only where another restore's pod mounts the same claim, too: the first mount finds it empty.
    """
    if not _sharing(planned, together):
        return None
    group = (planned.target.pod.get("securityContext") or {}).get("fsGroup")
    return None if group is None else int(group)


def _sharing(planned: PlannedRestore, together: Sequence[PlannedRestore]) -> list[PlannedRestore]:
    """The other restores into the same claim."""
    claim, own = planned.target.name, planned.label
    return [one for one in together if one.target.name == claim and one.label != own]


def _place(planned: PlannedRestore) -> str:
    return posixpath.normpath(f"/{planned.target.sub_path}")


def _ways_to(path: str) -> list[str]:
    """The folders above it."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
