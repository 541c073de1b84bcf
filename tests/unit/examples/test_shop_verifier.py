"""The verifier, the demonstration and the chart speak of the same things."""

from typing import Any

import pytest
import yaml

from examples.common.verifier import document_for
from examples.shop.demo import backup, seed
from examples.shop.demo.production import EXAMPLE, Production


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    document = yaml.safe_load((EXAMPLE / "verifier.yaml").read_text())
    assert document["metadata"]["namespace"] == Production().namespace
    found: dict[str, Any] = document["spec"]
    return found


def test_the_repository_is_the_one_that_the_demonstration_fills(spec: dict[str, Any]) -> None:
    told = [(r["name"], r["restic"]["url"], r["restic"]["secret"]) for r in spec["repositories"]]
    assert told == [(one.name, one.url, one.secret) for one in Production().repositories]


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


def test_the_sandbox_is_installed_with_productions_values_and_secret(spec: dict[str, Any]) -> None:
    values = dict(spec["application"]["values"])
    assert values.pop("auth") == {"existingSecret": Production().secret}
    assert values == yaml.safe_load((EXAMPLE / "production-values.yaml").read_text())
    assert spec["application"]["copySecrets"] == [Production().secret]


def test_what_the_demonstration_writes_is_asked_for(spec: dict[str, Any]) -> None:
    checks = {check["name"]: check for check in spec["checks"]}
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


def test_a_production_elsewhere_is_verified_by_the_same_checks(spec: dict[str, Any]) -> None:
    elsewhere = document_for(Production(namespace="shop-1"))["spec"]
    assert elsewhere["checks"] == spec["checks"]
    assert [r["restic"]["url"] for r in elsewhere["repositories"]] == [
        "rest:http://10.96.50.10:8000/shop-1"
    ]
