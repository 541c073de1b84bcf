"""What is read from the verifier's own namespace, and from no other."""

import base64
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.resources import CONFIG_MAP, SECRET, Resource
from provisioner.errors import ConfigurationError
from provisioner.phases.context import Context


async def read_object(
    context: Context, name: str, wanted_by: str, kind: Resource = SECRET
) -> Object:
    """A Secret, or a ConfigMap.

    Raises:
        ConfigurationError: there is none of that name.
    """
    found = await context.cluster.find(kind, name, context.source)
    if found is None:
        raise ConfigurationError(
            f"{wanted_by}: there is no {kind.kind} {name} in namespace {context.source}",
            hint=f"{kind.kind}s are read from the verifier's own namespace, metadata.namespace",
        )
    return found


def texts_of(found: Object) -> dict[str, str]:
    """What it holds, as text."""
    data: dict[str, Any] = found.get("data") or {}
    if found.get("kind") == CONFIG_MAP.kind:
        return data
    return {key: base64.b64decode(one).decode(errors="replace") for key, one in data.items()}


def text_at(found: Object, key: str, wanted_by: str) -> str:
    """The text under that key.

    Raises:
        ConfigurationError: there is no such key; those that are there are named.
    """
    held = texts_of(found)
    if key not in held:
        where = f"{found['kind']} {found['metadata']['name']}"
        there = ", ".join(sorted(held)) or "none"
        raise ConfigurationError(
            f"{wanted_by}: {where} has no key {key}", hint=f"keys there: {there}"
        )
    return held[key]
