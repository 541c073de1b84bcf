"""What befell pods of a ready application, by no fault of the program or the data in them."""

from collections.abc import Sequence

from provisioner.cluster.api import Object
from provisioner.cluster.ends import out_of_memory, thrown_out
from provisioner.cluster.pods import containers, controller_of, is_finished
from provisioner.errors import CapacityError, ClusterError
from provisioner.readiness.state import Observed


def lost(before: Observed, now: Sequence[Object]) -> CapacityError | ClusterError | None:
    """Why a pod that ran is not what it was, of all pods that there are now; capacity first."""
    there = {_uid(one): one for one in now}
    ran = [one for one in before.pods() if _goes_on(one)]
    found = [error for one in ran if (error := _loss(one, there.get(_uid(one))))]
    found.sort(key=lambda error: not isinstance(error, CapacityError))
    return found[0] if found else None


def ended_since(before: Observed, now: Sequence[Object]) -> bool:
    """Whether a container of any pod has ended since then."""
    then = {_uid(one): _ends(one) for one in before.pods()}
    return any(_ends(one) > then.get(_uid(one), 0) for one in now)


def _goes_on(pod: Object) -> bool:
    return not is_finished(pod) and controller_of(pod).get("kind") != "Job"


def _loss(before: Object, now: Object | None) -> CapacityError | ClusterError | None:
    if now is not None and (error := thrown_out(now)):
        return error
    if now is None or "deletionTimestamp" in now["metadata"]:
        return ClusterError(
            f"pod {before['metadata']['name']} was removed while the application was checked",
            hint="was its node drained, or the pod replaced?",
        )
    return out_of_memory(now) if _ends(now) > _ends(before) else None


def _ends(pod: Object) -> int:
    """How often its containers have ended."""
    states = containers(pod)
    over = sum("terminated" in (one.get("state") or {}) for one in states)
    return over + sum(int(one.get("restartCount", 0)) for one in states)


def _uid(pod: Object) -> str:
    return str(pod["metadata"].get("uid", pod["metadata"]["name"]))
