"""Objects that Helm runs at times of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

HOOK = "helm.sh/hook"

BEFORE, AFTER = "pre-install", "post-install"
"""The hooks of an install."""


def hook_events(one: Mapping[str, Any]) -> list[str]:
    """When Helm runs this object, e.g. ``post-install``; empty for one of the release itself."""
    said = str((one["metadata"].get("annotations") or {}).get(HOOK, ""))
    return [event.strip() for event in said.split(",") if event.strip()]


def is_hook(one: Mapping[str, Any]) -> bool:
    """Whether Helm runs this as a hook: Helm waits for it, it is no part of the release."""
    return HOOK in (one["metadata"].get("annotations") or {})


def runs_hooks(objects: Sequence[Mapping[str, Any]], event: str) -> bool:
    """Whether Helm has anything to run then."""
    return any(event in hook_events(one) for one in objects)
