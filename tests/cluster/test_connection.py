"""What every session asks of a real API server first."""

import os
import re
import tempfile
from pathlib import Path

import pytest

from devcluster import Cluster as DevCluster
from provisioner.cluster.api import Cluster
from provisioner.cluster.resources import CONFIG_MAP, DEPLOYMENT, NAMESPACE
from provisioner.errors import ClusterError


async def test_version_and_kinds(cluster: DevCluster) -> None:
    connection = await Cluster.connect(cluster.kubeconfig)
    assert re.match(r"v1\.\d+", await connection.version())
    assert await connection.kinds.find("apps/v1", "Deployment") == DEPLOYMENT
    role = await connection.kinds.find("rbac.authorization.k8s.io/v1", "ClusterRole")
    assert role is not None
    assert not role.namespaced
    assert await connection.kinds.find("example.test/v1", "Unknown") is None


async def test_connecting_leaves_no_key_behind(
    cluster: DevCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    connection = await Cluster.connect(cluster.kubeconfig)
    assert await connection.find(NAMESPACE, "default") is not None
    assert os.listdir(tmp_path) == []


async def test_refusals_keep_their_status(cluster: DevCluster, namespace: str) -> None:
    connection = await Cluster.connect(cluster.kubeconfig)
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}
    await connection.create(CONFIG_MAP, made, namespace)
    with pytest.raises(ClusterError) as caught:
        await connection.create(CONFIG_MAP, made, namespace)
    assert caught.value.status == 409
    assert await connection.find(CONFIG_MAP, "none", namespace) is None
    assert await connection.delete(CONFIG_MAP, "one", namespace)
    assert not await connection.delete(CONFIG_MAP, "one", namespace)
