"""The control groups that all pods live in, of a name of our own."""

import contextlib
import os
import time
from pathlib import Path

from devcluster import processes
from devcluster.errors import DevclusterError

NAME = "provisioner-devcluster"


def _hierarchies() -> list[Path]:
    """Every mounted hierarchy: many with cgroup v1, a single one with v2."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    found = [Path(mount[1]) for mount in mounts if mount[2] in {"cgroup", "cgroup2"}]
    return [path for path in found if (path / "cgroup.procs").exists()]


def create() -> None:
    """Make our group in every hierarchy; the kubelet demands that its root exists."""
    for hierarchy in _hierarchies():
        group = hierarchy / NAME
        group.mkdir(exist_ok=True)
        # A fresh v1 cpuset has no CPUs and no memory nodes, and so admits no process.
        for name in ("cpuset.cpus", "cpuset.mems"):
            if (group / name).exists() and hierarchy.name == "cpuset":
                (group / name).write_text((hierarchy / name).read_text())


def remove(seconds: float = 20.0) -> None:
    """End every process in our groups, then remove the groups."""
    deadline = time.monotonic() + seconds
    while groups := _groups():
        processes.stop(_members(groups), grace=0.0)
        for group in groups:
            with contextlib.suppress(FileNotFoundError, OSError):
                group.rmdir()
        if time.monotonic() > deadline:
            raise DevclusterError(f"control groups are still busy: {groups[-1]}")


def _groups() -> list[Path]:
    roots = [hierarchy / NAME for hierarchy in _hierarchies()]
    return [Path(path) for root in roots for path, _, _ in os.walk(root, topdown=False)]


def _members(groups: list[Path]) -> list[processes.ProcessRecord]:
    pids: set[int] = set()
    for group in groups:
        with contextlib.suppress(FileNotFoundError, OSError):
            pids.update(int(pid) for pid in (group / "cgroup.procs").read_text().split())
    return [record for pid in pids if (record := processes.current(pid))]
