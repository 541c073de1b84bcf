"""What the commands that look into a sandbox have in common: which one, and what in it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provisioner.cli.options import Reach
from provisioner.cli.reach import reach
from provisioner.cli.records import find, own_store
from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.workloads import Workload
from provisioner.errors import UsageError
from provisioner.liveness import Life, has_sandbox, life
from provisioner.models.session import Session
from provisioner.reaper import sandbox_named

KINDS = {
    "deployment": "Deployment", "deployments": "Deployment", "deploy": "Deployment",
    "statefulset": "StatefulSet", "statefulsets": "StatefulSet", "sts": "StatefulSet",
    "daemonset": "DaemonSet", "daemonsets": "DaemonSet", "ds": "DaemonSet",
    "job": "Job", "jobs": "Job",
    "pod": "Pod", "pods": "Pod", "po": "Pod",
}  # fmt: skip
"""As kubectl lets them be written."""

KEEP_HINT = "provisioner run --keep DURATION, or the document's keepAlive, keeps a sandbox"


@dataclass(frozen=True)
class View:
    """A sandbox that is there, and the way to it."""

    session: Session
    cluster: Cluster

    @property
    def namespace(self) -> str:
        """The sandbox's name."""
        return self.session.sandbox


async def look_into(wanted: str | None, way: Reach) -> View:
    """The sandbox of a session; of the newest that may have one, when none is named.

    Raises:
        UsageError: there is no such session, or its sandbox is gone.
        ClusterError: the cluster does not answer.
    """
    session = find(own_store(), wanted) if wanted else _newest()
    cluster = await reach(session, way)
    if await sandbox_named(cluster, session.sandbox) is None:
        raise UsageError(f"the sandbox of session {session.id} is gone", hint=KEEP_HINT)
    return View(session, cluster)


def _newest() -> Session:
    there = [one for one in own_store().list() if life(one) is not Life.FINISHED]
    if found := [one for one in there if has_sandbox(one)]:
        return found[0]
    raise UsageError("no session has a sandbox now", hint=KEEP_HINT)


def choose(found: Sequence[Workload], wanted: str | None) -> Workload:
    """The workload that is meant by KIND/NAME, by its name alone, or by a pod's name.

    Raises:
        UsageError: it is not there, or several are meant; with all that are there.
    """
    running = [one for one in found if one.pods]
    fitting = [one for one in running if wanted is None or _is(one, wanted)]
    fitting = fitting or [one for run in running for one in _pod_of(run, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    names = [one.ref for one in running]
    there = f"there are: {', '.join(names)}" if names else "nothing runs there"
    if wanted is None:
        raise UsageError("name a workload or a pod", hint=there)
    if fitting:
        raise UsageError(f"{wanted!r} fits several workloads", hint=there)
    pods = [_name(pod) for one in running for pod in one.pods]
    near = nearest(wanted, [*names, *(one.name for one in running), *pods])
    hint = f"{near}{there}"
    raise UsageError(f"nothing that runs is named {wanted!r}", hint=hint)


def nearest(wanted: str, names: Iterable[str]) -> str:
    """``did you mean X? ``, or nothing."""
    close = difflib.get_close_matches(wanted, list(names), n=1, cutoff=0.5)
    return f"did you mean {close[0]}? " if close else ""


def demand_container(pod: Object, wanted: str) -> str:
    """The name of a container, when the pod has it.

    Raises:
        UsageError: it has not.
    """
    spec = pod["spec"]
    names = [one["name"] for one in [*(spec.get("initContainers") or []), *spec["containers"]]]
    if wanted in names:
        return wanted
    hint = f"{nearest(wanted, names)}it has: {', '.join(names)}"
    raise UsageError(f"pod {_name(pod)} has no container {wanted}", hint=hint)


def _is(one: Workload, wanted: str) -> bool:
    kind, slash, name = wanted.rpartition("/")
    return name == one.name and (not slash or KINDS.get(kind.lower()) == one.kind)


def _pod_of(one: Workload, wanted: str | None) -> list[Workload]:
    """The one pod of a workload, by its own name."""
    kind, slash, name = (wanted or "").rpartition("/")
    if slash and KINDS.get(kind.lower()) != "Pod":
        return []
    return [Workload("Pod", name, [pod]) for pod in one.pods if _name(pod) == name]


def _name(pod: Object) -> str:
    return str(pod["metadata"]["name"])
