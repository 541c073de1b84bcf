"""Phase 1: everything is decided.

The outline is the part that asks no repository. Once it stands, the empty sandbox is made while
snapshots are still being listed: a session waits for neither.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.cluster.api import Object
from provisioner.helm.hooks import is_hook
from provisioner.helm.release import Release
from provisioner.models.places import Stream
from provisioner.models.session import SnapshotRecord
from provisioner.models.verifier import Repository, Restore
from provisioner.phases.context import Context
from provisioner.phases.mapping import make_room
from provisioner.phases.outline import Outline
from provisioner.phases.production import read_object, texts_of
from provisioner.repositories import selection, sets
from provisioner.repositories.dump import find_dump
from provisioner.repositories.restic import ResticRepository, credentials, folder_of
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.reading import Reading
from provisioner.restores.services import service_of
from provisioner.restores.stream_pod import PlannedStream
from provisioner.restores.targets import Targets
from provisioner.tasks import all_or_first_error, both, result_of

MOST_SEED = 2**31


@dataclass(frozen=True)
class Plan:
    """What will be done. ``rendered`` is the release with all its patches, hooks included.

    ``credentials`` are restic environments by the repository's name.
    """

    release: Release
    rendered: Sequence[Object]
    restores: Sequence[PlannedRestore]
    streams: Sequence[PlannedStream]
    repositories: Mapping[str, ResticRepository]
    credentials: Mapping[str, Mapping[str, str]]

    @property
    def readings(self) -> list[Reading]:
        """All that reads a snapshot."""
        return [*self.restores, *self.streams]

    def credentials_of(self, readings: Sequence[Reading]) -> dict[str, Mapping[str, str]]:
        """The same by the restore's name."""
        return {one.restore.name: self.credentials[one.repository.name] for one in readings}

    @property
    def objects(self) -> list[Object]:
        """The release's own objects, without its hooks."""
        return [one for one in self.rendered if not is_hook(one)]


async def plan(context: Context, outlined: "asyncio.Task[Outline]") -> Plan:
    """List and pin while the outline is being made, and bring both together.

    Raises:
        ProvisionerError: what stands in the way, by whose fault.
    """
    env = await _credentials(context)
    repositories = _repositories(context, env)
    pinned, outline = await both(_pinned(context, repositories), result_of(outlined))
    planned = _restores(context, outline.claims.targets, pinned)
    (claims, planned), streams = await both(
        make_room(context, outline.claims, planned),
        _streams(context, outline.claims.objects, pinned, repositories),
    )
    release = replace(outline.release, patches=[*outline.release.patches, *claims.patches])
    return Plan(release, claims.objects, planned, streams, repositories, env)


async def _pinned(context: Context, repositories: Mapping[str, ResticRepository]) -> sets.Pinned:
    """Pin a snapshot for each restore, and record it."""
    listed = await _list(context, repositories)
    restores = context.verifier.spec.restores
    seeds = _seeds(restores)
    pinned = _pin(context, listed, seeds)
    context.recorder.update(
        snapshots=[_record(context, one, pinned[one.name], seeds) for one in restores],
        skew_seconds=sets.skew(pinned).total_seconds() if len(pinned) > 1 else None,
    )
    return pinned


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


async def _streams(
    context: Context,
    objects: Sequence[Object],
    pinned: sets.Pinned,
    repositories: Mapping[str, ResticRepository],
) -> list[PlannedStream]:
    async def one(restore: Restore, stream: Stream, service: Object) -> PlannedStream:
        repository, snapshot = repositories[restore.from_], pinned[restore.name]
        wanted_by = f"restore {restore.name}"
        file, size = await find_dump(repository, snapshot, stream.file, wanted_by)
        return PlannedStream(restore, repository.repository, snapshot, file, size, service)

    return await all_or_first_error(
        one(restore, restore.into.stream, service)
        for restore in context.verifier.spec.restores
        if restore.into.stream and (service := service_of(restore, objects))
    )


async def _credentials(context: Context) -> dict[str, dict[str, str]]:
    async def one(repository: Repository) -> tuple[str, dict[str, str]]:
        wanted_by = f"repository {repository.name}"
        data = texts_of(await read_object(context, repository.restic.secret, wanted_by))
        context.recorder.hide(data)
        return repository.name, credentials(repository, data)

    found = await all_or_first_error(one(each) for each in context.verifier.spec.repositories)
    return dict(found)


def _repositories(
    context: Context, env: Mapping[str, Mapping[str, str]]
) -> dict[str, ResticRepository]:
    return {
        one.name: ResticRepository(one, env[one.name], context.request.restic)
        for one in context.verifier.spec.repositories
    }


async def _list(
    context: Context, repositories: Mapping[str, ResticRepository]
) -> dict[str, list[Snapshot]]:
    used = sorted({one.from_ for one in context.verifier.spec.restores})
    found = await all_or_first_error(repositories[one].snapshots() for one in used)
    return dict(zip(used, found, strict=True))


def _seeds(restores: Sequence[Restore]) -> dict[str, int]:
    """What random choices are made with; the report tells those that nobody gave."""
    return {
        one.name: secrets.randbelow(MOST_SEED) if wanted.seed is None else wanted.seed
        for one in restores
        if (wanted := one.select.random) is not None
    }


def _pin(
    context: Context, listed: Mapping[str, Sequence[Snapshot]], seeds: sets.Seeds
) -> sets.Pinned:
    """One full snapshot id for each restore."""
    begun = context.recorder.session.started_at
    restores = context.verifier.spec.restores
    found = {one.name: selection.candidates(one, listed[one.from_], begun) for one in restores}
    return sets.choose(found, context.verifier.spec.consistency, seeds)


def _record(
    context: Context, restore: Restore, snapshot: Snapshot, seeds: sets.Seeds
) -> SnapshotRecord:
    return SnapshotRecord(
        restore=restore.name,
        repository=restore.from_,
        id=snapshot.id,
        time=snapshot.time,
        age_seconds=round((context.recorder.session.started_at - snapshot.time).total_seconds()),
        host=snapshot.host,
        paths=list(snapshot.paths),
        tags=list(snapshot.tags),
        bytes=snapshot.bytes,
        files=snapshot.files,
        seed=seeds.get(restore.name),
    )
