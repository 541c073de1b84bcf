from collections.abc import Callable, Mapping
from typing import Any

import pytest

from devcluster.netpol.pods import Pod
from devcluster.netpol.policies import Policy, parse_policy
from devcluster.netpol.rules import Network, World, ruleset

SHOP = {"name": "shop"}


@pytest.fixture
def policy() -> Callable[..., Policy]:
    """Make a policy in namespace `shop` from its spec."""

    def make(spec: Mapping[str, Any], name: str = "rule") -> Policy:
        return parse_policy({"metadata": {"namespace": "shop", "name": name}, "spec": spec})

    return make


@pytest.fixture
def pods() -> tuple[Pod, ...]:
    return (
        Pod("shop", "web", "10.244.0.10", {"app": "web"}, {"http": ("TCP", 8080)}),
        Pod("shop", "db", "10.244.0.11", {"app": "db"}, {"sql": ("TCP", 3306)}),
        Pod("other", "guest", "10.244.0.20", {"app": "web"}, {"http": ("TCP", 9090)}),
    )


@pytest.fixture
def chain(pods: tuple[Pod, ...]) -> Callable[..., list[str]]:
    """The lines of a pod's chain in one direction; empty if it is not isolated."""

    def lines(address: str, direction: str, *policies: Policy) -> list[str]:
        namespaces = {"shop": {"team": "a"}, "other": {"team": "b"}}
        world = World(pods, policies, namespaces)
        text = ruleset(world, Network("test", "bridge0", "10.244.0.0/24"))
        return _lines(text, address, direction)

    return lines


def _lines(text: str, address: str, direction: str) -> list[str]:
    verdicts = text.partition(f"map {direction} {{")[2].partition("}")[0]
    _, found, rest = verdicts.partition(f"{address} : jump ")
    if not found:
        return []
    name = rest.split(",")[0].split()[0]
    body = text.partition(f"chain {name} {{\n")[2].partition("  }\n")[0]
    return [line.strip() for line in body.splitlines() if not line.strip().startswith("#")]
