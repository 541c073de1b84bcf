"""Phase 1: everything is decided, and nothing has been created yet."""

import secrets
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner import __version__
from provisioner.cluster.api import Object
from provisioner.errors import ConfigurationError
from provisioner.helm.patches import Patch, apply_all, is_target
from provisioner.helm.postrenderer import renders_hooks
from provisioner.helm.release import Release
from provisioner.models.session import EnlargedClaim, SnapshotRecord, Tools
from provisioner.models.verifier import Repository, Restore
from provisioner.phases import guard
from provisioner.phases.chart import rendered
from provisioner.phases.context import Context
from provisioner.phases.source import read_object, texts_of
from provisioner.repositories import restic, selection, sets
from provisioner.repositories.restic import ResticRepository, credentials
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims import ClaimTarget, target_of
from provisioner.restores.job import PlannedRestore
from provisioner.restores.room import Enlargement, enlargements
from provisioner.tasks import all_or_first_error

HOOK = "helm.sh/hook"
MOST_SEED = 2**31


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
    secrets: Sequence[Object]

    @property
    def objects(self) -> list[Object]:
        """The release's own objects, without its hooks."""
        return [one for one in self.rendered if not is_hook(one)]


async def plan(context: Context) -> Plan:
    """Render, list, pin and map; refuse what cannot be done.

    Raises:
        ProvisionerError: what stands in the way, by whose fault.
    """
    works: list[Coroutine[Any, Any, Any]] = [
        rendered(context),
        _copied_secrets(context),
        _credentials(context),
        _note_tools(context),
    ]
    (release, made), copied, env, _ = await all_or_first_error(works)
    objects = _patched(context, release.patches, made.objects)
    await guard.refuse_what_reaches_out(context.cluster, objects, context.sandbox)
    targets = [target_of(restore, objects) for restore in context.verifier.spec.restores]
    repositories = _repositories(context, env)
    planned = await _restores(context, targets, repositories)
    larger = enlargements(planned)
    context.recorder.update(enlarged=[_enlarged(one) for one in larger])
    more = [one.patch for one in larger]
    objects = apply_all(objects, more)
    planned = [replace(one, target=target_of(one.restore, objects)) for one in planned]
    release = replace(release, patches=[*release.patches, *more])
    return Plan(release, objects, planned, repositories, env, copied)


def _patched(context: Context, patches: Sequence[Patch], objects: Sequence[Object]) -> list[Object]:
    """The objects as Helm will install them: the very patches of its post-renderer."""
    if not renders_hooks(context.recorder.session.tools.helm):
        _refuse_hooks(patches, objects)
    return apply_all(objects, patches)


def _refuse_hooks(patches: Sequence[Patch], objects: Sequence[Object]) -> None:
    hooks = [one for one in objects if is_hook(one) and any(is_target(it, one) for it in patches)]
    if hooks:
        names = ", ".join(f"{one['kind']}/{one['metadata']['name']}" for one in hooks)
        raise ConfigurationError(
            f"a patch is for a hook of the chart, which Helm 3 does not let be patched: {names}",
            hint="use Helm 4, or set what the chart offers under spec.application.values",
        )


async def _restores(
    context: Context,
    targets: Sequence[ClaimTarget],
    repositories: Mapping[str, ResticRepository],
) -> list[PlannedRestore]:
    """Pin a snapshot for each restore, and record it."""
    restores = context.verifier.spec.restores
    listed = await _list(context, repositories)
    seeds = _seeds(restores)
    pinned = _pin(context, listed, seeds)
    roots = await all_or_first_error(
        repositories[one.from_].root(pinned[one.name]) for one in restores
    )
    planned = [
        PlannedRestore(one, context.verifier.spec.repository(one.from_), pinned[one.name], *more)
        for one, more in zip(restores, zip(roots, targets, strict=True), strict=True)
    ]
    context.recorder.update(
        snapshots=[_record(context, one, seeds) for one in planned],
        skew_seconds=sets.skew(pinned).total_seconds() if len(pinned) > 1 else None,
    )
    return planned


def _enlarged(one: Enlargement) -> EnlargedClaim:
    return EnlargedClaim(claim=one.claim, requested=one.requested, enlarged=one.enlarged)


def is_hook(one: Object) -> bool:
    """Whether Helm runs this object at a time of its own."""
    return HOOK in (one["metadata"].get("annotations") or {})


async def _note_tools(context: Context) -> None:
    versions = (
        context.cluster.version(),
        context.helm.version(),
        restic.version(context.request.restic),
    )
    kubernetes, helm, engine = await all_or_first_error(versions)
    tools = Tools(provisioner=__version__, kubernetes=kubernetes, helm=helm, restic=engine)
    context.recorder.update(tools=tools)


async def _credentials(context: Context) -> dict[str, dict[str, str]]:
    async def one(repository: Repository) -> tuple[str, dict[str, str]]:
        wanted_by = f"repository {repository.name}"
        data = texts_of(await read_object(context, repository.restic.secret, wanted_by))
        context.recorder.hide(data)
        return repository.name, credentials(repository, data)

    found = await all_or_first_error(one(each) for each in context.verifier.spec.repositories)
    return dict(found)


async def _copied_secrets(context: Context) -> list[Object]:
    names = context.verifier.spec.application.copy_secrets
    found = await all_or_first_error(read_object(context, name, "copySecrets") for name in names)
    for one in found:
        context.recorder.hide(texts_of(one))
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": one["metadata"]["name"]},
            "type": one.get("type", "Opaque"),
            "data": one.get("data") or {},
        }
        for one in found
    ]


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


def _record(context: Context, planned: PlannedRestore, seeds: sets.Seeds) -> SnapshotRecord:
    snapshot, restore = planned.snapshot, planned.restore
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
