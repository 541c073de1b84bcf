"""Whether the chart's claims have room for the snapshots, and the patch when they have not."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from provisioner.helm.patches import Patch
from provisioner.models.quantity import bytes_of, in_mebibytes
from provisioner.restores.claims import ClaimTarget
from provisioner.restores.job import PlannedRestore

HEADROOM = Fraction(11, 10)
"""What a filesystem needs beside the files, and an application to start on them."""


@dataclass(frozen=True)
class Enlargement:
    """A claim that asks for too little, and what it will ask for."""

    claim: str
    requested: str
    enlarged: str
    patch: Patch


def enlargements(planned: Sequence[PlannedRestore]) -> list[Enlargement]:
    """What has to be enlarged. A snapshot without a known size enlarges nothing."""
    targets = {one.target.name: one.target for one in planned}
    sizes = {name: _sum(planned, name) for name in targets}
    return [
        _enlargement(target, sizes[name])
        for name, target in targets.items()
        if _too_small(target, sizes[name])
    ]


def _sum(planned: Sequence[PlannedRestore], claim: str) -> int:
    """Several snapshots may share a claim, each in a folder of its own."""
    sizes = sum(one.snapshot.bytes or 0 for one in planned if one.target.name == claim)
    return math.ceil(sizes * HEADROOM)


def _too_small(target: ClaimTarget, needed: int) -> bool:
    try:
        return bytes_of(target.requested) < needed
    except ValueError:
        return False  # the API server will refuse it, in its own words


def _enlargement(target: ClaimTarget, needed: int) -> Enlargement:
    enlarged = in_mebibytes(needed)
    path = f"{target.origin.spec}/resources/requests/storage"
    patch = {
        "target": {"kind": target.origin.kind, "name": target.origin.name},
        "patch": [{"op": "replace", "path": path, "value": enlarged}],
    }
    return Enlargement(target.name, target.requested, enlarged, patch)
