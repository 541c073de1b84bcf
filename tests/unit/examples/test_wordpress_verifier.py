"""The verifier, the demonstration and the chart speak of the same things."""

from typing import Any

import pytest
import yaml

from examples.common.verifier import document_for
from examples.wordpress.demo import seed
from examples.wordpress.demo.production import EXAMPLE, Production


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    document = yaml.safe_load((EXAMPLE / "verifier.yaml").read_text())
    assert document["metadata"]["namespace"] == Production().namespace
    found: dict[str, Any] = document["spec"]
    return found


def test_repositories_are_those_that_the_demonstration_fills(spec: dict[str, Any]) -> None:
    told = [(r["name"], r["restic"]["url"], r["restic"]["secret"]) for r in spec["repositories"]]
    filled = [(one.name, one.url, one.secret) for one in Production().repositories]
    assert told == filled


def test_the_sandbox_is_installed_with_productions_values_and_secret(spec: dict[str, Any]) -> None:
    values = dict(spec["application"]["values"])
    assert values.pop("auth") == {"existingSecret": Production().secret}
    assert values == yaml.safe_load((EXAMPLE / "production-values.yaml").read_text())
    assert spec["application"]["copySecrets"] == [Production().secret]


def test_the_named_posts_are_asked_for(spec: dict[str, Any]) -> None:
    checks = {check["name"]: check for check in spec["checks"]}
    page = checks["the front page shows the known post"]["http"]
    deleted = checks["the post deleted since is there"]["sql"]
    added = checks["the post added since is not"]["sql"]
    assert page["expect"]["contains"] == seed.KNOWN["title"]
    assert seed.DELETED_SINCE["slug"] in deleted["query"]
    assert deleted["expect"] == {"equals": seed.DELETED_SINCE["title"]}
    assert seed.ADDED_SINCE["slug"] in added["query"]
    assert added["expect"] == {"equals": "0"}


def test_a_production_elsewhere_is_verified_by_the_same_checks(spec: dict[str, Any]) -> None:
    elsewhere = document_for(Production(namespace="shop-1"))["spec"]
    names = [check["name"] for check in elsewhere["checks"]]
    assert names == [check["name"] for check in spec["checks"]]
    assert [r["restic"]["url"] for r in elsewhere["repositories"]] == [
        "rest:http://10.96.50.10:8000/shop-1",
        "s3:http://10.96.50.11:9000/shop-1-uploads",
    ]
