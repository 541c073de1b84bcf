"""Unit tests touch no cluster, and none may hold up the others."""

import pytest

SECONDS = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.timeout(SECONDS))
