"""Cluster tests share one real cluster with the fault tests."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.import_plugin("tests.on_cluster")
