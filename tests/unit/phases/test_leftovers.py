"""A namespace that does not go: when that is certain, and who holds it."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.cluster.resources import CONFIG_MAP, NAMESPACE, Resource
from provisioner.errors import ClusterError
from provisioner.phases import removal
from provisioner.phases.leftovers import held, only_finalizers_hold

WIDGET = Resource("Widget", "example.test/v1", "widgets")
REMAINING = "Some resources are remaining: "
FINALIZERS = "Some content in the namespace has finalizers remaining: "


def namespace(remaining: str, finalizers: str = "") -> dict[str, Any]:
    conditions = [
        {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "All ok"},
        {"type": "NamespaceContentRemaining", "status": "True", "message": REMAINING + remaining},
        {
            "type": "NamespaceFinalizersRemaining",
            "status": "True" if finalizers else "False",
            "message": FINALIZERS + finalizers if finalizers else "All content removed",
        },
    ]
    return {"metadata": {"name": "verify-x"}, "status": {"conditions": conditions}}


MAPS, PODS = "configmaps. has 1 resource instances", "pods. has 2 resource instances"
NOBODY = "example.test/nobody in 1 resource instances"
STUCK = namespace(MAPS, NOBODY)


def test_a_pod_may_still_end() -> None:
    assert only_finalizers_hold(STUCK)
    assert not only_finalizers_hold(namespace(f"{MAPS}, {PODS}", NOBODY))
    assert not only_finalizers_hold(namespace(MAPS))
    assert not only_finalizers_hold({"metadata": {"name": "verify-x"}})


class Mirror:
    """A namespace as it is seen over time; an exhausted script is one where nothing moves."""

    def __init__(self, *seen: Any) -> None:
        self.seen, self.current = list(seen), True

    async def wait_for(self, look: Callable[[dict[str, Any]], Any]) -> Any:
        while self.seen:
            there = self.seen.pop(0)
            if (found := look({"verify-x": there} if there else {})) is not None:
                return found
        return await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("seen", "gone"),
    [
        ([namespace(PODS), None], True),
        ([namespace(PODS), STUCK, None], True),
        ([namespace(PODS), STUCK], False),
        ([STUCK, namespace(MAPS, "other/one in 1 resource instances"), STUCK], False),
    ],
)
async def test_stuck_is_what_only_finalizers_hold_and_nobody_moves(
    monkeypatch: pytest.MonkeyPatch, seen: list[Any], gone: bool
) -> None:
    monkeypatch.setattr(removal, "STUCK_SECONDS", 0.01)
    mirror: Any = Mirror(*seen)
    assert await removal._gone_or_stuck(mirror, "verify-x") is gone


async def test_what_still_has_pods_is_given_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "STUCK_SECONDS", 0.01)
    mirror: Any = Mirror(STUCK, namespace(PODS, NOBODY))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await removal._gone_or_stuck(mirror, "verify-x")


async def test_while_the_server_is_away_nobody_knows_what_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(removal, "STUCK_SECONDS", 0.01)
    mirror: Any = Mirror(STUCK)
    mirror.current = False
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await removal._gone_or_stuck(mirror, "verify-x")


class Cluster:
    """One namespace with what is left in it."""

    def __init__(self, there: Any, objects: dict[str, list[Any]]) -> None:
        self.there, self.objects = there, objects
        self.kinds = SimpleNamespace(served=self._served)

    async def _served(self, plural: str, group: str) -> Resource | None:
        known = {("configmaps", ""): CONFIG_MAP, ("widgets", "example.test"): WIDGET}
        return known.get((plural, group))

    async def find(self, resource: Resource, _name: str) -> Any:
        assert resource is NAMESPACE
        return self.there

    async def list_all(self, resource: Resource, _namespace: str) -> list[Any]:
        if resource.plural not in self.objects:
            raise ClusterError("forbidden", status=403)
        return self.objects[resource.plural]


def one(name: str, *finalizers: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "finalizers": list(finalizers)}}


async def left(there: Any, **objects: list[Any]) -> list[tuple[str, str, str, str]]:
    cluster: Any = Cluster(there, objects)
    found = await held(cluster, "verify-x")
    return [(each.kind, each.name, each.reason, each.command) for each in found]


WIDGETS = "widgets.example.test has 1 resource instances"


async def test_each_object_is_named_with_the_command_that_removes_it() -> None:
    there = namespace(f"{MAPS}, {WIDGETS}", NOBODY)
    found = await left(there, configmaps=[one("plain")], widgets=[one("w", "a.test/x", "b.test/y")])
    patch = """--type merge --patch '{"metadata":{"finalizers":null}}'"""
    assert found[:2] == [
        ("ConfigMap", "plain", "", "kubectl delete configmaps plain --namespace verify-x"),
        (
            "Widget",
            "w",
            "finalizers that nobody serves: a.test/x, b.test/y",
            f"kubectl patch widgets.example.test w --namespace verify-x {patch}",
        ),
    ]
    (kind, name, reason, command) = found[2]
    assert (kind, name, command) == ("Namespace", "verify-x", "kubectl delete namespace verify-x")
    assert reason == f"{REMAINING}{MAPS}, {WIDGETS}; {FINALIZERS}{NOBODY}"


async def test_what_cannot_be_listed_leaves_the_namespace_to_be_named() -> None:
    assert [each[0] for each in await left(namespace(f"{MAPS}, {WIDGETS}"))] == ["Namespace"]
    assert [each[0] for each in await left(namespace("things.gone.test has 1 resource instances"))]


async def test_one_that_went_after_all_leaves_nothing() -> None:
    assert await left(None) == []
