"""Repositories with known data in folders of the machine, and verifiers that bring it back."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import devcluster
from benchmarks.sides import tools
from examples.common.cluster import Kube, secret

CHART = Path(__file__).with_name("charts") / "volumes"
NAMESPACE = "benchmarks"
SECRET = "restic"
MIB = 1024 * 1024


@dataclass(frozen=True)
class Repository:
    """One repository with one snapshot of one folder."""

    folder: Path
    password: str
    bytes: int

    @property
    def env(self) -> dict[str, str]:
        """What restic needs to read it."""
        return {"RESTIC_REPOSITORY": str(self.folder), "RESTIC_PASSWORD": self.password}


@contextmanager
def repositories(kube: Kube, folder: Path, *shapes: tuple[int, int]) -> Iterator[list[Repository]]:
    """Repositories for as long as the block runs; a shape is files and bytes of each."""
    kube.ensure_namespace(NAMESPACE)
    password = secrets.token_hex(16)
    kube.apply([secret(SECRET, NAMESPACE, {"RESTIC_PASSWORD": password})])
    folder.chmod(0o755)  # the cluster's pods read it as root of the node
    try:
        yield [_fill(folder / str(i), password, *shape) for i, shape in enumerate(shapes)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(folder: Path, password: str, files: int, size: int) -> Repository:
    data = folder / "data"
    for number in range(files):
        path = data / f"{number // 1000:04}" / f"{number:07}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size))
    one = Repository(folder / "repository", password, files * size)
    _restic(one, "init")
    _restic(one, "backup", str(data))
    shutil.rmtree(data)
    return one


def restore_plainly(repository: Repository, target: Path) -> float:
    """Seconds that restic takes by itself on this machine."""
    begun = time.monotonic()
    source = f"latest:{repository.folder.parent / 'data'}"
    _restic(repository, "restore", source, "--target", str(target), "--no-lock")
    seconds = time.monotonic() - begun
    shutil.rmtree(target)
    return seconds


def _restic(repository: Repository, *arguments: str) -> None:
    argv = [str(devcluster.binary("restic")), *arguments]
    subprocess.run(argv, env={**tools(), **repository.env}, check=True, capture_output=True)


def verifier(used: Sequence[Repository]) -> dict[str, Any]:
    """A verifier that restores these repositories into as many volumes of one pod."""
    return {
        "apiVersion": "verify.provisioner.dev/v1alpha1",
        "kind": "BackupVerifier",
        "metadata": {"name": "bench", "namespace": NAMESPACE},
        "spec": {
            "application": {
                "chart": {"path": str(CHART)},
                "releaseName": "bench",
                "values": {"count": len(used)},
            },
            "repositories": [_repository(i, one) for i, one in enumerate(used)],
            "restores": [
                {"name": f"r{i}", "from": f"r{i}", "into": {"claim": {"name": f"data-{i}"}}}
                for i in range(len(used))
            ],
            "checks": [_check()],
        },
    }


def _repository(number: int, one: Repository) -> dict[str, Any]:
    volume = {"hostPath": {"path": str(one.folder), "type": "Directory"}}
    image = "localhost/restic:dev"
    access = {"url": str(one.folder), "secret": SECRET, "image": image, "volume": volume}
    return {"name": f"r{number}", "restic": access}


def _check() -> dict[str, Any]:
    command = ["bash", "-c", "find /data/0 -type f | head -1 | wc -l"]
    question = {"workload": "Deployment/bench", "command": command, "expect": {"equals": "1"}}
    return {"name": "there are files", "exec": question}
