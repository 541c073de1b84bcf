"""Storage classes, and whether a claim can be provisioned at all."""

from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.cluster.api import Object

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def names_of(classes: Sequence[Object]) -> list[str]:
    """Their names."""
    return [str(one["metadata"]["name"]) for one in classes]


def default_of(classes: Sequence[Object]) -> list[str]:
    """What claims get that name no class."""
    return names_of([one for one in classes if _is_default(one)])


def _is_default(one: Object) -> bool:
    return (one["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true"


def lacks(claim: Mapping[str, Any], classes: Sequence[Object], volumes: Sequence[Object]) -> str:
    """What a claim's spec asks for that is not there, in words; empty when it may be bound.

    A class may exist in the name of volumes alone, which somebody made by hand.
    """
    wanted = claim.get("storageClassName")
    if wanted is None:
        return "" if default_of(classes) else "the default storage class, and there is none"
    by_hand = {one["spec"].get("storageClassName") for one in volumes}
    there = wanted == "" or wanted in names_of(classes) or wanted in by_hand
    return "" if there else f"storage class {wanted}, which is not there"
