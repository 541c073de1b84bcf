"""Phase 1: everything is decided, and nothing has been created yet."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioner import __version__
from provisioner.cluster.api import Object
from provisioner.cluster.resources import SECRET
from provisioner.errors import ConfigurationError
from provisioner.models.session import SnapshotRecord, Tools
from provisioner.models.verifier import Repository
from provisioner.phases import guard
from provisioner.phases.context import Context
from provisioner.repositories import restic, selection
from provisioner.repositories.restic import ResticRepository, credentials
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims import target_of
from provisioner.restores.job import PlannedRestore

HOOK = "helm.sh/hook"


@dataclass(frozen=True)
class Plan:
    """What will be done. ``credentials`` are restic environments by the repository's name."""

    objects: Sequence[Object]
    restores: Sequence[PlannedRestore]
    repositories: Mapping[str, ResticRepository]
    credentials: Mapping[str, Mapping[str, str]]
    secrets: Sequence[Object]


async def plan(context: Context) -> Plan:
    """Render, list, pin and map; refuse what cannot be done.

    Raises:
        ProvisionerError: what stands in the way, by whose fault.
    """
    objects, secrets, env, _ = await asyncio.gather(
        context.helm.render(context.release),
        _copied_secrets(context),
        _credentials(context),
        _note_tools(context),
    )
    await guard.refuse_what_reaches_out(context.cluster, objects, context.sandbox)
    restores = context.verifier.spec.restores
    targets = [target_of(restore, objects) for restore in restores]
    repositories = _repositories(context, env)
    pinned = await _pin(context, repositories)
    roots = await asyncio.gather(
        *(repositories[one.from_].root(pinned[one.name]) for one in restores)
    )
    planned = [
        PlannedRestore(one, context.verifier.spec.repository(one.from_), pinned[one.name], *more)
        for one, more in zip(restores, zip(roots, targets, strict=True), strict=True)
    ]
    context.recorder.update(snapshots=[_record(context, one) for one in planned])
    return Plan(workloads(objects), planned, repositories, env, secrets)


def workloads(objects: Sequence[Object]) -> list[Object]:
    """The release's own objects, without its hooks."""
    return [one for one in objects if HOOK not in (one["metadata"].get("annotations") or {})]


async def _note_tools(context: Context) -> None:
    kubernetes, helm, engine = await asyncio.gather(
        context.cluster.version(), context.helm.version(), restic.version(context.request.restic)
    )
    tools = Tools(provisioner=__version__, kubernetes=kubernetes, helm=helm, restic=engine)
    context.recorder.update(tools=tools)


async def _credentials(context: Context) -> dict[str, dict[str, str]]:
    async def one(repository: Repository) -> tuple[str, dict[str, str]]:
        secret = await _secret(context, repository.restic.secret, f"repository {repository.name}")
        data = _values(secret)
        context.recorder.hide(data)
        return repository.name, credentials(repository, data)

    found = await asyncio.gather(*(one(each) for each in context.verifier.spec.repositories))
    return dict(found)


async def _copied_secrets(context: Context) -> list[Object]:
    names = context.verifier.spec.application.copy_secrets
    found = await asyncio.gather(*(_secret(context, name, "copySecrets") for name in names))
    for one in found:
        context.recorder.hide(_values(one))
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


def _values(secret: Object) -> dict[str, str]:
    data = secret.get("data") or {}
    return {key: base64.b64decode(one).decode(errors="replace") for key, one in data.items()}


async def _secret(context: Context, name: str, wanted_by: str) -> Object:
    secret = await context.cluster.find(SECRET, name, context.source)
    if secret is None:
        raise ConfigurationError(
            f"{wanted_by}: there is no Secret {name} in namespace {context.source}",
            hint="Secrets are read from the verifier's own namespace, metadata.namespace",
        )
    return secret


def _repositories(
    context: Context, env: Mapping[str, Mapping[str, str]]
) -> dict[str, ResticRepository]:
    return {
        one.name: ResticRepository(one, env[one.name], context.request.restic)
        for one in context.verifier.spec.repositories
    }


async def _pin(
    context: Context, repositories: Mapping[str, ResticRepository]
) -> dict[str, Snapshot]:
    """One full snapshot id for each restore."""
    restores = context.verifier.spec.restores
    used = sorted({one.from_ for one in restores})
    listed = dict(
        zip(
            used,
            await asyncio.gather(*(repositories[one].snapshots() for one in used)),
            strict=True,
        )
    )
    found = {one.name: selection.candidates(one, listed[one.from_]) for one in restores}
    consistency = context.verifier.spec.consistency
    if consistency is None:
        return selection.newest_of_each(found)
    return selection.newest_set(found, consistency.key)


def _record(context: Context, planned: PlannedRestore) -> SnapshotRecord:
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
    )
