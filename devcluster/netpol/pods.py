"""Pods as far as policies are concerned with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Pod:
    """A pod on the bridge. Ports by name: protocol and number."""

    namespace: str
    name: str
    address: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def parse_pod(found: Mapping[str, Any], learned: str | None = None) -> Pod | None:
    """Read a Pod object; None for one that has no address of its own (any more).

    `learned` is what the CNI plugin told, which is earlier and surer than the status.
    """
    metadata, spec, status = found["metadata"], found["spec"], found.get("status") or {}
    address = learned if learned is not None else status.get("podIP")
    if not address or spec.get("hostNetwork") or status.get("phase") in _ENDED:
        return None
    ports = dict(_named_ports(spec))
    labels = metadata.get("labels") or {}
    return Pod(metadata["namespace"], metadata["name"], address, labels, ports)


def _named_ports(spec: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, int]]]:
    for container in [*spec.get("containers", []), *spec.get("initContainers", [])]:
        for port in container.get("ports") or []:
            if port.get("name"):
                yield port["name"], (port.get("protocol") or "TCP", port["containerPort"])
