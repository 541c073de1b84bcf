"""Starting the cluster on a machine where none is."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devcluster import addons, cgroups, configs, network, pki, processes, runtime, state
from devcluster.api import Api
from devcluster.components import Component, components, netpol
from devcluster.errors import DevclusterError
from devcluster.paths import SOURCES, STATE, content_hash
from devcluster.progress import say

_PATIENCE = 90.0
_NETPOL_VERSION = STATE / "netpol-version"
_FIRST = ("etcd", "containerd", "kube-apiserver")
_FOLDERS = ("processes", "log", "images", "volumes", "cni/bin", "cni/net.d")


def start(*, network_policy: bool, archives: dict[str, Path]) -> None:
    """Start every component and wait until the cluster serves."""
    begin = time.monotonic()
    say("starting the cluster ...")
    _prepare(network_policy)
    _start_all(components(network_policy=network_policy), archives)
    say(f"the cluster is ready after {time.monotonic() - begin:.1f} s")


def _start_all(made: list[Component], archives: dict[str, Path]) -> None:
    _launch(component for component in made if component.name in _FIRST)
    with Api(STATE / "pki") as api, ThreadPoolExecutor(1) as pool:
        loading = pool.submit(runtime.load, archives)
        _until("the API server", lambda: [] if api.ready() else ["its readiness"])
        _launch(component for component in made if component.name not in _FIRST)
        addons.apply()
        loading.result()
        _until("the cluster", lambda: addons.missing(api))


def renew_netpol() -> None:
    """Replace the policy enforcer if its code has changed; its rules stay in force meanwhile."""
    record = state.recorded().get(netpol().name)
    if record and _NETPOL_VERSION.read_text() != _netpol_version():
        say("the policy enforcer's code has changed; restarting it alone")
        processes.stop([record])
        _install_netpol()
        _launch([netpol()])


def _install_netpol() -> None:
    configs.install_plugins()
    _NETPOL_VERSION.write_text(_netpol_version())


def _netpol_version() -> str:
    return content_hash(SOURCES / "netpol")


def _prepare(network_policy: bool) -> None:
    STATE.mkdir(parents=True, mode=0o755)
    state.Before.observe().save()
    for name in _FOLDERS:
        (STATE / name).mkdir(parents=True)
    pki.create(STATE / "pki")
    for client in pki.CLIENTS:
        _write_private(f"{client}.kubeconfig", pki.kubeconfig(STATE / "pki", client))
    _write_private("kubeconfig", pki.kubeconfig(STATE / "pki", "admin"))
    for name, text in configs.files(network_policy=network_policy).items():
        (STATE / name).write_text(text)
    _install_netpol()
    network.up()
    cgroups.create()


def _write_private(name: str, text: str) -> None:
    (STATE / name).touch(mode=0o600)
    (STATE / name).write_text(text)


def _launch(wanted: Iterable[Component]) -> None:
    for component in wanted:
        argv, cwd = list(component.argv), component.cwd
        processes.start(argv, record=component.record, log=component.log, cwd=cwd)


def _until(what: str, missing: Callable[[], list[str]]) -> None:
    """Poll until nothing is missing; a crashed component ends the wait at once."""
    deadline = time.monotonic() + _PATIENCE
    while waiting := missing():
        if crashed := state.crashed():
            ends = "\n".join(state.log_end(name) for name in crashed)
            raise DevclusterError(f"crashed while starting: {', '.join(crashed)}\n{ends}")
        if time.monotonic() > deadline:
            raise DevclusterError(f"{what} is not ready: still waiting for {', '.join(waiting)}")
        time.sleep(0.1)
