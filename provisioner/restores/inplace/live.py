"""What an installed application is made of by now, whoever made it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import (
    claims_of,
    controller_of,
    holds,
    is_finished,
    labels_of,
)
from provisioner.cluster.resources import (
    CLAIM,
    CRON_JOB,
    DAEMON_SET,
    DEPLOYMENT,
    JOB,
    POD,
    REPLICA_SET,
    STATEFUL_SET,
)
from provisioner.models.base import MANAGED_BY
from provisioner.restores.claims.chart import name_of, title
from provisioner.tasks import all_or_first_error

_MAKERS = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, REPLICA_SET, JOB, CRON_JOB)


@dataclass(frozen=True)
class Live:
    """``makers`` are what makes pods, ``pods`` the application's own that have not ended.

    ``failed`` are the Jobs and pods that ended badly, ``parts`` the ReplicaSets that are part of
    another maker, and of which (all ``KIND/NAME``).
    """

    claims: Mapping[str, Object]
    makers: Sequence[Object]
    pods: Sequence[Object]
    failed: Set[str] = frozenset()
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def made(self) -> list[Object]:
        """All of it, as if it stood in a chart."""
        alone = [one for one in self.pods if self.maker_of(one) is None]
        return [*self.claims.values(), *self.makers, *alone]

    def maker_of(self, pod: Object) -> Object | None:
        """What makes this pod, and would make another instead."""
        owner = _owner(pod)
        owner = self.parts.get(owner, owner)
        return next((one for one in self.makers if title(one) == owner), None)

    def mounting(self, claims: Set[str]) -> list[Object]:
        """The pods that mount one of these claims."""
        return [one for one in self.pods if not claims.isdisjoint(claims_of(one))]


async def look(cluster: Cluster, namespace: str) -> Live:
    """See what is there now.

    Raises:
        ClusterError: it may not be seen, or nobody answers.
    """
    kinds = (CLAIM, POD, *_MAKERS)
    found = await all_or_first_error(cluster.list_all(kind, namespace) for kind in kinds)
    claims, pods, *makers = (
        # A list does not say of its items what it says of itself.
        [{"apiVersion": kind.version, **one} for one in objects]
        for kind, objects in zip(kinds, found, strict=True)
    )
    own = [one for one in pods if not _is_ours(one)]
    every = [one for objects in makers for one in objects]
    titles = set(map(title, every))
    parts = {title(one): _owner(one) for one in every if _is_part(one, titles)}
    return Live(
        claims={name_of(one): one for one in claims},
        makers=[one for one in every if title(one) not in parts and not _is_over(one)],
        pods=[one for one in own if not is_finished(one)],
        failed={title(one) for one in [*every, *own] if _has_failed(one)},
        parts=parts,
    )


def _owner(one: Object) -> str:
    owner = controller_of(one)
    return f"{owner['kind']}/{owner['name']}" if owner else ""


def _is_part(one: Object, titles: Set[str]) -> bool:
    """Whether it is the ReplicaSet of a Deployment; a Job of a CronJob can be stopped by itself."""
    return one["kind"] == REPLICA_SET.kind and _owner(one) in titles


def _is_over(one: Object) -> bool:
    return one["kind"] == JOB.kind and (holds(one, "Complete") or holds(one, "Failed"))


def _has_failed(one: Object) -> bool:
    if one["kind"] == POD.kind:
        return bool(one.get("status", {}).get("phase") == "Failed")
    return one["kind"] == JOB.kind and holds(one, "Failed")


def _is_ours(pod: Object) -> bool:
    return MANAGED_BY.items() <= labels_of(pod).items()
