"""JSON patches (RFC 6902) on rendered objects. Pure; the same in a plan and in the post-renderer.

A patch is a mapping as the document writes it: ``{target: {kind, name}, patch: [operations]}``.
"""

import copy
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException

from provisioner.errors import ConfigurationError

Patch = Mapping[str, Any]

HELM_FILENAME = "postrenderer.helm.sh/postrender-filename"
"""Helm 4 marks objects with it on their way through a post-renderer, and takes it off again."""


def apply_all(objects: Sequence[dict[str, Any]], patches: Sequence[Patch]) -> list[dict[str, Any]]:
    """The objects with each patch on its target, in order.

    Raises:
        ConfigurationError: a patch has no target, or does not fit it.
    """
    for patch in patches:
        if not any(is_target(patch, one) for one in objects):
            raise _no_target(patch, objects)
    return [patched(one, patches) for one in objects]


def patched(one: dict[str, Any], patches: Sequence[Patch]) -> dict[str, Any]:
    """One object with the patches that are for it; the object itself stays as it is.

    Raises:
        ConfigurationError: a patch does not fit.
    """
    mine = [patch for patch in patches if is_target(patch, one)]
    if not mine:
        return one
    result, filename = _without_filename(one)
    for patch in mine:
        result = _apply(patch, result)
    return _with_filename(result, filename)


def is_target(patch: Patch, one: Mapping[str, Any]) -> bool:
    """Whether the patch is for that object."""
    return _name(one) == _target(patch)


def _target(patch: Patch) -> str:
    return f"{patch['target']['kind']}/{patch['target']['name']}"


def _name(one: Mapping[str, Any]) -> str:
    return f"{one.get('kind', '')}/{(one.get('metadata') or {}).get('name', '')}"


def _apply(patch: Patch, one: dict[str, Any]) -> dict[str, Any]:
    try:
        result = jsonpatch.apply_patch(one, patch["patch"])
    except (jsonpatch.JsonPatchException, JsonPointerException, TypeError) as error:
        raise ConfigurationError(
            f"the patch of {_target(patch)} does not fit: {str(error) or type(error).__name__}",
            hint="compare its paths with what helm template prints",
        ) from error
    if not isinstance(result, dict) or not is_target(patch, result):
        raise ConfigurationError(f"the patch of {_target(patch)} makes another object of it")
    return result


def _without_filename(one: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The object as its chart wrote it: Helm 4's mark must be no reason for a patch to fit."""
    result = copy.deepcopy(one)
    annotations = result["metadata"].get("annotations") or {}
    filename = annotations.pop(HELM_FILENAME, None)
    if filename is not None and not annotations:
        del result["metadata"]["annotations"]
    return result, filename


def _with_filename(one: dict[str, Any], filename: str | None) -> dict[str, Any]:
    if filename is not None:
        annotations = one["metadata"].get("annotations") or {}
        one["metadata"]["annotations"] = {**annotations, HELM_FILENAME: filename}
    return one


def _no_target(patch: Patch, objects: Sequence[Mapping[str, Any]]) -> ConfigurationError:
    names = sorted({_name(one) for one in objects})
    close = get_close_matches(_target(patch), names, n=1, cutoff=0.4)
    nearest = f"nearest is {close[0]}; " if close else ""
    return ConfigurationError(
        f"a patch is for {_target(patch)}, which the chart does not make",
        hint=f"{nearest}its objects: {', '.join(names) or 'none'}",
    )
