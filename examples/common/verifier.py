"""An example's verifier, for a production that is elsewhere."""

from typing import Any

import yaml

from examples.common.release import Release


def document_for(production: Release) -> dict[str, Any]:
    """Return the example's own verifier with another namespace and its repositories."""
    found: dict[str, Any] = yaml.safe_load((production.example / "verifier.yaml").read_text())
    found["metadata"]["namespace"] = production.namespace
    found["spec"]["application"]["chart"]["path"] = str(production.example / "chart")
    urls = {one.name: one.url for one in production.repositories}
    for entry in found["spec"]["repositories"]:
        entry["restic"]["url"] = urls[entry["name"]]
    return found
