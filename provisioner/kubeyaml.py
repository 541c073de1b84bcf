"""YAML as Kubernetes and Helm read it: 1.1, without dates and base-60 numbers; and its lists."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

_INTEGER = re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]*|[1-9][0-9_]*)$")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$")

Resolvers = dict[str, list[tuple[str, "re.Pattern[str]"]]]


def resolvers() -> Resolvers:
    """What plain scalars mean, by their first character, for a loader's own table."""
    found: Resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in known
            if tag.rpartition(":")[2] not in ("timestamp", "int", "float", "value")
        ]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "-+0123456789":
        found.setdefault(first, []).append(("tag:yaml.org,2002:int", _INTEGER))
    for first in "-+.0123456789":
        found.setdefault(first, []).append(("tag:yaml.org,2002:float", _FLOAT))
    return found


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The fast loader, for what others wrote and nobody needs the lines of."""

    yaml_implicit_resolvers = resolvers()


def items_of(manifest: Mapping[str, Any]) -> list[Any] | None:
    """What a ``List`` holds; None for any other object."""
    items = manifest.get("items")
    is_list = str(manifest.get("kind", "")).endswith("List") and isinstance(items, list)
    return items if is_list else None
