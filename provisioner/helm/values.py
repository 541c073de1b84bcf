"""Values of a chart, merged as Helm merges its ``--values`` files. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` on top of ``base``: mappings are merged, all else is replaced, lists too.

    A null stays a null: it replaces what is below it, and Helm then deletes the chart's default.
    """
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def texts(values: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number in the values, with the name of the field it stands under."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            yield from texts(value, str(name))
    elif isinstance(values, list):
        for value in values:
            yield from texts(value, key)
    elif isinstance(values, str | int | float) and not isinstance(values, bool):
        yield key, str(values)
