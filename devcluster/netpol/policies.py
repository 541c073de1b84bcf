"""NetworkPolicies as this enforcer understands them, and a list of what it does not.

Whatever is not understood allows nothing: a rule is left out, a pod selector selects every
pod of the namespace. So a policy can come out stricter than written, never laxer.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devcluster.netpol.selectors import EVERYTHING, Selector, parse_selector

PROTOCOLS = ("TCP", "UDP")
_SPEC_KEYS = {"podSelector", "ingress", "egress", "policyTypes"}


@dataclass(frozen=True)
class PodPeer:
    """Pods by label, in the policy's namespace unless namespaces are selected."""

    pods: Selector
    namespaces: Selector | None


@dataclass(frozen=True)
class BlockPeer:
    """Addresses by network."""

    cidr: str
    excepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Port:
    """A port, a range, a port by name, or (port None) a whole protocol."""

    protocol: str = "TCP"
    port: int | str | None = None
    end: int | None = None


@dataclass(frozen=True)
class Rule:
    """What one rule allows; None means any peer, any port."""

    peers: tuple[PodPeer | BlockPeer, ...] | None = None
    ports: tuple[Port, ...] | None = None


@dataclass(frozen=True)
class Policy:
    """One policy; `ingress` or `egress` None means that it does not speak of that direction."""

    namespace: str
    name: str
    pods: Selector
    ingress: tuple[Rule, ...] | None
    egress: tuple[Rule, ...] | None
    problems: tuple[str, ...] = ()


class _Reader:
    """Reads one policy and collects what it does not understand."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def pods(self, spec: Mapping[str, Any]) -> Selector:
        try:
            return parse_selector(spec.get("podSelector"))
        except ValueError as error:
            self.problems.append(f"{error} (taken as: every pod of the namespace)")
            return EVERYTHING

    def rules(self, rules: list[Any], peers_key: str) -> tuple[Rule, ...]:
        read = []
        for rule in rules:
            if unknown := set(rule) - {peers_key, "ports"}:
                self._refuse(f"rule field {', '.join(sorted(unknown))}")
                continue
            peers, ports = rule.get(peers_key), rule.get("ports")
            read.append(
                Rule(
                    self._all(peers, self._peer) if peers else None,
                    self._all(ports, self._port) if ports else None,
                )
            )
        return tuple(read)

    def _all(self, specs: list[Any], read: Any) -> tuple[Any, ...]:
        understood = []
        for spec in specs:
            try:
                understood.append(read(spec))
            except ValueError as error:
                self._refuse(str(error))
        return tuple(understood)

    def _refuse(self, what: str) -> None:
        self.problems.append(f"{what} (allows nothing)")

    def _peer(self, spec: Mapping[str, Any]) -> PodPeer | BlockPeer:
        if unknown := set(spec) - {"podSelector", "namespaceSelector", "ipBlock"}:
            raise ValueError(f"peer field {', '.join(sorted(unknown))}")
        if block := spec.get("ipBlock"):
            return _block(block)
        namespaces = spec.get("namespaceSelector")
        return PodPeer(
            parse_selector(spec.get("podSelector")),
            None if namespaces is None else parse_selector(namespaces),
        )

    def _port(self, spec: Mapping[str, Any]) -> Port:
        if unknown := set(spec) - {"protocol", "port", "endPort"}:
            raise ValueError(f"port field {', '.join(sorted(unknown))}")
        protocol = spec.get("protocol") or "TCP"
        if protocol not in PROTOCOLS:
            raise ValueError(f"protocol {protocol}")
        return Port(protocol, spec.get("port"), spec.get("endPort"))


def _block(spec: Mapping[str, Any]) -> BlockPeer:
    if unknown := set(spec) - {"cidr", "except"}:
        raise ValueError(f"ipBlock field {', '.join(sorted(unknown))}")
    return BlockPeer(_network(spec["cidr"]), tuple(_network(c) for c in spec.get("except") or ()))


def _network(cidr: str) -> str:
    try:
        return str(ipaddress.IPv4Network(cidr, strict=False))
    except ValueError:
        raise ValueError(f"ipBlock {cidr}, which is not IPv4") from None


def parse_policy(found: Mapping[str, Any]) -> Policy:
    """Read a NetworkPolicy object."""
    spec, reader = found.get("spec") or {}, _Reader()
    reader.problems += [f"spec field {key}" for key in sorted(set(spec) - _SPEC_KEYS)]
    ingress, egress = spec.get("ingress") or [], spec.get("egress") or []
    types = spec.get("policyTypes") or (["Ingress", "Egress"] if egress else ["Ingress"])
    return Policy(
        namespace=found["metadata"]["namespace"],
        name=found["metadata"]["name"],
        pods=reader.pods(spec),
        ingress=reader.rules(ingress, "from") if "Ingress" in types else None,
        egress=reader.rules(egress, "to") if "Egress" in types else None,
        problems=tuple(reader.problems),
    )
