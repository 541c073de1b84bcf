"""One claim that many pods of several workloads mount at the same time (ReadWriteMany)."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner
from tests.cluster.test_claims import (
    HELLO,
    claim,
    document,
    named,
    on_claim,
    restore,
    workload,
)

FOLDERS = "/tmp/provisioner-test-"  # noqa: S108 - the cluster deletes no volume elsewhere

pytestmark = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)


@pytest.fixture
def shared_class(kubectl: Kubectl) -> Iterator[str]:
    """A class of one volume, made by hand, that every pod may mount: a folder of the node.

    The cluster deletes such a volume with its claim, where it lies below /tmp.
    """
    name = f"shared-{secrets.token_hex(4)}"
    folder = f"{FOLDERS}{name}"
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany"],
        "storageClassName": name,
        "persistentVolumeReclaimPolicy": "Delete",
        "hostPath": {"path": folder, "type": "DirectoryOrCreate"},
    }
    kind = "PersistentVolume"
    kubectl.apply({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
    yield name
    kubectl.run("delete", "persistentvolume", name, "--ignore-not-found")
    shutil.rmtree(folder, ignore_errors=True)


def sharing(shared_class: str, demand: str) -> list[dict[str, Any]]:
    """Two workloads of two replicas each on the one claim."""
    web = workload("Deployment", demand, volumes=[on_claim("shared")], replicas=2)
    many = {"accessModes": ["ReadWriteMany"], "storageClassName": shared_class}
    return [claim("shared", **many), web, named(web, "worker")]


def on_both(command: str) -> list[dict[str, Any]]:
    argv = ["bash", "-c", command]
    return [
        {
            "name": name,
            "exec": {
                "workload": f"Deployment/{name}",
                "command": argv,
                "expect": {"equals": "hello"},
            },
        }
        for name in ("db", "worker")
    ]


def test_preseed(provisioner: Provisioner, app: FilesApp, shared_class: str) -> None:
    asked = document(app, sharing(shared_class, HELLO), restore({"claim": {"name": "shared"}}))
    asked["spec"]["checks"] = on_both("cat /data/index.html")
    ended = provisioner.run(asked)
    assert ended.verdict == ("Passed", None), ended.report
    assert [one["strategy"] for one in ended.report["restores"]] == ["preseed"]


def test_inplace(provisioner: Provisioner, app: FilesApp, shared_class: str) -> None:
    """What is on the volume before would be in the data."""
    folder = Path(f"{FOLDERS}{shared_class}")
    folder.mkdir()
    (folder / ".stale").touch()
    restored = {**restore({"claim": {"name": "shared"}}), "strategy": "inplace"}
    asked = document(app, sharing(shared_class, ":"), restored)
    asked["spec"]["checks"] = on_both("[ $(ls -A /data) = index.html ] && cat /data/index.html")
    ended = provisioner.run(asked)
    assert ended.verdict == ("Passed", None), ended.report
    (one,) = ended.report["restores"]
    assert (one["strategy"], one["claim"], one["compared"]["files"]) == ("inplace", "shared", 1)
