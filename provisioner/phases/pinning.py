"""Which snapshots are verified: one for each restore, pinned before anything is created."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioner.errors import ConfigurationError, NoBackupError
from provisioner.models.session import SnapshotRecord
from provisioner.models.targets import TargetRecord
from provisioner.models.verifier import Repository, Restore
from provisioner.phases.context import Context
from provisioner.phases.production import read_object, texts_of
from provisioner.repositories import selection, sets
from provisioner.repositories.recovery import recovery_point
from provisioner.repositories.restic import ResticRepository, credentials
from provisioner.repositories.snapshot import Listing, Snapshot
from provisioner.tasks import all_or_first_error

MOST_SEED = 2**31


@dataclass(frozen=True)
class Pinned:
    """A snapshot for each restore, by its name; how the repositories are read, by theirs.

    ``credentials`` are restic environments.
    """

    snapshots: sets.Pinned
    repositories: Mapping[str, ResticRepository]
    credentials: Mapping[str, Mapping[str, str]]


async def pin(context: Context) -> Pinned:
    """Choose a snapshot for each restore, and record it, with the age of what there is.

    Raises:
        ProvisionerError: a repository cannot be read, or has no snapshots that fit.
    """
    env = await _credentials(context)
    repositories = _repositories(context, env)
    found = _fitting(context, await _list(context, repositories))
    spec, seeds = context.verifier.spec, context.seeds
    target = recovery_point(spec, found, context.recorder.session.started_at)
    pinned = sets.choose(_candidates(context, found, target), spec.consistency, seeds)
    context.recorder.update(
        snapshots=[_record(context, one, pinned[one.name], seeds) for one in spec.restores],
        skew_seconds=sets.skew(pinned).total_seconds() if len(pinned) > 1 else None,
        targets=[target] if target else [],
    )
    return Pinned(pinned, repositories, env)


def drawn_seeds(restores: Sequence[Restore]) -> dict[str, int]:
    """What random choices are made with; the report tells those that nobody gave."""
    return {
        one.name: secrets.randbelow(MOST_SEED) if wanted.seed is None else wanted.seed
        for one in restores
        if (wanted := one.select.random) is not None
    }


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
) -> dict[str, Listing]:
    used = sorted({one.from_ for one in context.verifier.spec.restores})
    found = await all_or_first_error(repositories[one].listing() for one in used)
    return dict(zip(used, found, strict=True))


def _fitting(context: Context, listed: Mapping[str, Listing]) -> dict[str, list[Snapshot]]:
    """The snapshots that fit each restore, by its name."""
    begun = context.recorder.session.started_at
    restores = context.verifier.spec.restores
    for one in restores:
        if ahead := selection.from_the_future(one, listed[one.from_], begun):
            context.recorder.observer.note(selection.told_ahead(one, ahead))
    return {one.name: selection.fitting(one, listed[one.from_], begun) for one in restores}


def _candidates(
    context: Context, found: sets.Candidates, target: TargetRecord | None
) -> dict[str, list[Snapshot]]:
    """Those that each restore may take; where none is new enough, the missed target says it."""
    begun = context.recorder.session.started_at
    restores = context.verifier.spec.restores
    try:
        return {one.name: selection.drawable(one, found[one.name], begun) for one in restores}
    except ConfigurationError as error:
        if target is None or target.met:
            raise
        raise NoBackupError(
            f"{target.message}; and {error.message}", hint="look at the jobs that make the backups"
        ) from error


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
