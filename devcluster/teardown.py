"""Taking the cluster away, from whatever state it is in; never anything that is not ours."""

import os
import re
import shutil
from pathlib import Path

from devcluster import cgroups, network, processes
from devcluster.commands import run
from devcluster.configs import CNI_NAME, CONTAINERD_SOCKET
from devcluster.errors import DevclusterError
from devcluster.paths import STATE
from devcluster.state import Before, recorded

_SHIM = "containerd-shim-runc-v2"


def take_down() -> None:
    """Remove processes, mounts, links, tables, groups and folders; safe to run again."""
    before = Before.load()
    # Nothing of it is kept, so nobody needs time to write anything down.
    processes.stop((record for record in recorded().values() if record), grace=0.0)
    _stop_shims()
    cgroups.remove()
    unmount(STATE)
    network.down()
    _remove_traces()
    if before:
        _restore(before)
    _remove_state()


def _stop_shims() -> None:
    # Shims outlive containerd by design; they carry its socket, which is ours alone.
    processes.stop(processes.with_argument(_SHIM, str(CONTAINERD_SOCKET)), grace=0.0)


def unmount(folder: Path) -> None:
    """Unmount everything below a folder, the innermost first."""
    if points := mounts_below(folder):
        run(["umount", "--lazy", *reversed(points)], check=False)
    if left := mounts_below(folder):
        raise DevclusterError(f"still mounted: {', '.join(left)}")


def mounts_below(folder: Path) -> list[str]:
    """Mount points below a folder, in the order in which they were mounted."""
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    plain = [re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), point) for point in points]
    return [point for point in plain if point.startswith(f"{folder}/")]


def _remove_traces() -> None:
    """Remove what ended up in shared folders: shim sockets, CNI results, links to logs."""
    for file in STATE.glob("containerd/state/io.containerd.runtime.v2.task/*/*/address"):
        Path(file.read_text().removeprefix("unix://")).unlink(missing_ok=True)
    for result in Path("/var/lib/cni/results").glob(f"{CNI_NAME}-*"):
        result.unlink(missing_ok=True)
    for link in Path("/var/log/containers").glob("*.log"):
        if link.is_symlink() and os.readlink(link).startswith(f"{STATE}/"):
            link.unlink()


def _restore(before: Before) -> None:
    network.remove_empty_tables(before.tables)
    network.restore_kernel_settings(before.kernel_settings)
    for folder in before.absent_folders:
        # Made since by one of our components, unless others have put something there.
        shutil.rmtree(folder, ignore_errors=True)


def _remove_state() -> None:
    if STATE.exists():
        shutil.rmtree(STATE)
