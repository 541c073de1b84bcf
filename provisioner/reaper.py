"""Removing what sessions have left: whose time is over, or whose process is gone."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import NAMESPACE
from provisioner.errors import ProvisionerError
from provisioner.helm.release import Helm
from provisioner.models.base import GROUP, MANAGED_BY
from provisioner.models.session import Leftover, now
from provisioner.phases.leftovers import namespace_leftover
from provisioner.phases.removal import Removal, remove
from provisioner.phases.sandbox import deadline_of, deadline_patch

SIDE_BY_SIDE = 4
"""Sandboxes that are removed at once: each runs a Helm."""

SESSION, VERIFIER = f"{GROUP}/session", f"{GROUP}/verifier"


@dataclass(frozen=True)
class Sandbox:
    """A namespace that carries our labels. Without ``expires_at`` nobody may remove it."""

    name: str
    session: str
    verifier: str
    expires_at: datetime | None
    trouble: str = ""

    def expired(self, moment: datetime) -> bool:
        """Whether anybody may remove it by then."""
        return self.expires_at is not None and self.expires_at <= moment


@dataclass(frozen=True)
class Reaped:
    """What became of one sandbox."""

    sandbox: Sandbox
    leftovers: list[Leftover]


async def sandboxes(cluster: Cluster, verifier: str | None = None) -> list[Sandbox]:
    """All sandboxes of the cluster, or those of one verifier, by name."""
    labels = [f"{key}={value}" for key, value in MANAGED_BY.items()]
    labels.append(f"{VERIFIER}={verifier}" if verifier else VERIFIER)
    found = await cluster.list_all(NAMESPACE, labels=",".join([*labels, SESSION]))
    return sorted(map(sandbox_of, found), key=lambda one: one.name)


async def sandbox_named(cluster: Cluster, name: str) -> Sandbox | None:
    """The sandbox of that name, if it is there and one of ours."""
    found = await cluster.find(NAMESPACE, name)
    if found is None:
        return None
    labels = found["metadata"].get("labels") or {}
    if SESSION not in labels or not MANAGED_BY.items() <= labels.items():
        raise ProvisionerError(f"namespace {name} is no sandbox of ours: it lacks the labels")
    return sandbox_of(found)


def sandbox_of(namespace: Object) -> Sandbox:
    """What a namespace says of itself."""
    metadata = namespace["metadata"]
    labels = metadata["labels"]
    moment, trouble = deadline_of(namespace)
    return Sandbox(metadata["name"], labels[SESSION], labels.get(VERIFIER, ""), moment, trouble)


async def move_deadline(cluster: Cluster, sandbox: Sandbox, moment: datetime) -> None:
    """Let the sandbox stay until then; a process that keeps it follows."""
    await cluster.merge(NAMESPACE, sandbox.name, deadline_patch(moment))


async def reap(
    cluster: Cluster, helm: Helm, doomed: Iterable[Sandbox], note: Callable[[str], None]
) -> list[Reaped]:
    """Remove these sandboxes, and tell of each what stayed."""
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(sandbox: Sandbox) -> Reaped:
        async with turns:
            removal = Removal(cluster, helm, sandbox.name, sandbox.session, note)
            return Reaped(sandbox, await _remove(removal))

    return list(await asyncio.gather(*map(one, doomed)))


async def _remove(removal: Removal) -> list[Leftover]:
    try:
        return await remove(removal)
    except ProvisionerError as error:  # one that cannot be removed must not stop the others
        return [namespace_leftover(removal.sandbox, error.message)]


def expired(found: Iterable[Sandbox]) -> list[Sandbox]:
    """Those whose time is over."""
    moment = now()
    return [one for one in found if one.expired(moment)]
