"""Policies are enforced between real pods."""

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devcluster.status import status
from tests.cluster.devcluster.network import Net, pod, policy, reach, soon
from tests.cluster.kube import Kubectl

pytestmark = pytest.mark.xdist_group("network policies")


@pytest.fixture(scope="module")
def net(kubectl: Kubectl) -> Net:
    home, away = (f"test-{where}-{secrets.token_hex(3)}" for where in ("home", "away"))
    for name in (home, away):
        kubectl.create_namespace(name)
    made = Net(kubectl, home, away)
    made.start()
    return made


@pytest.fixture
def apply(net: Net) -> Iterator[Callable[..., None]]:
    """Apply a policy at home; all are gone after the test."""

    def _apply(name: str = "policy", **spec: Any) -> None:
        net.kubectl.apply(policy(net.home, name, **spec))

    yield _apply
    net.kubectl.run("delete", "networkpolicy", "--all", "-n", net.home)


def test_without_policies_everybody_reaches_everybody(net):
    assert net.client(*reach(net.address(), 8080))
    assert net.guest(*reach(net.address(), 9090))


def test_ingress_by_pod_and_named_port(net, apply):
    client = {"podSelector": {"matchLabels": {"app": "client"}}}
    web = {"matchLabels": {"app": "web"}}
    apply(podSelector=web, ingress=[{"from": [client], "ports": [{"port": "http"}]}])
    address = net.address()
    assert soon(lambda: not net.guest(*reach(address, 8080)))
    assert not net.client(*reach(address, 9090))
    assert net.client(*reach(address, 8080))


def test_ingress_by_namespace(net, apply):
    apply(ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"team": "away"}}}]}])
    address = net.address()
    assert soon(lambda: not net.client(*reach(address, 8080)))
    assert net.guest(*reach(address, 8080))


def test_policies_hold_for_the_pods_behind_a_service(net, apply):
    ports = [{"port": 80, "targetPort": "http"}, {"name": "x", "port": 90, "targetPort": 9090}]
    ports[0]["name"] = "http"
    spec = {"selector": {"app": "web"}, "ports": ports}
    metadata = {"name": "web", "namespace": net.home}
    net.kubectl.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    assert soon(lambda: net.client(*reach("web", 90)))
    apply(ingress=[{"ports": [{"port": 8080}]}])
    assert soon(lambda: not net.client(*reach("web", 90)))
    assert net.client(*reach("web", 80))


def test_egress_to_dns_alone(net, apply):
    dns = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    port = {"protocol": "UDP", "port": 53}
    apply(policyTypes=["Egress"], egress=[{"to": [dns], "ports": [port]}])
    assert soon(lambda: not net.client(*reach(net.address(), 8080)))
    assert net.client("getent", "hosts", "kubernetes.default.svc.cluster.local")
    # The API server listens on the node itself, behind a service.
    assert not net.client(*reach("10.96.0.1", 443))
    assert not net.client(*reach("10.244.0.1", 10250))
    assert net.guest(*reach("10.96.0.1", 443))


def test_egress_by_address_block_with_exception(net, apply):
    block = {"cidr": "10.244.0.0/24", "except": [f"{net.address()}/32"]}
    apply(policyTypes=["Egress"], egress=[{"to": [{"ipBlock": block}]}])
    assert soon(lambda: not net.client(*reach(net.address(), 8080)))
    assert net.client(*reach(net.address("client"), 8080))
    assert net.client(*reach("10.244.0.1", 10250))


def test_egress_by_port_range(net, apply):
    ports = [{"port": 8000, "endPort": 8100}]
    apply(policyTypes=["Egress"], egress=[{"ports": ports}])
    assert soon(lambda: not net.client(*reach(net.address(), 9090)))
    assert net.client(*reach(net.address(), 8080))


def test_a_pod_starts_closed(net, apply):
    apply(policyTypes=["Ingress", "Egress"])
    assert soon(lambda: not net.client(*reach(net.address(), 8080)))
    script = f"{' '.join(reach(net.address(), 8080))} && echo open || echo closed"
    names = [f"fresh-{number}" for number in range(4)]
    for name in names:
        net.kubectl.apply(pod(net.home, name, script, restartPolicy="Never"))
    for name in names:
        wait = ("--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s")
        net.kubectl.run("wait", f"pod/{name}", "-n", net.home, *wait)
        assert net.kubectl.run("logs", name, "-n", net.home).strip() == "closed"
    net.kubectl.run("delete", "pod", "-n", net.home, *names)


def test_probes_of_the_node_are_always_let_in(net, apply):
    apply(policyTypes=["Ingress", "Egress"])
    probe = {"tcpSocket": {"port": 8080}, "periodSeconds": 1}
    made = pod(net.home, "probed", "nc -lkp 8080", container={"readinessProbe": probe})
    net.kubectl.apply(made)
    wait = ("--for=condition=Ready", "--timeout=60s")
    net.kubectl.run("wait", "pod/probed", "-n", net.home, *wait)


def test_a_change_of_labels_takes_effect(net, apply):
    friend = {"podSelector": {"matchLabels": {"friend": "yes"}}}
    apply(ingress=[{"from": [friend]}])
    address = net.address()
    assert soon(lambda: not net.client(*reach(address, 8080)))
    net.kubectl.run("label", "pod", "client", "friend=yes", "-n", net.home)
    assert soon(lambda: net.client(*reach(address, 8080)))
    net.kubectl.run("label", "pod", "client", "friend-", "-n", net.home)
    assert soon(lambda: not net.client(*reach(address, 8080)))


def test_what_is_not_understood_is_told_by_event_and_status(net, apply):
    apply("odd", ingress=[{"ports": [{"protocol": "SCTP", "port": 5000}]}])

    def told() -> list[str]:
        found = json.loads(net.kubectl.run("get", "events", "-n", net.home, "-o", "json"))
        return [one["message"] for one in found["items"] if one["reason"] == "NotUnderstood"]

    assert soon(lambda: bool(told()))
    assert "protocol SCTP (allows nothing)" in told()[0]
    assert soon(lambda: any(f"{net.home}/odd" in line for line in status().lines))
    assert status().healthy
    assert not net.client(*reach(net.address(), 8080))
