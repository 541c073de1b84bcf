"""Handing image archives to the cluster's containerd."""

import time
from pathlib import Path

from devcluster.commands import run
from devcluster.configs import CONTAINERD_SOCKET
from devcluster.errors import DevclusterError
from devcluster.paths import STATE, locked
from devcluster.progress import step

_BIG = 300_000_000


def load(archives: dict[str, Path]) -> None:
    """Import those images that are not there yet, or that were built anew."""
    wait()
    for name, archive in archives.items():
        with locked(STATE / "images" / f"{name}.lock", f"image {name} is being loaded"):
            loaded = STATE / "images" / name
            if loaded.exists() and loaded.read_text() == archive.name:
                continue
            _import(archive)
            loaded.write_text(archive.name)


def wait(seconds: float = 30.0) -> None:
    """Wait until containerd answers."""
    deadline = time.monotonic() + seconds
    while not CONTAINERD_SOCKET.is_socket():
        if time.monotonic() > deadline:
            raise DevclusterError("containerd does not answer; see `python -m devcluster status`")
        time.sleep(0.05)


def _import(archive: Path) -> None:
    ctr = ["ctr", "--address", str(CONTAINERD_SOCKET), "--namespace", "k8s.io"]
    big = archive.stat().st_size > _BIG
    argv = [*ctr, "images", "import", str(archive)]
    if not big:
        run(argv)
        return
    with step(f"loading {archive.name}"):
        run(argv)
