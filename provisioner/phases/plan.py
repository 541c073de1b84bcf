"""Phase 1: everything is decided.

The outline is the part that asks no repository. Once it stands, the empty sandbox is made while
snapshots are still being listed: a session waits for neither.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.cluster.api import Object
from provisioner.helm.hooks import is_hook
from provisioner.helm.release import Release
from provisioner.phases.context import Context
from provisioner.phases.mapping import make_room
from provisioner.phases.outline import Outline
from provisioner.phases.pinning import pin
from provisioner.repositories import sets
from provisioner.repositories.restic import ResticRepository, folder_of
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.targets import Targets
from provisioner.tasks import both, result_of


@dataclass(frozen=True)
class Plan:
    """What will be done. ``rendered`` is the release with all its patches, hooks included.

    ``credentials`` are restic environments by the repository's name.
    """

    release: Release
    rendered: Sequence[Object]
    restores: Sequence[PlannedRestore]
    repositories: Mapping[str, ResticRepository]
    credentials: Mapping[str, Mapping[str, str]]

    @property
    def objects(self) -> list[Object]:
        """The release's own objects, without its hooks."""
        return [one for one in self.rendered if not is_hook(one)]


async def plan(context: Context, outlined: "asyncio.Task[Outline]") -> Plan:
    """List and pin while the outline is being made, and bring both together.

    Raises:
        ProvisionerError: what stands in the way, by whose fault.
    """
    pinned, outline = await both(pin(context), result_of(outlined))
    planned = _restores(context, outline.claims.targets, pinned.snapshots)
    claims, planned = await make_room(context, outline.claims, planned)
    patches = [*outline.release.patches, *claims.patches]
    return Plan(
        replace(outline.release, patches=patches),
        claims.objects,
        planned,
        pinned.repositories,
        pinned.credentials,
    )


def _restores(context: Context, targets: Targets, pinned: sets.Pinned) -> list[PlannedRestore]:
    """A restore may go into several claims."""
    spec = context.verifier.spec
    return [
        PlannedRestore(
            one,
            spec.repository(one.from_),
            pinned[one.name],
            folder_of(pinned[one.name]),
            target,
        )
        for one in spec.restores
        for target in targets[one.name]
    ]
