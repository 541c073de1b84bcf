"""What lets a restore reach its repository, for as long as it runs and no longer."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.mirror import mirror
from provisioner.cluster.resources import NETWORK_POLICY, POD, SECRET
from provisioner.errors import ClusterError, ProvisionerError
from provisioner.models.base import MANAGED_BY
from provisioner.repositories import restic
from provisioner.restores.pods.manifest import ROLE, credentials_secret
from provisioner.restores.reading import Reading
from provisioner.tasks import all_or_first_error, uninterrupted

POLICY = "restore-egress"
WITHDRAW_SECONDS = 60.0
LEFT = "the repositories' credentials may still be in namespace"
RESTORE_PODS = f"{ROLE}=restore"


@asynccontextmanager
async def repository_access(
    cluster: Cluster,
    namespace: str,
    planned: Sequence[Reading],
    credentials: Mapping[str, Mapping[str, str]],
) -> AsyncIterator[None]:
    """Credentials and the way out exist while the block runs; afterwards they are gone.

    Leaving also removes the restores' pods and waits for that: a claim that only one pod may mount
    has to be free before the application starts, and nothing of the user's may run beside a secret.
    ``credentials`` are environments by the restore's name.
    """
    secrets = [credentials_secret(one, credentials[one.restore.name]) for one in planned]
    try:
        await cluster.create(NETWORK_POLICY, _egress(planned), namespace)
        await all_or_first_error(cluster.create(SECRET, one, namespace) for one in secrets)
        yield
    except BaseException as error:
        await uninterrupted(_withdraw_after(error, cluster, namespace, planned))
        raise
    await uninterrupted(_withdraw(cluster, namespace, planned))


async def _withdraw_after(
    failed: BaseException, cluster: Cluster, namespace: str, planned: Sequence[Reading]
) -> None:
    """What failed first says how the session ends, e.g. by a bad backup. Nothing is installed then.

    That credentials may be left is told beside it: the sandbox may be kept.
    """
    try:
        await _withdraw(cluster, namespace, planned)
    except ClusterError as error:
        if isinstance(failed, ProvisionerError):
            failed.details = [*failed.details, f"{LEFT} {namespace}: {error.message}"]


async def _withdraw(cluster: Cluster, namespace: str, planned: Sequence[Reading]) -> None:
    """Nothing interrupts this, so it has a time limit of its own."""
    try:
        async with asyncio.timeout(WITHDRAW_SECONDS):
            await _remove(cluster, namespace, planned)
    except TimeoutError as error:
        raise ClusterError(
            f"the restores' pods did not go within {WITHDRAW_SECONDS:.0f} s",
            hint="a node that does not answer keeps its pods",
        ) from error


async def _remove(cluster: Cluster, namespace: str, planned: Sequence[Reading]) -> None:
    names = [one.object_name for one in planned]
    deletions = [(NETWORK_POLICY, POLICY)]
    # Never without grace: the kubelet lets go of a pod's object only after it has unmounted the
    # volumes, and one that is still mounted is not given to the application's fsGroup.
    deletions += [(kind, name) for kind in (SECRET, POD) for name in names]
    await all_or_first_error(cluster.delete(*one, namespace) for one in deletions)
    async with mirror(cluster, POD, namespace, RESTORE_PODS) as pods:
        await pods.wait_for(lambda there: True if not there else None)


def _egress(planned: Sequence[Reading]) -> Object:
    """Egress of the restores' pods to the ports of their repositories.

    Addresses are left open: a repository's name resolves to others in time, and a policy cannot
    name it. The pods run restic alone.
    """
    ports = sorted({port for one in planned if (port := restic.port(one.repository.restic.url))})
    rules = [{"ports": [{"protocol": "TCP", "port": port} for port in ports]}] if ports else []
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": POLICY, "labels": MANAGED_BY},
        "spec": {
            "podSelector": {"matchLabels": {ROLE: "restore"}},
            "policyTypes": ["Egress"],
            "egress": rules,
        },
    }
