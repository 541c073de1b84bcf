"""What a chart must not hold."""

from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.cluster.manifests import read_manifests
from provisioner.cluster.resources import Resource
from provisioner.errors import ConfigurationError
from provisioner.phases.guard import refuse_the_nameless, refuse_what_reaches_out
from provisioner.restores.claims.chart import target_named

NAMESPACED = {"Pod", "Secret", "Service"}
CLUSTER_WIDE = {"ClusterRole", "Namespace", "Node"}


class Kinds:
    """Three that live in a namespace, and three that do not."""

    async def find(self, version: str, kind: str) -> Resource | None:
        if kind in CLUSTER_WIDE:
            return Resource(kind, version, f"{kind.lower()}s", namespaced=False)
        known = (version == "v1" and kind in NAMESPACED) or kind.endswith("NetworkPolicy")
        return Resource(kind, version, f"{kind.lower()}s") if known else None


def made(kind: str, version: str = "v1", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x", **metadata}}


async def judge(*objects: dict[str, Any]) -> None:
    cluster: Any = SimpleNamespace(kinds=Kinds())
    await refuse_what_reaches_out(cluster, objects, "sandbox")


async def test_what_stays_inside_passes() -> None:
    await judge(made("Pod"), made("Secret", namespace="sandbox"), made("Pod", namespace=None))


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("ClusterRole", "rbac.authorization.k8s.io/v1"),
        ("Namespace", "v1"),
        ("ClusterIssuer", "cert-manager.io/v1"),
        ("Pod", "example.test/v1"),
    ],
)
async def test_cluster_wide_and_unknown_kinds_are_refused(kind: str, version: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{kind}/x"):
        await judge(made("Pod"), made(kind, version))


def test_lists_are_taken_apart_before() -> None:
    nested = "kind: List\nitems: [{kind: Pod}, {kind: PodList, items: [{kind: Node}]}]\n"
    text = f"{nested}---\n# nothing\n---\nkind: Secret\n"
    assert [one["kind"] for one in read_manifests(text)] == ["Pod", "Node", "Secret"]


def without_name(kind: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            without_name("Job", generateName="report-"),
            r"a Job with no name \(generateName: report-",
        ),
        (without_name("Job"), r"a Job with no name \(generateName: none\)"),
        ({"kind": "Secret"}, r"a Secret with no name"),
    ],
)
def test_release_has_no_object_without_a_name(one: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        refuse_the_nameless([made("Pod"), one])


async def test_hook_may_be_named_by_the_api_server() -> None:
    annotations = {"helm.sh/hook": "post-install"}
    hook = without_name("Pod", generateName="migrate-", annotations=annotations)
    hook["spec"] = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}
    refuse_the_nameless([hook])
    await judge(hook)
    assert target_named("data", [hook]) is not None
    with pytest.raises(ConfigurationError, match=r"Pod/migrate- \(in namespace production\)"):
        await judge(without_name("Pod", generateName="migrate-", namespace="production"))


async def test_all_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"Node/x .*in namespace production"):
        await judge(made("Node"), made("Service", namespace="production"))


NETWORKING = "networking.k8s.io/v1"
INSIDE = {"podSelector": {"matchLabels": {"app": "db"}}}
ANYWHERE = {"ipBlock": {"cidr": "0.0.0.0/0"}}
ELSEWHERE = {"namespaceSelector": {}, **INSIDE}
DNS = {"port": 53, "protocol": "UDP"}


def policy(version: str = NETWORKING, kind: str = "NetworkPolicy", **spec: Any) -> dict[str, Any]:
    return {**made(kind, version), "spec": {"podSelector": {}, **spec}}


@pytest.mark.parametrize(
    "one",
    [
        policy(egress=[{}]),
        policy(egress=[None]),
        policy(egress=[{"to": []}]),
        policy(egress=[{"ports": [{"port": 5432}]}]),
        policy(egress=[{"to": [ANYWHERE]}], policyTypes=["Ingress", "Egress"]),
        policy(egress=[{"to": [INSIDE, ELSEWHERE]}]),
        policy(egress=[{"to": [INSIDE]}, {"to": [{"namespaceSelector": {}}]}]),
        policy(egress=[{"ports": [DNS, {"port": 443}]}]),
        policy(egress=[{"ports": [{"port": 53, "endPort": 65535}]}]),
        policy("cilium.io/v2", "CiliumNetworkPolicy", egress=[{"toEntities": ["world"]}]),
        policy("projectcalico.org/v3", egress=[{"action": "Allow"}]),
        {**made("CiliumNetworkPolicy", "cilium.io/v2"), "specs": [{"egress": [{}]}]},
    ],
    ids=str,
)
async def test_a_policy_that_adds_a_way_out_is_refused(one: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"NetworkPolicy/x \(opens the way out\)") as it:
        await judge(made("Pod"), one)
    assert "spec/egress" in it.value.hint


@pytest.mark.parametrize(
    "one",
    [
        policy(),
        policy(egress=None, policyTypes=["Egress"]),
        policy(egress=[{"to": [INSIDE], "ports": [{"port": 5432}]}]),
        policy(egress=[{"to": [{**INSIDE, "namespaceSelector": None}]}]),
        policy(egress=[{"ports": [DNS]}, {"to": [ELSEWHERE], "ports": [DNS]}]),
        policy(egress=[{}], policyTypes=["Ingress"]),
        policy(ingress=[{}], policyTypes=["Ingress"]),
        policy("cilium.io/v2", "CiliumNetworkPolicy", ingress=[{}]),
    ],
    ids=str,
)
async def test_a_policy_that_adds_no_way_out_passes(one: dict[str, Any]) -> None:
    await judge(one)
