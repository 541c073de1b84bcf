"""Kubernetes quantities such as ``8Gi``, in documents and as bytes.

Our own few lines: the one library that reads them brings the whole API of Kubernetes with it.
"""

import math
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from provisioner.models.base import expected

_QUANTITY = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE]([+-]?[0-9]{1,2})|([numkMGTPE]?|[KMGTPE]i))"
)
_DECIMAL = {
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18
}  # fmt: skip
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
MEBIBYTE = 2**20

QUANTITY_PATTERN = r"^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2}|[numkMGTPE]|[KMGTPE]i)?$"
_WORDS = expected("a quantity such as 500m, 2 or 8Gi")


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Quantity = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(pattern=QUANTITY_PATTERN),
    WithJsonSchema(
        {"type": ["string", "number"], "pattern": QUANTITY_PATTERN, "minimum": 0, **_WORDS},
        mode="validation",
    ),
]
"""An amount that is not negative. A plain number is one, too, as everywhere in Kubernetes."""


def bytes_of(quantity: str | float) -> int:
    """The whole bytes that a quantity stands for, rounded up as Kubernetes does.

    Raises:
        ValueError: it is no quantity.
    """
    found = _QUANTITY.fullmatch(str(quantity))
    if found is None:
        raise ValueError(f"{quantity!r} is no quantity such as 500Mi or 8Gi")
    number, exponent, suffix = found.groups()
    if suffix in _BINARY:
        return math.ceil(Decimal(number) * Decimal(2) ** _BINARY[suffix])
    power = int(exponent) if exponent is not None else _DECIMAL[suffix]
    return math.ceil(Decimal(number).scaleb(power))


def in_mebibytes(count: float) -> str:
    """At least so many bytes, in whole MiB: ``513Mi``."""
    return f"{math.ceil(count / MEBIBYTE)}Mi"
