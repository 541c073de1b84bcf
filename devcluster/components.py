"""The programs that make the cluster, in the order in which they start."""

import sys
from dataclasses import dataclass
from pathlib import Path

from devcluster.binaries import Module
from devcluster.network import NODE_ADDRESS, POD_NETWORK, SERVICE_NETWORK
from devcluster.paths import REPOSITORY, STATE
from devcluster.pki import NODE

_ETCD = "http://127.0.0.1:2379"
_PKI = STATE / "pki"
# The controllers' start alone takes 4 s at the default of 20 requests a second.
_UNTHROTTLED = {"kube-api-qps": "500", "kube-api-burst": "1000"}


@dataclass(frozen=True)
class Component:
    """One program of the cluster."""

    name: str
    argv: tuple[str, ...]
    cwd: Path = STATE

    @property
    def record(self) -> Path:
        """Where it is written down which process it is."""
        return STATE / "processes" / self.name

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return STATE / "log" / f"{self.name}.log"


def components(*, network_policy: bool) -> list[Component]:
    """Every component; those after the API server can all start at once."""
    programs = Module("kubernetes").folder
    made = [
        _component("etcd", programs / "server", _etcd()),
        Component("containerd", ("containerd", "--config", f"{STATE}/containerd.toml")),
        _component("kube-apiserver", programs / "kube-apiserver", _apiserver()),
        _component(
            "kube-controller-manager", programs / "kube-controller-manager", _controller_manager()
        ),
        _component("kube-scheduler", programs / "kube-scheduler", _scheduler()),
        _component("kubelet", programs / "kubelet", _kubelet()),
        _component("kube-proxy", programs / "kube-proxy", _proxy()),
    ]
    return [*made, netpol()] if network_policy else made


def netpol() -> Component:
    """The enforcer of network policies, which is part of this repository."""
    return Component("netpol", (sys.executable, "-m", "devcluster.netpol"), REPOSITORY)


def _component(name: str, program: Path, flags: dict[str, str]) -> Component:
    return Component(name, (str(program), *(f"--{key}={value}" for key, value in flags.items())))


def _etcd() -> dict[str, str]:
    return {
        "data-dir": f"{STATE}/etcd",
        "listen-client-urls": _ETCD,
        "advertise-client-urls": _ETCD,
        "listen-peer-urls": "http://127.0.0.1:2380",
        # A cluster that is thrown away after a crash need not wait for the disk.
        "unsafe-no-fsync": "true",
        "log-level": "warn",
    }


def _apiserver() -> dict[str, str]:
    return {
        "etcd-servers": _ETCD,
        # The bridge's address, so that nothing listens on the machine's own network.
        "bind-address": NODE_ADDRESS,
        "advertise-address": NODE_ADDRESS,
        "secure-port": "6443",
        "cert-dir": f"{STATE}/apiserver",
        "tls-cert-file": f"{_PKI}/apiserver.crt",
        "tls-private-key-file": f"{_PKI}/apiserver.key",
        "client-ca-file": f"{_PKI}/ca.crt",
        "service-account-key-file": f"{_PKI}/accounts.pub",
        "service-account-signing-key-file": f"{_PKI}/accounts.key",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-cluster-ip-range": SERVICE_NETWORK,
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "kubelet-client-certificate": f"{_PKI}/admin.crt",
        "kubelet-client-key": f"{_PKI}/admin.key",
        # Or exec and logs look for the node's name in DNS.
        "kubelet-preferred-address-types": "InternalIP",
        "allow-privileged": "true",
    }


def _controller_manager() -> dict[str, str]:
    return {
        "kubeconfig": f"{STATE}/controller-manager.kubeconfig",
        "bind-address": "127.0.0.1",
        "leader-elect": "false",
        **_UNTHROTTLED,
        "use-service-account-credentials": "true",
        "service-account-private-key-file": f"{_PKI}/accounts.key",
        "root-ca-file": f"{_PKI}/ca.crt",
        "cluster-signing-cert-file": f"{_PKI}/ca.crt",
        "cluster-signing-key-file": f"{_PKI}/ca.key",
        "flex-volume-plugin-dir": f"{STATE}/volume-plugins",
    }


def _scheduler() -> dict[str, str]:
    return {
        "kubeconfig": f"{STATE}/scheduler.kubeconfig",
        "bind-address": "127.0.0.1",
        "leader-elect": "false",
        **_UNTHROTTLED,
    }


def _kubelet() -> dict[str, str]:
    return {
        "kubeconfig": f"{STATE}/kubelet.kubeconfig",
        "config": f"{STATE}/kubelet.yaml",
        "hostname-override": NODE,
        "node-ip": NODE_ADDRESS,
        "root-dir": f"{STATE}/kubelet",
        "cert-dir": f"{_PKI}",
    }


def _proxy() -> dict[str, str]:
    return {
        "kubeconfig": f"{STATE}/proxy.kubeconfig",
        # A table of its own that is removed whole, where iptables would mix with others' rules.
        "proxy-mode": "nftables",
        "cluster-cidr": POD_NETWORK,
        "hostname-override": NODE,
        "healthz-bind-address": "127.0.0.1:10256",
        "metrics-bind-address": "127.0.0.1:10249",
        # Leave the machine's connection tracking as it is.
        "conntrack-max-per-core": "0",
        "conntrack-tcp-timeout-established": "0s",
        "conntrack-tcp-timeout-close-wait": "0s",
    }
