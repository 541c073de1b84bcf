"""Claims that the chart expects to be there (``existingClaim``): made here, after production's."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import CLAIM
from provisioner.errors import ClusterError
from provisioner.models.base import MANAGED_BY
from provisioner.models.quantity import bytes_of, in_mebibytes
from provisioner.restores.claims.room import needed
from provisioner.restores.planned import PlannedRestore

LEAST = bytes_of("1Gi")
"""What a claim gets that nobody says a size of: also where a snapshot's size is not known."""

_COPIED = ("accessModes", "resources", "volumeMode")
"""Never volumeName or a data source: the first is production's volume, the second its data."""


async def with_specs(
    cluster: Cluster, namespace: str, storage_class: str, planned: Sequence[PlannedRestore]
) -> list[PlannedRestore]:
    """The same restores, with a spec for each claim that the chart does not make.

    It is that of production's claim of the same name; where there is none, or it may not be read,
    one that has room for the snapshot. ``storage_class`` is the sandbox's own, if it has one.
    """
    names = sorted({one.target.name for one in planned if one.target.existing})
    found = await asyncio.gather(*(_production(cluster, name, namespace) for name in names))
    specs = {
        name: spec_of(live, needed(planned, name), storage_class)
        for name, live in zip(names, found, strict=True)
    }
    return [_with_spec(one, specs) for one in planned]


async def _production(cluster: Cluster, name: str, namespace: str) -> Object | None:
    try:
        return await cluster.find(CLAIM, name, namespace)
    except ClusterError as error:
        if error.status == httpx.codes.FORBIDDEN:
            return None
        raise


def spec_of(live: Object | None, size: int, storage_class: str) -> dict[str, Any]:
    """A claim's spec after production's, or for so many bytes.

    A class of no name stands for a volume that was made by hand, of which there is no second.
    """
    if live is None:
        storage = in_mebibytes(max(size, LEAST))
        requests = {"requests": {"storage": storage}}
        spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": requests}
    else:
        spec = {key: live["spec"][key] for key in _COPIED if key in live["spec"]}
        storage_class = storage_class or live["spec"].get("storageClassName") or ""
    return {**spec, "storageClassName": storage_class} if storage_class else spec


def _with_spec(planned: PlannedRestore, specs: dict[str, dict[str, Any]]) -> PlannedRestore:
    target = planned.target
    if target.name not in specs:
        return planned
    made = replace(target, spec=specs[target.name], labels=MANAGED_BY)
    return replace(planned, target=made)
