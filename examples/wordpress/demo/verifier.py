"""The verifier's document, as it is and for a production elsewhere."""

from typing import Any

import yaml

from examples.wordpress.demo import stores
from examples.wordpress.demo.production import CHART, EXAMPLE, Production

VERIFIER = EXAMPLE / "verifier.yaml"


def document(production: Production, *, minimum_posts: int = 300) -> dict[str, Any]:
    """Return the verifier for a production in another namespace, with fewer posts or more."""
    found: dict[str, Any] = yaml.safe_load(VERIFIER.read_text())
    found["metadata"]["namespace"] = production.namespace
    found["spec"]["application"]["chart"]["path"] = str(CHART)
    for entry in found["spec"]["repositories"]:
        entry["restic"]["url"] = _repository(entry["name"], production.namespace).url
    for check in found["spec"]["checks"]:
        if check.get("sql", {}).get("expect") == {"min": 300}:
            check["sql"]["expect"] = {"min": minimum_posts}
    return found


def _repository(name: str, namespace: str) -> stores.Repository:
    if name == "database":
        return stores.database_repository(namespace)
    return stores.uploads_repository(namespace)
