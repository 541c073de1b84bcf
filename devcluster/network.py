"""The bridge that the node and its pods share, and the kernel settings they need."""

import json
from pathlib import Path

from devcluster.commands import run
from devcluster.errors import DevclusterError

BRIDGE = "devcluster0"
NODE_ADDRESS = "10.244.0.1"
POD_NETWORK = "10.244.0.0/24"
SERVICE_NETWORK = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
POLICY_TABLE = "devcluster_netpol"
_TABLES = (("ip", "kube-proxy"), ("ip6", "kube-proxy"), ("inet", POLICY_TABLE))
_NEEDED = {
    "net/ipv4/ip_forward": "1",
    # Pods on one bridge would otherwise talk past kube-proxy's and our rules.
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/bridge/bridge-nf-call-ip6tables": "1",
}
# The kubelet and kube-proxy set these; we put back what was there.
_TOUCHED = (
    *_NEEDED,
    "net/ipv4/conf/all/route_localnet",
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)


def up() -> None:
    """Make the bridge, which carries the node's address, and route between pods."""
    for name, value in _NEEDED.items():
        if not _setting(name).exists():
            run(["modprobe", "br_netfilter"], check=False)
        if not _setting(name).exists():
            raise DevclusterError(f"this kernel has no {name}; the local cluster needs it")
        _setting(name).write_text(value)
    if not _exists(BRIDGE):
        run(["ip", "link", "add", BRIDGE, "type", "bridge"])
    run(["ip", "address", "replace", f"{NODE_ADDRESS}/24", "dev", BRIDGE])
    run(["ip", "link", "set", BRIDGE, "up"])


def down() -> None:
    """Remove the bridge with everything plugged into it, and our nftables tables."""
    if _exists(BRIDGE):
        ports = json.loads(run(["ip", "-json", "link", "show", "master", BRIDGE]) or "[]")
        for name in [*(port["ifname"] for port in ports), BRIDGE]:
            run(["ip", "link", "delete", name], check=False)
    present = tables()
    for family, name in _TABLES:
        if f"{family} {name}" in present:
            run(["nft", "delete", "table", family, name])


def tables() -> list[str]:
    """All nftables tables, as `family name`."""
    return [line.removeprefix("table ") for line in run(["nft", "list", "tables"]).splitlines()]


def remove_empty_tables(before: list[str]) -> None:
    """Remove tables that were not there before and that hold no rule: iptables leaves such."""
    for table in set(tables()) - set(before):
        family, _, name = table.partition(" ")
        text = run(["nft", "list", "table", family, name])
        words = ("table", "chain", "type", "}", "#")
        if all(line.strip().startswith(words) or not line.strip() for line in text.splitlines()):
            run(["nft", "delete", "table", family, name])


def kernel_settings() -> dict[str, str]:
    """What the kernel settings that we touch are now."""
    return {name: _setting(name).read_text() for name in _TOUCHED if _setting(name).exists()}


def restore_kernel_settings(before: dict[str, str]) -> None:
    """Put kernel settings back."""
    for name, value in before.items():
        if _setting(name).exists() and _setting(name).read_text() != value:
            _setting(name).write_text(value)


def _setting(name: str) -> Path:
    return Path("/proc/sys") / name


def _exists(link: str) -> bool:
    return Path("/sys/class/net", link).exists()
