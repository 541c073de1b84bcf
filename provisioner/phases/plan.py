"""Phase 1: everything is decided.

The outline is the part that asks no repository. Once it stands, the empty sandbox is made while
snapshots are still being listed: a session waits for neither.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.cluster.api import Object
from provisioner.helm.hooks import HOOK, is_hook
from provisioner.helm.patches import Patch
from provisioner.helm.release import Release
from provisioner.models.places import Stream
from provisioner.models.verifier import Restore
from provisioner.phases.context import Context
from provisioner.phases.inputs import note_inputs
from provisioner.phases.mapping import make_room
from provisioner.phases.outline import Outline
from provisioner.phases.pinning import Pinned, pin
from provisioner.repositories import sets
from provisioner.repositories.dump import find_dump
from provisioner.repositories.restic import ResticRepository, folder_of
from provisioner.restores.claims.chart import title
from provisioner.restores.claims.targets import Targets
from provisioner.restores.held import Held
from provisioner.restores.inplace.planned import PlannedInplace
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.reading import Reading
from provisioner.restores.stream.pod import PlannedStream
from provisioner.restores.stream.services import service_of
from provisioner.tasks import all_or_first_error, both, result_of


@dataclass(frozen=True)
class Plan:
    """What will be done. ``rendered`` is the release with all its patches, hooks included.

    Without an application there is no ``release``. ``credentials`` are restic environments by the
    repository's name. Once ``inplace`` is done, its claims are among ``restores``, and ``stopped``
    is what has to be started again.
    """

    release: Release | None
    rendered: Sequence[Object]
    restores: Sequence[PlannedRestore]
    streams: Sequence[PlannedStream]
    repositories: Mapping[str, ResticRepository]
    credentials: Mapping[str, Mapping[str, str]]
    inplace: Sequence[PlannedInplace] = ()
    stopped: Sequence[Held] = ()

    @property
    def installed(self) -> Release:
        """The release, to whoever comes only where there is one."""
        assert self.release is not None  # without one nothing is installed  # noqa: S101
        return self.release

    @property
    def readings(self) -> list[Reading]:
        """All that reads a snapshot."""
        return [*self.restores, *self.streams, *self.inplace]

    def credentials_of(self, readings: Sequence[Reading]) -> dict[str, Mapping[str, str]]:
        """The same by the restore's name."""
        return {one.restore.name: self.credentials[one.repository.name] for one in readings}

    @property
    def objects(self) -> list[Object]:
        """The release's own objects, without its hooks, and what they have made and we stopped."""
        own = [one for one in self.rendered if not is_hook(one)]
        names = set(map(title, own))
        return own + [one.workload for one in self.stopped if title(one.workload) not in names]


async def plan(context: Context, outlined: "asyncio.Task[Outline]") -> Plan:
    """List and pin while the outline is being made, and bring both together.

    Raises:
        ProvisionerError: what stands in the way, by whose fault.
    """
    pinned, outline = await both(pin(context), result_of(outlined))
    planned = _restores(context, outline.claims.targets, pinned.snapshots)
    ((claims, planned), streams), _ = await both(
        both(
            make_room(context, outline.claims, planned),
            _streams(context, outline.claims.objects, pinned),
        ),
        note_inputs(context, outline),
    )
    release = outline.release and _patched(outline.release, claims.patches)
    before = [one for one in planned if one.restore.strategy == "preseed"]
    made = (pinned.repositories, pinned.credentials)
    inplace = _inplace(context, outline.claims.targets, pinned.snapshots, planned)
    return Plan(release, claims.objects, before, streams, *made, inplace)


def _inplace(
    context: Context, targets: Targets, pinned: sets.Pinned, planned: Sequence[PlannedRestore]
) -> list[PlannedInplace]:
    """With the claims that the chart tells of, some of which it makes: these have got room."""
    spec, roomy = context.verifier.spec, {one.label: one for one in planned}

    def one(restore: Restore) -> PlannedInplace:
        snapshot = pinned[restore.name]
        repository = spec.repository(restore.from_)
        found = PlannedInplace(restore, repository, snapshot)
        known = [found.into(target) for target in targets[restore.name]]
        return replace(found, known=[roomy.get(each.label, each) for each in known])

    return [one(each) for each in spec.restores if each.strategy == "inplace"]


def _patched(release: Release, patches: Sequence[Patch]) -> Release:
    return replace(release, patches=[*release.patches, *patches])


def _restores(context: Context, targets: Targets, pinned: sets.Pinned) -> list[PlannedRestore]:
    """A restore may go into several claims.

    Of those in place only what a chart asks for can be made larger before: not what Helm makes as a
    hook, which no patch of Helm 3 reaches.
    """
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
        if one.strategy == "preseed" or (target.origin and HOOK not in target.annotations)
    ]


async def _streams(
    context: Context,
    objects: Sequence[Object],
    pinned: Pinned,
) -> list[PlannedStream]:
    async def one(restore: Restore, stream: Stream, service: Object) -> PlannedStream:
        repository, snapshot = pinned.repositories[restore.from_], pinned.snapshots[restore.name]
        wanted_by = f"restore {restore.name}"
        file, size = await find_dump(repository, snapshot, stream.file, wanted_by)
        return PlannedStream(restore, repository.repository, snapshot, file, size, service)

    return await all_or_first_error(
        one(restore, restore.into.stream, service)
        for restore in context.verifier.spec.restores
        if restore.into.stream and (service := service_of(restore, objects))
    )
