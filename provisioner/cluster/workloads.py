"""What runs in a namespace, by the names that people give: KIND/NAME and its pods."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import is_finished, is_ready, labels_of, selects
from provisioner.cluster.resources import JOB, POD, WORKLOADS


@dataclass(frozen=True)
class Workload:
    """A workload and the pods that it has now; a pod of no workload stands for itself."""

    kind: str
    name: str
    pods: Sequence[Object]

    @property
    def ref(self) -> str:
        """``KIND/NAME``."""
        return f"{self.kind}/{self.name}"

    @property
    def lives(self) -> bool:
        """Whether it has a pod that is not finished."""
        return not all(map(is_finished, self.pods))


async def workloads(cluster: Cluster, namespace: str) -> list[Workload]:
    """All workloads of a namespace, by kind and name; pods of none come last."""
    kinds = (*WORKLOADS.values(), JOB)
    pods, *owners = await asyncio.gather(
        *(cluster.list_all(one, namespace) for one in (POD, *kinds))
    )
    found = [_workload(one, pods) for owner in owners for one in owner]
    owned = {_name(pod) for one in found for pod in one.pods}
    return found + [Workload("Pod", _name(pod), [pod]) for pod in pods if _name(pod) not in owned]


def replicas_wanted(workload: Object) -> int:
    """How many pods it asks for; left out it is one. Custom resources may mean something else."""
    asked = (workload.get("spec") or {}).get("replicas")
    return asked if isinstance(asked, int) else 1


def ready_first(pods: Sequence[Object]) -> list[Object]:
    """Pods in the order in which one wants to look into them; next come those that run."""
    return sorted(pods, key=lambda pod: (not is_ready(pod), not _runs(pod), _name(pod)))


def _runs(pod: Object) -> bool:
    return bool(pod.get("status", {}).get("phase") == "Running")


def _workload(owner: Object, pods: Sequence[Object]) -> Workload:
    selector = owner["spec"].get("selector") or {}
    own = [pod for pod in pods if selector and selects(selector, labels_of(pod))]
    return Workload(owner["kind"], _name(owner), own)


def _name(one: Object) -> str:
    return str(one["metadata"]["name"])
