"""What a sandbox's removal waits for before it begins."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.cluster.api import Object
from provisioner.cluster.resources import CLAIM, NAMESPACE, Resource
from provisioner.phases import removal
from provisioner.phases.removal import Removal, is_being_provisioned, remove

SELECTED = {"volume.kubernetes.io/selected-node": "node-1"}


def claim(phase: str, annotations: Mapping[str, str] | None = None) -> Object:
    return {"metadata": {"name": "data", "annotations": annotations}, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (claim("Pending", SELECTED), True),
        (claim("Pending", {"volume.kubernetes.io/storage-provisioner": "p"}), True),
        (claim("Pending"), False),
        (claim("Bound", SELECTED), False),
    ],
)
def test_claim_whose_volume_is_being_made(one: Object, expected: bool) -> None:
    assert is_being_provisioned(one) is expected


class Seen:
    """A mirror that shows one state after the other."""

    current = True

    def __init__(self, told: list[str], states: list[dict[str, Object]]) -> None:
        self._told = told
        self._states = states

    async def wait_for(self, look: Callable[[dict[str, Object]], Any]) -> Any:
        for state in self._states:
            if (found := look(state)) is not None:
                return found
            self._told.append("waited")
        raise AssertionError("nothing fitted")


async def test_claims_are_deleted_once_their_volumes_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    states = [{"data": claim("Pending", SELECTED)}, {"data": claim("Bound", SELECTED)}]

    @asynccontextmanager
    async def mirror(
        _: object, resource: Resource, *__: object, **___: object
    ) -> AsyncIterator[Any]:
        yield Seen(told, states if resource is CLAIM else [{}])

    async def find(*_: object) -> Object:
        return {"metadata": {"name": "verify-x", "labels": {"verify.provisioner.dev/session": "x"}}}

    async def list_all(*_: object) -> list[Object]:
        return [claim("Bound")]

    async def delete(resource: Resource, *_: object) -> bool:
        told.append(f"deleted {resource.kind}")
        return True

    async def releases(_: str) -> list[str]:
        return []

    monkeypatch.setattr(removal, "mirror", mirror)
    cluster: Any = SimpleNamespace(find=find, list_all=list_all, delete=delete)
    helm: Any = SimpleNamespace(releases=releases)
    assert await remove(Removal(cluster, helm, "verify-x", "x", told.append)) == []
    assert told == ["waited", f"deleted {CLAIM.kind}", f"deleted {NAMESPACE.kind}"]
