"""Whether claims have room for the snapshots, and the patch of the chart when they have not."""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from provisioner.helm.patches import Patch
from provisioner.models.quantity import bytes_of, in_mebibytes
from provisioner.restores.claims.chart import ClaimTarget, Origin
from provisioner.restores.planned import PlannedRestore

HEADROOM = Fraction(11, 10)
"""What a filesystem needs beside the files, and an application to start on them."""


@dataclass(frozen=True)
class Enlargement:
    """A claim that asks for too little, and what it will ask for.

    ``origin`` is what the chart has to be patched at, None for a claim that it does not make.
    """

    claim: str
    requested: str
    enlarged: str
    origin: Origin | None


def enlargements(planned: Sequence[PlannedRestore]) -> list[Enlargement]:
    """What has to be enlarged. A snapshot without a known size enlarges nothing.

    The claims of one template all get what the largest of them needs.
    """
    targets = {one.target.name: one.target for one in planned}
    most: dict[Origin | str, int] = {}
    for target in targets.values():
        place = _place(target)
        most[place] = max(most.get(place, 0), needed(planned, target.name))
    return [
        Enlargement(target.name, target.requested, in_mebibytes(size), target.origin)
        for target in targets.values()
        if _too_small(target, size := most[_place(target)])
    ]


def needed(planned: Sequence[PlannedRestore], claim: str) -> int:
    """The bytes that a claim has to hold; several snapshots may share it, in folders of it."""
    sizes = sum(one.snapshot.bytes or 0 for one in planned if one.target.name == claim)
    return math.ceil(sizes * HEADROOM)


def patches(larger: Sequence[Enlargement]) -> list[Patch]:
    """What makes the chart ask for it, too; a template is patched once."""
    origins = {one.origin: one.enlarged for one in larger if one.origin is not None}
    return [_patch(origin, enlarged) for origin, enlarged in origins.items()]


def enlarged(
    planned: Sequence[PlannedRestore], larger: Sequence[Enlargement]
) -> list[PlannedRestore]:
    """The same restores, into claims that are large enough."""
    sizes = {one.claim: one.enlarged for one in larger}
    return [
        replace(one, target=_with_storage(one.target, sizes[one.target.name]))
        if one.target.name in sizes
        else one
        for one in planned
    ]


def _place(target: ClaimTarget) -> Origin | str:
    return target.origin or target.name


def _too_small(target: ClaimTarget, size: int) -> bool:
    try:
        return bytes_of(target.requested) < size
    except ValueError:
        return False  # the API server will refuse it, in its own words


def _patch(origin: Origin, size: str) -> Patch:
    path = f"{origin.spec}/resources/requests/storage"
    return {
        "target": {"kind": origin.kind, "name": origin.name},
        "patch": [{"op": "replace", "path": path, "value": size}],
    }


def _with_storage(target: ClaimTarget, size: str) -> ClaimTarget:
    spec: dict[str, Any] = copy.deepcopy(dict(target.spec))
    spec["resources"]["requests"]["storage"] = size
    return replace(target, spec=spec)
