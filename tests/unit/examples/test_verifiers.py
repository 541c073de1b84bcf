"""Every example's verifier speaks of the production that its demonstration makes."""

from typing import Any

import pytest
import yaml

from examples.common.release import Release
from examples.common.verifier import document_for
from examples.shop.demo.production import Production as Shop
from examples.wordpress.demo.production import Production as Blog

pytestmark = pytest.mark.parametrize("make", [Blog, Shop])


def written(production: Release) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((production.example / "verifier.yaml").read_text())
    return found


def test_it_verifies_the_production_of_the_demonstration(make: type[Blog | Shop]) -> None:
    found = written(make())
    assert found["metadata"]["namespace"] == make().namespace
    assert found["spec"]["application"]["releaseName"] == make().release


def test_repositories_are_those_that_the_demonstration_fills(make: type[Blog | Shop]) -> None:
    repositories = written(make())["spec"]["repositories"]
    told = [(r["name"], r["restic"]["url"], r["restic"]["secret"]) for r in repositories]
    assert told == [(one.name, one.url, one.secret) for one in make().repositories]


def test_the_sandbox_is_installed_with_productions_values_and_secret(
    make: type[Blog | Shop],
) -> None:
    production = make()
    application = written(production)["spec"]["application"]
    values = dict(application["values"])
    assert values.pop("auth") == {"existingSecret": production.secret}
    assert values == yaml.safe_load((production.example / "production-values.yaml").read_text())
    assert application["copySecrets"] == [production.secret]


def test_a_production_elsewhere_is_verified_by_the_same_checks(make: type[Blog | Shop]) -> None:
    production = make(namespace="elsewhere")
    found = document_for(production)
    assert found["metadata"]["namespace"] == "elsewhere"
    assert found["spec"]["checks"] == written(production)["spec"]["checks"]
    urls = [one["restic"]["url"] for one in found["spec"]["repositories"]]
    assert urls == [one.url for one in production.repositories]
    assert all("/elsewhere" in url for url in urls)
