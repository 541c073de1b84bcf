"""Claims of an installed application that have too little room for their snapshots."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import holds
from provisioner.cluster.resources import CLAIM
from provisioner.cluster.room import as_no_room, is_no_room
from provisioner.errors import CapacityError, ClusterError
from provisioner.models.quantity import bytes_of, in_mebibytes
from provisioner.models.session import EnlargedClaim
from provisioner.restores.claims.room import needed
from provisioner.restores.inplace.stopping import LOOK_SECONDS
from provisioner.restores.planned import PlannedRestore
from provisioner.tasks import all_or_first_error

GROW_SECONDS = 120.0
"""What a volume may take to grow. One of a class that nobody serves stays as it is."""

_REFUSED = (httpx.codes.FORBIDDEN, httpx.codes.UNPROCESSABLE_ENTITY)


@dataclass(frozen=True)
class Growing:
    """Makes room where claims are there already."""

    cluster: Cluster
    namespace: str
    planned: Sequence[PlannedRestore]

    async def grow(self) -> list[EnlargedClaim]:
        """Enlarge the claims that are too small, and say which.

        Raises:
            CapacityError: one is smaller than its snapshots, and cannot grow.
        """
        names = sorted({one.target.name for one in self.planned})
        grown = await all_or_first_error(self._grow(name) for name in names)
        return [one for one in grown if one]

    async def _grow(self, name: str) -> EnlargedClaim | None:
        wanted = needed(self.planned, name)
        before = _room(await self.cluster.get(CLAIM, name, self.namespace))
        if bytes_of(before) >= wanted:
            return None
        size = in_mebibytes(wanted)
        refusal = await self._ask(name, size)
        if refusal or not await self._has_grown(name, wanted):
            self._refuse_to_overfill(name, before, refusal or f"asked for {size}, it did not grow")
            return None
        return EnlargedClaim(claim=name, requested=before, enlarged=size)

    async def _ask(self, name: str, size: str) -> str:
        """Ask for more; why it is refused, if it is: its class alone decides that."""
        patch = {"spec": {"resources": {"requests": {"storage": size}}}}
        try:
            await self.cluster.merge(CLAIM, name, patch, self.namespace)
        except ClusterError as error:
            if is_no_room(error.message) or error.status not in _REFUSED:
                raise as_no_room(error) from error
            return error.message
        return ""

    async def _has_grown(self, name: str, wanted: int) -> bool:
        """Some volumes grow the rest of the way when the restore's pod mounts them."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GROW_SECONDS):
                while True:
                    live = await self.cluster.get(CLAIM, name, self.namespace)
                    if holds(live, "FileSystemResizePending") or bytes_of(_room(live)) >= wanted:
                        return True
                    await asyncio.sleep(LOOK_SECONDS)
        return False

    def _refuse_to_overfill(self, name: str, room: str, why: str) -> None:
        """What fits without the usual reserve is tried: production had no more, either."""
        size = sum(one.snapshot.bytes or 0 for one in self.planned if one.target.name == name)
        if bytes_of(room) < size:
            raise CapacityError(
                f"claim {name} has {room}, and what is restored into it has"
                f" {in_mebibytes(size)}: {why}",
                hint="have the chart ask for a larger claim, by spec.application.values, or for a"
                " storage class that lets claims grow",
            )


def _room(claim: Object) -> str:
    """What it has by now, or asks for, as a quantity."""
    asked = claim["spec"]["resources"]["requests"]["storage"]
    return str((claim.get("status", {}).get("capacity") or {}).get("storage") or asked)
