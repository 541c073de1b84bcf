"""What each form of a NetworkPolicy becomes."""

import pytest

from devcluster.netpol.pods import parse_pod
from devcluster.netpol.rules import Network, World, ruleset

WEB, DB, GUEST = "10.244.0.10", "10.244.0.11", "10.244.0.20"
ANY = {"podSelector": {}}


def test_without_policies_nobody_is_isolated(chain):
    assert chain(WEB, "ingress") == []
    assert chain(WEB, "egress") == []


def test_default_deny_drops_both_directions(chain, policy):
    deny = policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    assert chain(WEB, "ingress", deny) == ["drop"]
    assert chain(WEB, "egress", deny) == ["drop"]


def test_a_policy_reaches_its_own_namespace_only(chain, policy):
    deny = policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    assert chain(GUEST, "ingress", deny) == []


def test_a_policy_reaches_the_selected_pods_only(chain, policy):
    deny = policy({"podSelector": {"matchLabels": {"app": "db"}}})
    assert chain(DB, "ingress", deny) == ["drop"]
    assert chain(WEB, "ingress", deny) == []


@pytest.mark.parametrize(
    ("spec", "ingress", "egress"),
    [
        (ANY, True, False),
        ({**ANY, "egress": [{}]}, True, True),
        ({**ANY, "policyTypes": ["Egress"]}, False, True),
        ({**ANY, "policyTypes": ["Ingress"], "egress": [{}]}, True, False),
    ],
)
def test_policy_types_default_as_kubernetes_says(policy, spec, ingress, egress):
    made = policy(spec)
    assert (made.ingress is not None, made.egress is not None) == (ingress, egress)


@pytest.mark.parametrize("rule", [{}, {"from": []}, {"from": None}])
def test_a_rule_without_peers_allows_everybody(chain, policy, rule):
    assert chain(WEB, "ingress", policy({**ANY, "ingress": [rule]})) == ["return", "drop"]


def test_pod_selector_means_pods_of_the_same_namespace(chain, policy):
    peer = {"podSelector": {"matchLabels": {"app": "web"}}}
    made = policy({**ANY, "ingress": [{"from": [peer]}]})
    assert chain(DB, "ingress", made) == [f"ip saddr {{ {WEB} }} return", "drop"]


def test_namespace_selector_means_all_pods_of_those_namespaces(chain, policy):
    peer = {"namespaceSelector": {"matchLabels": {"team": "b"}}}
    made = policy({**ANY, "policyTypes": ["Egress"], "egress": [{"to": [peer]}]})
    assert chain(WEB, "egress", made) == [f"ip daddr {{ {GUEST} }} return", "drop"]


def test_both_selectors_together_must_both_match(chain, policy):
    peer = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}
    made = policy({**ANY, "ingress": [{"from": [peer]}]})
    assert chain(DB, "ingress", made) == [f"ip saddr {{ {WEB}, {GUEST} }} return", "drop"]


def test_a_peer_that_nobody_matches_allows_nothing(chain, policy):
    peer = {"podSelector": {"matchLabels": {"app": "absent"}}}
    assert chain(DB, "ingress", policy({**ANY, "ingress": [{"from": [peer]}]})) == ["drop"]


def test_ip_block_leaves_its_exceptions_out(chain, policy):
    block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.244.0.0/24", "10.9.0.0/16"]}}
    made = policy({**ANY, "policyTypes": ["Egress"], "egress": [{"to": [block]}]})
    expected = "ip daddr 10.0.0.0/8 ip daddr != 10.244.0.0/24 ip daddr != 10.9.0.0/16 return"
    assert chain(WEB, "egress", made) == [expected, "drop"]


@pytest.mark.parametrize(
    ("port", "line"),
    [
        ({"port": 80}, "tcp dport 80 return"),
        ({"port": 53, "protocol": "UDP"}, "udp dport 53 return"),
        ({"port": 8000, "endPort": 8100}, "tcp dport 8000-8100 return"),
        ({"port": 8000, "endPort": 8000}, "tcp dport 8000 return"),
        ({"protocol": "UDP"}, "meta l4proto udp return"),
        ({}, "meta l4proto tcp return"),
    ],
)
def test_ports(chain, policy, port, line):
    made = policy({**ANY, "ingress": [{"ports": [port]}]})
    assert chain(DB, "ingress", made) == [line, "drop"]


