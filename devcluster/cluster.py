"""Bringing the cluster up, and what callers do with it."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from devcluster import addons, configs, runtime, start, state
from devcluster.api import Api
from devcluster.binaries import build
from devcluster.components import components
from devcluster.errors import DevclusterError
from devcluster.images import ensure_images, find
from devcluster.paths import LOCK, STATE, content_hash, locked
from devcluster.progress import say
from devcluster.teardown import take_down

_PATIENCE = 30.0
_BUSY = "another devcluster command"


@dataclass(frozen=True)
class Cluster:
    """The running cluster."""

    kubeconfig: Path

    def load_image(self, name: str) -> str:
        """Build an image if need be, hand it to the cluster, and return its reference."""
        runtime.load(ensure_images([name]))
        return find(name).reference


def up(network_policy: bool = True) -> Cluster:
    """Start the cluster, or return the one that runs if it is the same."""
    _require_root()
    build(["kubernetes", *(module for name in addons.IMAGES for module in find(name).module_names)])
    archives = ensure_images(addons.IMAGES)
    wanted = _fingerprint(network_policy, archives)
    with locked(LOCK, _BUSY):
        if _runs(wanted):
            start.renew_netpol()
        else:
            _clear()
            start.start(network_policy=network_policy, archives=archives)
            state.FINGERPRINT.write_text(wanted)
    return running()


def running() -> Cluster:
    """Return the cluster that runs on this machine."""
    if state.fingerprint() is None:
        raise DevclusterError("no cluster runs on this machine; `python -m devcluster up`")
    return Cluster(STATE / "kubeconfig")


def down() -> None:
    """Take the cluster away without a trace."""
    _require_root()
    with locked(LOCK, _BUSY):
        take_down()
        LOCK.unlink(missing_ok=True)


def _require_root() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        raise DevclusterError("the local cluster needs Linux and root")


def _fingerprint(network_policy: bool, archives: dict[str, Path]) -> str:
    # Which Python runs it does not change the cluster: checkouts with the same sources share one.
    argvs = [
        [part for part in component.argv if part != sys.executable]
        for component in components(network_policy=network_policy)
    ]
    files = configs.files(network_policy=network_policy)
    images = sorted(str(archive) for archive in archives.values())
    return content_hash(argvs, files, images, addons.manifests())


def _runs(wanted: str) -> bool:
    """Whether that very cluster runs; on a busy machine its answer may take a while."""
    if state.fingerprint() != wanted:
        return False
    with Api(STATE / "pki") as api:
        deadline = time.monotonic() + _PATIENCE
        while not state.crashed() and time.monotonic() < deadline:
            if api.ready():
                return True
            time.sleep(0.2)
    return False


def _clear() -> None:
    if not STATE.exists():
        return
    if crashed := state.crashed():
        say(f"no longer running: {', '.join(crashed)}; taking down what is left of that cluster")
    elif state.fingerprint():
        say("a cluster of another make runs on this machine; taking it down first")
    else:
        say("an earlier start did not come to its end; taking down what it left")
    take_down()
