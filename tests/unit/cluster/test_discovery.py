"""Kinds are found by what the API server says of them, and each version is asked for once."""

import asyncio
from typing import Any

import pytest

from provisioner.cluster.discovery import Discovery
from provisioner.cluster.resources import DEPLOYMENT, POD, Resource
from provisioner.errors import ClusterError

ANSWERS: dict[str, Any] = {
    "/api/v1": {
        "resources": [
            {"name": "pods", "kind": "Pod", "namespaced": True},
            {"name": "pods/eviction", "kind": "Eviction", "namespaced": True},
        ]
    },
    "/apis/apps/v1": {
        "resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]
    },
    "/apis/apps": {"preferredVersion": {"groupVersion": "apps/v1"}},
}


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def kinds(asked: list[str]) -> Discovery:
    async def ask(path: str) -> Any:
        asked.append(path)
        await asyncio.sleep(0)
        if path not in ANSWERS:
            raise ClusterError("no such thing", status=403 if "secret" in path else 404)
        return ANSWERS[path]

    return Discovery(ask)


@pytest.mark.parametrize(
    ("version", "kind", "found"),
    [
        ("v1", "Pod", POD),
        ("apps/v1", "Deployment", DEPLOYMENT),
        ("v1", "Eviction", None),
        ("example.test/v1", "Pod", None),
    ],
)
async def test_a_kind_is_found_by_its_manifest(
    kinds: Discovery, version: str, kind: str, found: Resource | None
) -> None:
    assert await kinds.find(version, kind) == found


async def test_a_version_is_asked_for_once(kinds: Discovery, asked: list[str]) -> None:
    """Also by several at the same moment."""
    for _ in range(2):
        await asyncio.gather(*(kinds.find("v1", kind) for kind in ("Pod", "Secret")))
        await kinds.find("example.test/v1", "Pod")
    assert asked == ["/api/v1", "/apis/example.test/v1"]


async def test_a_plural_is_found_in_the_version_that_its_group_prefers(kinds: Discovery) -> None:
    assert await kinds.served("deployments", "apps") == DEPLOYMENT
    assert await kinds.served("pods", "") == POD
    assert await kinds.served("deployments", "") is None


async def test_a_refusal_is_not_taken_for_an_unknown_kind(kinds: Discovery) -> None:
    with pytest.raises(ClusterError):
        await kinds.find("secret.test/v1", "Pod")
