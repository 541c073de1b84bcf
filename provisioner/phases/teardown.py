"""Phase 8: every object goes, or the report names what stayed and how to remove it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from provisioner.cluster.api import Object
from provisioner.cluster.mirror import mirror
from provisioner.cluster.resources import CLAIM, NAMESPACE, VOLUME
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError, DeadlineExceededError, ProvisionerError
from provisioner.models.base import GROUP
from provisioner.models.session import Leftover
from provisioner.models.words import Cleanup
from provisioner.phases.context import Context

UNINSTALL_SECONDS = 60.0
NAMESPACE_SECONDS = 180.0
VOLUMES_SECONDS = 60.0


async def teardown(context: Context) -> None:
    """Remove the sandbox, step by step, each with its own deadline; a failed step stops none."""
    namespace = await context.cluster.find(NAMESPACE, context.sandbox)
    if namespace is not None and not _is_ours(namespace, context):
        # Somebody else's of the same name: ours could not be created, so nothing of ours is there.
        context.recorder.update(cleanup=Cleanup.CLEAN)
        return
    if namespace is not None:
        await _uninstall(context)
        await _delete_claims(context)
        await context.cluster.delete(NAMESPACE, context.sandbox)
    leftovers = await _wait_until_gone(context)
    cleanup = Cleanup.LEAKED if leftovers else Cleanup.CLEAN
    context.recorder.update(cleanup=cleanup, leftovers=leftovers)


def unknown(context: Context, error: Exception) -> list[Leftover]:
    """What may have stayed when the cluster did not even let itself be asked."""
    return [_namespace_leftover(context.sandbox, str(error))]


def _is_ours(namespace: Object, context: Context) -> bool:
    """Nothing without our label is ever deleted."""
    label = (namespace["metadata"].get("labels") or {}).get(f"{GROUP}/session")
    return bool(label == context.recorder.session.id)


async def _uninstall(context: Context) -> None:
    """Let the chart clean up; when its hooks fail, without them. The namespace goes anyway."""
    for hooks in (True, False):
        async with _step(context, "helm uninstall", UNINSTALL_SECONDS) as failed:
            name, namespace = context.release.name, context.sandbox
            await context.helm.uninstall(name, namespace, UNINSTALL_SECONDS, hooks=hooks)
        if not failed:
            return


async def _delete_claims(context: Context) -> None:
    async with _step(context, "deletion of claims", UNINSTALL_SECONDS):
        found = await context.cluster.list_all(CLAIM, context.sandbox)
        names = [one["metadata"]["name"] for one in found]
        await asyncio.gather(
            *(context.cluster.delete(CLAIM, name, context.sandbox) for name in names)
        )


@asynccontextmanager
async def _step(context: Context, what: str, seconds: float) -> AsyncIterator[list[str]]:
    failed: list[str] = []
    try:
        async with Deadline.after(seconds).enforce(what):
            yield failed
    except ProvisionerError as error:
        failed.append(error.message)
        context.recorder.observer.note(f"teardown goes on after: {error.message}")


async def _wait_until_gone(context: Context) -> list[Leftover]:
    try:
        async with (
            Deadline.after(NAMESPACE_SECONDS).enforce("deletion of the namespace"),
            mirror(
                context.cluster, NAMESPACE, fields=f"metadata.name={context.sandbox}"
            ) as namespaces,
        ):
            await namespaces.wait_for(lambda there: True if not there else None)
    except DeadlineExceededError:
        return [_namespace_leftover(context.sandbox, await _why(context))]
    try:
        return await _volumes_left(context)
    except ClusterError as error:
        return [_volumes_unknown(context.sandbox, error)]


async def _volumes_left(context: Context) -> list[Leftover]:
    """Volumes are deleted after their claims, by their provisioner."""
    try:
        async with (
            Deadline.after(VOLUMES_SECONDS).enforce("deletion of volumes"),
            mirror(context.cluster, VOLUME) as volumes,
        ):
            await volumes.wait_for(lambda there: None if _ours(there, context) else True)
    except DeadlineExceededError:
        volumes_there = {
            one["metadata"]["name"]: one for one in await context.cluster.list_all(VOLUME)
        }
        return [_volume_leftover(one) for one in _ours(volumes_there, context)]
    return []


def _ours(volumes: Mapping[str, Object], context: Context) -> list[Object]:
    """The volumes that the sandbox's claims were bound to."""
    return [
        one
        for one in volumes.values()
        if (one["spec"].get("claimRef") or {}).get("namespace") == context.sandbox
    ]


async def _why(context: Context) -> str:
    """The namespace's own account of what holds it up."""
    namespace = await context.cluster.find(NAMESPACE, context.sandbox)
    conditions = (namespace or {}).get("status", {}).get("conditions", [])
    return " ".join(one["message"] for one in conditions if one["status"] == "True")


def _namespace_leftover(name: str, reason: str) -> Leftover:
    command = f"kubectl delete namespace {name}"
    return Leftover(kind="Namespace", name=name, reason=reason, command=command)


def _volumes_unknown(namespace: str, error: ClusterError) -> Leftover:
    command = f"kubectl get persistentvolumes | grep {namespace}/"
    return Leftover(kind="PersistentVolume", name="unknown", reason=str(error), command=command)


def _volume_leftover(volume: Object) -> Leftover:
    name, policy = volume["metadata"]["name"], volume["spec"].get("persistentVolumeReclaimPolicy")
    return Leftover(
        kind="PersistentVolume",
        name=name,
        reason=f"reclaim policy {policy}",
        command=f"kubectl delete persistentvolume {name}",
    )
