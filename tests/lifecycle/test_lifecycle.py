"""The cluster comes, goes and recovers. These tests run in order, on one machine within ours."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devcluster.paths import REPOSITORY

COMPONENTS = {
    "containerd",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
    "netpol",
}
# With binaries and images built.
TRACES = """
cut -d' ' -f2,3 /proc/mounts
ip -brief link | cut -d' ' -f1
nft list ruleset
find /sys/fs/cgroup -type d
find /run /var/lib /var/log /etc/cni /opt /usr/libexec
processes=$(ps -e -o args --no-headers)
echo "$processes" | grep -vE '^(ps|sh|python|.*/python)' | sort
sysctl net.ipv4.ip_forward net.bridge vm.overcommit_memory kernel.panic kernel.panic_on_oops
"""
PAIR = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: v1
kind: Pod
metadata: {name: server}
spec:
  containers:
    - name: server
      image: localhost/local-path-helper:dev
      command: [nc, -lkp, "8080"]
"""


def _traces(machine) -> list[str]:
    return machine.run("sh", "-c", TRACES).stdout.splitlines()


@pytest.fixture(scope="module")
def before(machine) -> list[str]:
    return _traces(machine)


def test_up_starts_every_component(machine, before):
    machine.up()
    assert set(machine.pids()) == COMPONENTS
    assert machine.devcluster("status")[0] == 0


def test_up_leaves_a_running_cluster_alone(machine):
    pids = machine.pids()
    assert "starting" not in machine.up()
    assert machine.pids() == pids


def test_two_ups_side_by_side_do_not_collide(machine):
    argv = [sys.executable, "-m", "devcluster", "up"]
    both = '{ "$@" & "$@"; wait; }'
    assert machine.run("sh", "-ec", both, "sh", *argv).returncode == 0
    assert machine.devcluster("status")[0] == 0


def test_status_names_a_crashed_component_with_the_end_of_its_log(machine):
    pid = machine.pids()["kube-scheduler"].split()[-1].rstrip(")")
    machine.run("kill", "-9", pid)
    code, text = machine.devcluster("status")
    assert code != 0
    assert "kube-scheduler: crashed; the end of its log:\n  " in text
    assert "kubelet: running" in text


def test_up_replaces_a_cluster_with_a_crashed_component(machine):
    assert "no longer running: kube-scheduler" in machine.up()
    assert machine.devcluster("status")[0] == 0


def test_up_recovers_after_everything_was_killed_from_outside(machine):
    machine.run("sh", "-c", "kill -9 -1")
    assert "/var/lib/provisioner-devcluster/" in machine.run("cat", "/proc/mounts").stdout
    assert machine.devcluster("status")[0] != 0
    machine.up()
    assert machine.devcluster("status")[0] == 0


def test_up_recovers_from_an_interrupted_start(machine):
    machine.devcluster("down")
    argv = ["timeout", "--signal=INT", "3", sys.executable, "-m", "devcluster", "up"]
    assert machine.run(*argv).returncode != 0
    assert machine.devcluster("status")[0] != 0
    assert "did not come to its end" in machine.up()


def test_up_takes_another_checkouts_cluster_down_first(machine, tmp_path: Path):
    shutil.copytree(REPOSITORY / "devcluster", tmp_path / "devcluster")
    with (tmp_path / "devcluster" / "manifests" / "coredns.yaml").open("a") as manifest:
        manifest.write("# of another checkout\n")
    text = machine.up(cwd=tmp_path)
    assert text.count("taking it down first") == 1
    assert machine.devcluster("status")[0] == 0


def test_the_enforcer_alone_is_replaced_when_only_its_code_differs(machine, tmp_path: Path):
    machine.up()
    before = machine.pids()
    shutil.copytree(REPOSITORY / "devcluster", tmp_path / "devcluster")
    (tmp_path / "devcluster" / "netpol" / "more.py").touch()
    machine.up(cwd=tmp_path)
    changed = {name for name, pid in machine.pids().items() if before[name] != pid}
    assert changed == {"netpol"}


def test_without_network_policy_nothing_is_enforced(machine):
    machine.up("--no-network-policy")
    assert set(machine.pids()) == COMPONENTS - {"netpol"}
    machine.kubectl("apply", "-f", "-", stdin=PAIR)
    machine.kubectl("wait", "--for=condition=Ready", "pod/server", "--timeout=60s")
    address = machine.kubectl("get", "pod", "server", "-o", "jsonpath={.status.podIP}")
    probe = ["nc", "-z", "-w", "3", address, "8080"]
    run = ["run", "client", "--image=localhost/local-path-helper:dev", "--restart=Never", "-i"]
    machine.kubectl(*run, "--rm", "--", *probe)


def test_down_leaves_nothing(machine, before):
    assert machine.devcluster("down") == (0, "")
    assert _traces(machine) == before


def test_down_where_nothing_runs_is_no_error(machine):
    assert machine.devcluster("down") == (0, "")


def test_down_spares_processes_that_it_did_not_start(machine):
    machine.up()
    argv = ["containerd-shim-runc-v2", "-address", "/run/elsewhere/containerd.sock"]
    stranger = f"exec -a {argv[0]} sleep 60"
    with subprocess.Popen(["bash", "-c", stranger]) as process:
        machine.devcluster("down")
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
