"""How a sandbox is removed, by whomever: its own session, or the reaper after it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.mirror import Mirror, mirror
from provisioner.cluster.resources import CLAIM, NAMESPACE, VOLUME
from provisioner.deadline import Deadline
from provisioner.errors import ClusterError, DeadlineExceededError, ProvisionerError
from provisioner.helm.release import Helm
from provisioner.models.base import GROUP
from provisioner.models.session import Leftover
from provisioner.phases.leftovers import held, only_finalizers_hold, said_of
from provisioner.phases.sandbox import RELEASE as FENCE
from provisioner.tasks import all_or_first_error

UNINSTALL_SECONDS = 60.0
NAMESPACE_SECONDS = 180.0
VOLUMES_SECONDS = 60.0

PROVISION_SECONDS = 20.0

_ASKED = {"volume.kubernetes.io/selected-node", "volume.kubernetes.io/storage-provisioner"}

STUCK_SECONDS = 60.0
"""An object whose finalizer somebody serves goes within; the namespace looks every 8 s."""

_GONE = "gone"


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
        await _let_volumes_come(removal)
        await _uninstall_all(removal)
        await _delete_claims(removal)
        await removal.cluster.delete(NAMESPACE, removal.sandbox)
    return await _wait_until_gone(removal)


def _is_ours(namespace: Object, removal: Removal) -> bool:
    """Nothing without our label is ever deleted."""
    label = (namespace["metadata"].get("labels") or {}).get(f"{GROUP}/session")
    return bool(label == removal.session)


async def _let_volumes_come(removal: Removal) -> None:
    """A claim that goes while its volume is being made leaves one behind that nobody looks for."""
    async with (
        _step(removal, "making of volumes", PROVISION_SECONDS),
        mirror(removal.cluster, CLAIM, removal.sandbox) as claims,
    ):
        await claims.wait_for(
            lambda there: None if any(map(is_being_provisioned, there.values())) else True
        )


def is_being_provisioned(claim: Object) -> bool:
    """Whether a provisioner has been asked for the claim's volume, and has not made it yet."""
    annotations = claim["metadata"].get("annotations") or {}
    pending = claim.get("status", {}).get("phase") == "Pending"
    return pending and not _ASKED.isdisjoint(annotations)


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
        await all_or_first_error(
            removal.cluster.delete(CLAIM, name, removal.sandbox) for name in names
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
    if not await _goes(removal) and (left := await held(removal.cluster, removal.sandbox)):
        return left
    try:
        return await _volumes_left(removal)
    except ClusterError as error:
        return [_volumes_unknown(removal.sandbox, error)]


async def _goes(removal: Removal) -> bool:
    """Whether the namespace is gone; waits no longer when it cannot go by itself."""
    only = f"metadata.name={removal.sandbox}"
    try:
        async with (
            Deadline.after(NAMESPACE_SECONDS).enforce("deletion of the namespace"),
            mirror(removal.cluster, NAMESPACE, fields=only) as namespaces,
        ):
            return await _gone_or_stuck(namespaces, removal.sandbox)
    except DeadlineExceededError:
        return False


async def _gone_or_stuck(namespaces: Mirror, name: str) -> bool:
    """False when nothing has moved for a while, and only finalizers are left to hold it."""
    said = ""
    while True:
        try:
            async with asyncio.timeout(STUCK_SECONDS if said else None):
                said = await namespaces.wait_for(partial(_news, name, said))
        except TimeoutError:
            if namespaces.current:  # while the API server is away nobody knows what moves
                return False
        if said == _GONE:
            return True


def _news(name: str, before: str, there: Mapping[str, Object]) -> str | None:
    """What holds the namespace and did not before; ``_GONE`` when it is not there."""
    if (namespace := there.get(name)) is None:
        return _GONE
    said = said_of(namespace) if only_finalizers_hold(namespace) else ""
    return said if said != before else None


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
