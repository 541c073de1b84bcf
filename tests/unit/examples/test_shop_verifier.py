"""The shop's verifier asks for what its demonstration writes."""

from typing import Any

import pytest

from examples.common.verifier import document_for
from examples.shop.demo import backup, seed
from examples.shop.demo.production import Production


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    found: dict[str, Any] = document_for(Production())["spec"]
    return found


def test_each_restore_selects_its_own_part_of_the_backup(spec: dict[str, Any]) -> None:
    written = {part: backup._stored(Production(), part) for part in backup.PARTS}
    for restore in spec["restores"]:
        select = restore["select"]
        fitting = [
            part
            for part, one in written.items()
            if set(select.get("tags", [])) <= set(one.tags.split(","))
            and set(select.get("paths", [])) <= {one.path}
            and select["host"] == one.host
        ]
        assert fitting == [restore["name"]]


def test_what_the_demonstration_writes_is_asked_for(spec: dict[str, Any]) -> None:
    checks = {check["name"]: check for check in spec["checks"] if "name" in check}
    cancelled = checks["the order cancelled since is there"]["sql"]
    placed = checks["the order placed since is not"]["sql"]
    rate = checks["the queue's server knows the exchange rate"]["exec"]
    assert checks["at least 4000 orders"]["sql"]["expect"] == {"min": seed.Plan().orders}
    assert f"'{seed.CANCELLED_SINCE['number']}'" in cancelled["query"]
    assert cancelled["expect"] == {"equals": seed.CANCELLED_SINCE["customer"]}
    assert f"'{seed.PLACED_SINCE['number']}'" in placed["query"]
    assert placed["expect"] == {"equals": "0"}
    assert {rate["command"][-1]: rate["expect"]["equals"]} == seed.RATE


def test_the_data_is_large_enough_to_be_worth_a_restore() -> None:
    plan = seed.Plan()
    assert plan.orders * plan.document_bytes >= 100_000_000
    assert 0 < plan.waiting < plan.orders
