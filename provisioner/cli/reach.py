"""The cluster of a recorded session."""

from pathlib import Path

from provisioner.cli.options import Reach
from provisioner.cluster.api import Cluster
from provisioner.errors import UsageError
from provisioner.models.session import Session
from provisioner.reaper import sandbox_named


async def reach(session: Session, way: Reach) -> Cluster:
    """The cluster that the session's sandbox is in, by what its record says.

    Raises:
        UsageError: this is another cluster.
        ClusterError: it does not answer.
    """
    recorded = session.cluster
    kubeconfig, context = way.kubeconfig, way.context
    if recorded and not kubeconfig and recorded.kubeconfig:
        kubeconfig = Path(recorded.kubeconfig)
    if recorded and not context:
        context = recorded.context or None
    cluster = await Cluster.connect(kubeconfig, context)
    elsewhere = recorded is not None and recorded.server != cluster.server
    # One cluster may have several addresses: the sandbox itself is the proof.
    if recorded and elsewhere and await sandbox_named(cluster, session.sandbox) is None:
        raise UsageError(
            f"session {session.id} ran on {recorded.server}, and this is {cluster.server}",
            hint="name its cluster with --kubeconfig and --context",
        )
    return cluster
