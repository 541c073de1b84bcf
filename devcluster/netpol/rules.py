"""From pods and policies to nftables text. Pure: the same world gives the same text.

Every isolated pod's address leads by a verdict map to a chain per direction. Pods under the
same policies share it. The chain returns what a policy allows, and drops the rest at its end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from devcluster.netpol.pods import Pod
from devcluster.netpol.policies import BlockPeer, PodPeer, Policy, Port, Rule
from devcluster.netpol.selectors import Labels

INGRESS, EGRESS = "ingress", "egress"


@dataclass(frozen=True)
class World:
    """All that decides who may talk to whom."""

    pods: tuple[Pod, ...] = ()
    policies: tuple[Policy, ...] = ()
    namespaces: Mapping[str, Labels] | None = None

    def peers(self, peer: PodPeer, home: str) -> Iterator[Pod]:
        """Pods that a peer of a policy in namespace `home` means."""
        for pod in self.pods:
            if self._in_scope(peer, home, pod.namespace) and peer.pods.matches(pod.labels):
                yield pod

    def _in_scope(self, peer: PodPeer, home: str, namespace: str) -> bool:
        if peer.namespaces is None:
            return namespace == home
        labels = (self.namespaces or {}).get(namespace)
        return labels is not None and peer.namespaces.matches(labels)


@dataclass(frozen=True)
class Network:
    """Where the pods are, and what the table is called."""

    table: str
    bridge: str
    pods: str


_HEAD = """\
add table inet {table}
delete table inet {table}
table inet {table} {{
"""
_HOOKS = """\
  chain forward {{
    type filter hook forward priority filter + 10; policy accept;
    iifname "{bridge}" meta nfproto ipv6 drop
    ct state established,related accept
    ip saddr . ip daddr @itself accept
    ip saddr {pods} ip saddr != @known drop
    ip saddr vmap @egress
    ip daddr vmap @ingress
  }}
  chain input {{
    type filter hook input priority filter + 10; policy accept;
    iifname "{bridge}" meta nfproto ipv6 drop
    ct state established,related accept
    iifname "{bridge}" ip saddr {pods} ip saddr != @known drop
    iifname "{bridge}" ip saddr vmap @egress
  }}
}}
"""


def ruleset(world: World, network: Network) -> str:
    """The whole table, as one transaction that replaces the one before."""
    addresses = sorted({pod.address for pod in world.pods})
    directions = [_direction(world, name) for name in (INGRESS, EGRESS)]
    parts = [
        _HEAD.format(table=network.table),
        _set("set known", "ipv4_addr", addresses),
        _set("set itself", "ipv4_addr . ipv4_addr", [f"{a} . {a}" for a in addresses]),
        *directions,
        _HOOKS.format(bridge=network.bridge, pods=network.pods),
    ]
    return "".join(parts)


def _set(name: str, kind: str, elements: Iterable[str]) -> str:
    listed = ", ".join(elements)
    # nft takes no empty list of elements.
    held = f"    elements = {{ {listed} }}\n" if listed else ""
    return f"  {name} {{\n    type {kind}\n{held}  }}\n"


def _direction(world: World, direction: str) -> str:
    groups: dict[tuple[Policy, ...], list[Pod]] = {}
    for pod in world.pods:
        if policies := tuple(_selecting(world, pod, direction)):
            groups.setdefault(policies, []).append(pod)
    chains, verdicts = [], []
    for number, (policies, pods) in enumerate(groups.items()):
        name = f"{direction}_{number}"
        chains.append(_chain(name, _lines(world, policies, pods, direction)))
        verdicts += [f"{pod.address} : jump {name}" for pod in pods]
    return "".join(chains) + _set(f"map {direction}", "ipv4_addr : verdict", sorted(verdicts))


def _selecting(world: World, pod: Pod, direction: str) -> Iterator[Policy]:
    for policy in world.policies:
        speaks = policy.ingress if direction == INGRESS else policy.egress
        at_home = policy.namespace == pod.namespace
        if speaks is not None and at_home and policy.pods.matches(pod.labels):
            yield policy


def _chain(name: str, lines: Iterable[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"  chain {name} {{\n{body}    drop\n  }}\n"


def _lines(
    world: World, policies: tuple[Policy, ...], pods: list[Pod], direction: str
) -> Iterator[str]:
    for policy in policies:
        yield f"# {policy.namespace}/{policy.name}"
        for rule in (policy.ingress if direction == INGRESS else policy.egress) or ():
            # A port's name is that of the pod which listens: the peer's, for egress.
            listening = pods if direction == INGRESS else list(world.pods)
            peers = list(_peer_matches(world, rule, policy.namespace, direction))
            for port in _port_matches(rule, listening):
                yield from (" ".join(f"{peer} {port} return".split()) for peer in peers)


def _peer_matches(world: World, rule: Rule, home: str, direction: str) -> Iterator[str]:
    field = "ip saddr" if direction == INGRESS else "ip daddr"
    if rule.peers is None:
        yield ""
        return
    for peer in rule.peers:
        if isinstance(peer, BlockPeer):
            yield _block_match(field, peer)
        elif addresses := sorted({pod.address for pod in world.peers(peer, home)}):
            yield f"{field} {{ {', '.join(addresses)} }}"


def _block_match(field: str, peer: BlockPeer) -> str:
    within = f"{field} {peer.cidr}"
    return " ".join([within, *(f"{field} != {network}" for network in peer.excepted)])


def _port_matches(rule: Rule, listening: list[Pod]) -> Iterator[str]:
    if rule.ports is None:
        yield ""
        return
    for port in rule.ports:
        if isinstance(port.port, str):
            yield from _named_match(port, listening)
        else:
            yield _number_match(port)


def _number_match(port: Port) -> str:
    protocol = port.protocol.lower()
    if port.port is None:
        return f"meta l4proto {protocol}"
    if port.end is None or port.end == port.port:
        return f"{protocol} dport {port.port}"
    return f"{protocol} dport {port.port}-{port.end}"


def _named_match(port: Port, listening: list[Pod]) -> Iterator[str]:
    protocol = port.protocol.lower()
    found = {
        f"{pod.address} . {pod.ports[str(port.port)][1]}"
        for pod in listening
        if pod.ports.get(str(port.port), ("",))[0] == port.protocol
    }
    if found:
        yield f"ip daddr . {protocol} dport {{ {', '.join(sorted(found))} }}"
