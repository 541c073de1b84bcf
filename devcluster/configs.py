"""The components' configuration files, as text."""

import json
from pathlib import Path
from typing import Any

import yaml

from devcluster import cgroups
from devcluster.network import BRIDGE, DNS_SERVICE, NODE_ADDRESS, POD_NETWORK
from devcluster.paths import SOURCES, STATE

CONTAINERD_SOCKET = STATE / "containerd.sock"
NETPOL_SOCKET = STATE / "netpol.sock"
NETPOL_PROBLEMS = STATE / "netpol-problems.json"
NETPOL_PLUGIN = "devcluster-netpol"
CNI_PLUGINS = STATE / "cni" / "bin"
CNI_NAME = "provisioner-devcluster"
PAUSE = "localhost/pause:dev"


def files(*, network_policy: bool) -> dict[str, str]:
    """Every configuration file, by its path below the state folder."""
    return {
        "containerd.toml": _containerd(),
        "kubelet.yaml": yaml.safe_dump(_kubelet()),
        "cni/net.d/10-devcluster.conflist": json.dumps(_cni(network_policy), indent=2),
    }


def _containerd() -> str:
    # Paths that containerd would otherwise take outside of our folder are all named here.
    return f"""\
version = 2
root = "{STATE}/containerd/root"
state = "{STATE}/containerd/state"
disabled_plugins = ["io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "{CONTAINERD_SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{STATE}/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{CNI_PLUGINS}"
    conf_dir = "{STATE}/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "{STATE}/runc"
"""


def _kubelet() -> dict[str, Any]:
    pki = STATE / "pki"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroups.NAME}",
        "cgroupsPerQOS": True,
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "enforceNodeAllocatable": [],
        "evictionHard": {
            "imagefs.available": "1%",
            "memory.available": "50Mi",
            "nodefs.available": "1%",
        },
        "failCgroupV1": False,
        "failSwapOn": False,
        # Images come from archives and not from a registry, so none may be collected.
        "imageGCHighThresholdPercent": 100,
        # No iptables chains of the kubelet's own: kube-proxy and we use nftables.
        "makeIPTablesUtilChains": False,
        "maxPods": 200,
        "podLogsDir": f"{STATE}/pod-logs",
        "registerNode": True,
        "resolvConf": "",
        "serializeImagePulls": False,
        "tlsCertFile": f"{pki}/kubelet.crt",
        "tlsPrivateKeyFile": f"{pki}/kubelet.key",
        "volumePluginDir": f"{STATE}/volume-plugins",
    }


def _cni(network_policy: bool) -> dict[str, Any]:
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "ranges": [[{"subnet": POD_NETWORK}]],
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": f"{STATE}/cni/addresses",
        },
    }
    netpol = {"type": NETPOL_PLUGIN, "socket": str(NETPOL_SOCKET)}
    plugins = [bridge, netpol] if network_policy else [bridge]
    return {"cniVersion": "1.0.0", "name": CNI_NAME, "plugins": plugins}


def install_plugins() -> None:
    """Give containerd one folder with Debian's CNI plugins and ours."""
    for plugin in Path("/usr/lib/cni").iterdir():
        if not (CNI_PLUGINS / plugin.name).is_symlink():
            (CNI_PLUGINS / plugin.name).symlink_to(plugin)
    # Isolated and without site-packages: it runs at every pod's start, so it starts fast. Debian's
    # own Python: the cluster outlives the checkout that started it.
    script = f"#!/usr/bin/python3 -IS\n{(SOURCES / 'netpol' / 'plugin.py').read_text()}"
    (CNI_PLUGINS / NETPOL_PLUGIN).write_text(script)
    (CNI_PLUGINS / NETPOL_PLUGIN).chmod(0o755)
