"""How a sandbox is removed, by whomever: its own session, or the reaper after it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.mirror import mirror
from provisioner.cluster.resources import CLAIM, NAMESPACE, VOLUME
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError, DeadlineExceededError, ProvisionerError
from provisioner.helm.release import Helm
from provisioner.models.base import GROUP
from provisioner.models.session import Leftover
from provisioner.phases.sandbox import RELEASE as FENCE

UNINSTALL_SECONDS = 60.0
NAMESPACE_SECONDS = 180.0
VOLUMES_SECONDS = 60.0


@dataclass(frozen=True)
class Removal:
    """One sandbox that is to go: where it is, and whose it must be."""

    cluster: Cluster
    helm: Helm
    sandbox: str
    session: str
    note: Callable[[str], None]


async def remove(removal: Removal) -> list[Leftover]:
    """Remove it step by step, each with its own deadline; a failed step stops none.

    Raises:
        ClusterError: the namespace cannot be asked for, or must not be deleted.
    """
    namespace = await removal.cluster.find(NAMESPACE, removal.sandbox)
    if namespace is not None and not _is_ours(namespace, removal):
        # Somebody else's of the same name: ours could not be created, so nothing of ours is there.
        return []
    if namespace is not None:
        await _uninstall_all(removal)
        await _delete_claims(removal)
        await removal.cluster.delete(NAMESPACE, removal.sandbox)
    return await _wait_until_gone(removal)


def namespace_leftover(name: str, reason: str) -> Leftover:
    """The namespace as something that stayed."""
    command = f"kubectl delete namespace {name}"
    return Leftover(kind="Namespace", name=name, reason=reason, command=command)


def _is_ours(namespace: Object, removal: Removal) -> bool:
    """Nothing without our label is ever deleted."""
    label = (namespace["metadata"].get("labels") or {}).get(f"{GROUP}/session")
    return bool(label == removal.session)


async def _uninstall_all(removal: Removal) -> None:
    """Let the charts clean up, all but the fence: that one goes with the namespace.

    Until then it holds what is still running.
    """
    async with _step(removal, "helm list", UNINSTALL_SECONDS):
        names = await removal.helm.releases(removal.sandbox)
        await asyncio.gather(*(_uninstall(removal, name) for name in names if name != FENCE))


async def _uninstall(removal: Removal, name: str) -> None:
    """When the chart's hooks fail, without them. The namespace goes anyway."""
    for hooks in (True, False):
        async with _step(removal, "helm uninstall", UNINSTALL_SECONDS) as failed:
            await removal.helm.uninstall(name, removal.sandbox, UNINSTALL_SECONDS, hooks=hooks)
        if not failed:
            return


async def _delete_claims(removal: Removal) -> None:
    async with _step(removal, "deletion of claims", UNINSTALL_SECONDS):
        found = await removal.cluster.list_all(CLAIM, removal.sandbox)
        names = [one["metadata"]["name"] for one in found]
        await asyncio.gather(
            *(removal.cluster.delete(CLAIM, name, removal.sandbox) for name in names)
        )


@asynccontextmanager
async def _step(removal: Removal, what: str, seconds: float) -> AsyncIterator[list[str]]:
    failed: list[str] = []
    try:
        async with Deadline.after(seconds).enforce(what):
            yield failed
    except ProvisionerError as error:
        failed.append(error.message)
        removal.note(f"teardown goes on after: {error.message}")


async def _wait_until_gone(removal: Removal) -> list[Leftover]:
    try:
        async with (
            Deadline.after(NAMESPACE_SECONDS).enforce("deletion of the namespace"),
            mirror(
                removal.cluster, NAMESPACE, fields=f"metadata.name={removal.sandbox}"
            ) as namespaces,
        ):
            await namespaces.wait_for(lambda there: True if not there else None)
    except DeadlineExceededError:
        return [namespace_leftover(removal.sandbox, await _why(removal))]
    try:
        return await _volumes_left(removal)
    except ClusterError as error:
        return [_volumes_unknown(removal.sandbox, error)]


async def _volumes_left(removal: Removal) -> list[Leftover]:
    """Volumes are deleted after their claims, by their provisioner."""
    try:
        async with (
            Deadline.after(VOLUMES_SECONDS).enforce("deletion of volumes"),
            mirror(removal.cluster, VOLUME) as volumes,
        ):
            await volumes.wait_for(lambda there: None if _ours(there, removal) else True)
    except DeadlineExceededError:
        volumes_there = {
            one["metadata"]["name"]: one for one in await removal.cluster.list_all(VOLUME)
        }
        return [_volume_leftover(one) for one in _ours(volumes_there, removal)]
    return []


def _ours(volumes: Mapping[str, Object], removal: Removal) -> list[Object]:
    """The volumes that the sandbox's claims were bound to."""
    return [
        one
        for one in volumes.values()
        if (one["spec"].get("claimRef") or {}).get("namespace") == removal.sandbox
    ]


async def _why(removal: Removal) -> str:
    """The namespace's own account of what holds it up."""
    namespace = await removal.cluster.find(NAMESPACE, removal.sandbox)
    conditions = (namespace or {}).get("status", {}).get("conditions", [])
    return " ".join(one["message"] for one in conditions if one["status"] == "True")


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