def test_a_named_port_for_ingress_is_the_selected_pods(chain, policy):
    made = policy({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [HTTP]})
    expected = f"ip daddr . tcp dport {{ {WEB} . 8080 }} return"
    assert chain(WEB, "ingress", made) == [expected, "drop"]


def test_a_named_port_for_egress_is_the_peers(chain, policy):
    made = policy({**ANY, "policyTypes": ["Egress"], "egress": [HTTP]})
    expected = f"ip daddr . tcp dport {{ {WEB} . 8080, {GUEST} . 9090 }} return"
    assert chain(DB, "egress", made) == [expected, "drop"]


def test_a_named_port_that_no_pod_has_allows_nothing(chain, policy):
    made = policy({**ANY, "ingress": [{"ports": [{"port": "absent"}]}]})
    assert chain(DB, "ingress", made) == ["drop"]


def test_every_peer_is_combined_with_every_port(chain, policy):
    block = {"ipBlock": {"cidr": "192.0.2.0/24"}}
    peers = [block, {"podSelector": {"matchLabels": {"app": "web"}}}]
    made = policy({**ANY, "ingress": [{"from": peers, "ports": [{"port": 1}, {"port": 2}]}]})
    assert chain(DB, "ingress", made) == [
        "ip saddr 192.0.2.0/24 tcp dport 1 return",
        f"ip saddr {{ {WEB} }} tcp dport 1 return",
        "ip saddr 192.0.2.0/24 tcp dport 2 return",
        f"ip saddr {{ {WEB} }} tcp dport 2 return",
        "drop",
    ]


def test_policies_on_one_pod_add_up(chain, policy):
    deny = policy({**ANY}, "deny")
    allow = policy({**ANY, "ingress": [{"ports": [{"port": 80}]}]}, "allow")
    assert chain(DB, "ingress", deny, allow) == ["tcp dport 80 return", "drop"]


def test_pods_under_the_same_policies_share_a_chain(pods, policy):
    text = _text(World(pods, (policy(ANY),)))
    assert text.count("  chain ingress_") == 1
    assert f"{WEB} : jump ingress_0, {DB} : jump ingress_0" in text


def test_replies_and_talk_with_oneself_come_before_any_policy(pods, policy):
    text = _text(World(pods, (policy(ANY),)))
    forward = text.partition("chain forward")[2]
    assert forward.index("established") < forward.index("@itself") < forward.index("vmap")
    assert f"{WEB} . {WEB}" in text


def test_addresses_that_nobody_has_told_of_may_send_nothing(pods):
    text = _text(World(pods))
    assert "ip saddr 10.244.0.0/24 ip saddr != @known drop" in text
    assert f"elements = {{ {WEB}, {DB}, {GUEST} }}" in text


def test_an_empty_world_is_a_valid_table():
    assert "elements" not in _text(World())


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"hostNetwork": True}},
        {"status": {"podIP": "10.244.0.9", "phase": "Succeeded"}},
        {"status": {}},
    ],
)
def test_pods_without_an_address_of_their_own_are_no_pods_here(change):
    base = {
        "metadata": {"namespace": "shop", "name": "web"},
        "spec": {},
        "status": {"podIP": "10.244.0.9", "phase": "Running"},
    }
    assert parse_pod(base) is not None
    assert parse_pod({**base, **change}) is None


def test_what_the_plugin_told_is_believed_before_the_status():
    found = {
        "metadata": {"namespace": "shop", "name": "web"},
        "spec": {},
        "status": {"podIP": "10.244.0.9"},
    }
    pod = parse_pod(found, learned="10.244.0.12")
    assert pod is not None
    assert pod.address == "10.244.0.12"
    assert parse_pod(found, learned="") is None


HTTP = {"ports": [{"port": "http"}]}


def _text(world: World) -> str:
    return ruleset(world, Network("test", "bridge0", "10.244.0.0/24"))
