"""Which record of a live release is taken, and which namespaces are not even looked into."""

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.errors import ConfigurationError
from provisioner.helm.release import Release, Rendered
from provisioner.models.application import Application
from provisioner.phases import chart


def record(revision: int, status: str = "deployed", name: str = "web") -> dict[str, Any]:
    metadata = {"apiVersion": "v2", "name": "files", "version": "1.2.3"}
    found = {"version": revision, "chart": {"metadata": metadata}, "config": {"given": revision}}
    inner = base64.b64encode(json.dumps(found).encode())
    labels = {"owner": "helm", "name": name, "status": status, "version": str(revision)}
    return {
        "metadata": {"name": f"sh.helm.release.v1.{name}.v{revision}", "labels": labels},
        "data": {"release": base64.b64encode(inner).decode()},
    }


class World:
    """A cluster with records of Helm's, and a Helm that renders nothing."""

    def __init__(self, folder: Path, *records: dict[str, Any]) -> None:
        self.records = records
        self.asked: list[str] = []
        self.noted: dict[str, Any] = {}
        self.folder = folder

    async def list_all(self, _: object, namespace: str, labels: str) -> list[dict[str, Any]]:
        self.asked.append(namespace)
        wanted = dict(one.split("=") for one in labels.split(","))
        return [one for one in self.records if wanted.items() <= one["metadata"]["labels"].items()]

    async def render(self, release: Release) -> Rendered:
        return Rendered([], {"name": "files", "version": "1.2.3"})

    async def release(self, namespace: str | None = None) -> Release:
        live = {"name": "web", **({"namespace": namespace} if namespace else {})}
        application = Application.model_validate({"chart": {"release": live}, "values": {"own": 1}})
        context: Any = SimpleNamespace(
            cluster=self,
            helm=self,
            folder=self.folder,
            source="production",
            sandbox="verify-x",
            recorder=SimpleNamespace(hide_values=lambda _: None, update=self.noted.update),
        )
        release, _ = await chart.rendered(context, application)
        return release


async def test_the_latest_deployed_revision_is_what_is_live(tmp_path: Path) -> None:
    """By number: as text, 9 would be later than 10."""
    world = World(tmp_path, record(10), record(9), record(11, "failed"), record(12, name="other"))
    release = await world.release("production")
    assert (release.name, release.values) == ("web", {"given": 10, "own": 1})
    assert release.chart.parent == tmp_path
    assert world.noted["chart"].source == "release web in namespace production, revision 10"


async def test_a_release_that_was_never_deployed(tmp_path: Path) -> None:
    world = World(tmp_path, record(2, "pending-upgrade"), record(1, "failed"))
    with pytest.raises(ConfigurationError, match="no deployed revision: 1 failed, 2 pending-up"):
        await world.release()


async def test_a_release_that_is_not_there(tmp_path: Path) -> None:
    world = World(tmp_path, record(1, name="wbe"), record(2, name="wbe"), record(1, name="shop"))
    with pytest.raises(ConfigurationError, match="no release web in namespace prod") as raised:
        await world.release()
    assert raised.value.hint == "nearest is wbe; releases there: shop, wbe"


async def test_another_namespace_is_not_looked_into(tmp_path: Path) -> None:
    """The document may leave its own out, and only the kubeconfig's says which it is."""
    world = World(tmp_path, record(1))
    with pytest.raises(ConfigurationError, match="in namespace staging, and this verifier reads"):
        await world.release("staging")
    assert world.asked == []
