"""Volumes of type ``local`` that are there before they are asked for.

How long a storage class takes to make a volume, or to bind one, is the cluster's own: pods that
make folders and remove them, and where a claim waits for its first pod, the second in which the
scheduler looks again.
"""

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from examples.common.cluster import Kube

GONE = ("Released", "Failed")


@contextmanager
def ready_volumes(kube: Kube, folder: Path, name: str, count: int) -> Iterator[None]:
    """Keep that many empty volumes of storage class ``name`` on offer while the block runs.

    None is left behind. As the local static provisioner does: what a claim has left is emptied
    and offered anew.
    """
    folder.chmod(0o755)
    kube.apply([_storage_class(name)])
    names = [f"{name}-{number}" for number in range(count)]
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(kube, folder, name, names, over))
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        kube.kubectl("delete", "persistentvolume", *names, "--ignore-not-found")
        kube.kubectl("delete", "storageclass", name)


def _keep(
    kube: Kube, folder: Path, storage_class: str, names: Sequence[str], over: threading.Event
) -> None:
    while not over.is_set():
        there = _phases(kube)
        for name in names:
            if there.get(name) in GONE:
                kube.kubectl("delete", "persistentvolume", name)
                shutil.rmtree(folder / name)
            if there.get(name) in (None, *GONE):
                (folder / name).mkdir(mode=0o755, exist_ok=True)
                kube.apply([_volume(name, folder / name, storage_class)])
        over.wait(1)


def _phases(kube: Kube) -> dict[str, str]:
    items = json.loads(kube.kubectl("get", "persistentvolumes", "-o", "json"))["items"]
    return {one["metadata"]["name"]: one["status"].get("phase", "") for one in items}


def _storage_class(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "Immediate",
    }


def _volume(name: str, path: Path, storage_class: str) -> dict[str, Any]:
    everywhere = {"key": "kubernetes.io/hostname", "operator": "Exists"}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "8Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": storage_class,
            "local": {"path": str(path)},
            "nodeAffinity": {
                "required": {"nodeSelectorTerms": [{"matchExpressions": [everywhere]}]}
            },
        },
    }
