"""Volumes of type ``local`` that are there before they are asked for, for both sides alike.

How long a storage class takes to make a volume, or to bind one, is the cluster's own, and neither
side's: where a claim waits for its first pod, both lose the second in which the scheduler looks
again.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from examples.common.cluster import Kube

CLASS = "benchmark-local"
GONE = ("Released", "Failed")


@contextmanager
def ready_volumes(kube: Kube, folder: Path, count: int) -> Iterator[None]:
    """Keep that many empty volumes on offer while the block runs, and leave none behind.

    As the local static provisioner does: what a claim has left is emptied and offered anew.
    """
    folder.chmod(0o755)
    kube.apply([_storage_class()])
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(kube, folder, count, over))
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        for name in _names(count):
            kube.kubectl("delete", "persistentvolume", name, "--ignore-not-found")
        kube.kubectl("delete", "storageclass", CLASS)


def _keep(kube: Kube, folder: Path, count: int, over: threading.Event) -> None:
    while not over.is_set():
        there = _phases(kube)
        for name in _names(count):
            if there.get(name) in GONE:
                kube.kubectl("delete", "persistentvolume", name)
                shutil.rmtree(folder / name)
            if there.get(name) in (None, *GONE):
                (folder / name).mkdir(mode=0o755, exist_ok=True)
                kube.apply([_volume(name, folder / name)])
        over.wait(1)


def _names(count: int) -> list[str]:
    return [f"benchmark-{number}" for number in range(count)]


def _phases(kube: Kube) -> dict[str, str]:
    items = json.loads(kube.kubectl("get", "persistentvolumes", "-o", "json"))["items"]
    return {one["metadata"]["name"]: one["status"].get("phase", "") for one in items}


def _storage_class() -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": CLASS},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "Immediate",
    }


def _volume(name: str, path: Path) -> dict[str, Any]:
    everywhere = {"key": "kubernetes.io/hostname", "operator": "Exists"}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "8Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": CLASS,
            "local": {"path": str(path)},
            "nodeAffinity": {
                "required": {"nodeSelectorTerms": [{"matchExpressions": [everywhere]}]}
            },
        },
    }
