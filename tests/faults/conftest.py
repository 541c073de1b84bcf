"""Fault tests share one real cluster with the cluster tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import devcluster
from devcluster import Cluster
from tests.cluster.provisioner import Provisioner
from tests.faults.way import Way, way_to


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.import_plugin("tests.on_cluster")


@pytest.fixture(params=["helm4"])
def over_way(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path
) -> Iterator[tuple[Provisioner, Way]]:
    """The console script whose every word to the API server goes over a way of its own."""
    with way_to(cluster.kubeconfig, tmp_path) as (way, kubeconfig):
        one = Provisioner(kubeconfig, devcluster.binary(request.param), tmp_path)
        yield one, way
        way.mend()
        one.demand_nothing_runs()
