"""What a plan changes about a chart's claims, and what it refuses."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from provisioner.errors import ConfigurationError
from provisioner.models.session import EnlargedClaim
from provisioner.models.verifier import Repository, Restore, Sandbox
from provisioner.phases.context import Context
from provisioner.phases.mapping import Mapped, make_room, map_claims
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.planned import PlannedRestore

MIB = 2**20
RESTORES = [
    Restore.model_validate({"name": name, "from": "repo", "into": {"claim": {"name": name}}})
    for name in ("data", "uploads")
]
REPOSITORY = Repository.model_validate({"name": "repo", "restic": {"url": "/r", "secret": "s"}})


class Cluster:
    """A cluster with one storage class, and no production."""

    async def list_all(self, resource: Any) -> list[dict[str, Any]]:
        return [{"metadata": {"name": "local"}, "spec": {}}]

    async def find(self, *_: object) -> None:
        return None


class Recorder(SimpleNamespace):
    """Keeps what it is told."""

    def update(self, **changes: Any) -> None:
        self.__dict__.update(changes)


def context(helm: str = "v4.1.2", storage_class: str = "local") -> Context:
    spec = SimpleNamespace(restores=RESTORES, sandbox=Sandbox(storage_class=storage_class))
    session = SimpleNamespace(tools=SimpleNamespace(helm=helm))
    surroundings = SimpleNamespace(
        recorder=Recorder(session=session),
        verifier=SimpleNamespace(spec=spec),
        cluster=Cluster(),
        source="blog",
    )
    return cast("Context", surroundings)


def claim(name: str, storage: str = "1Mi", **spec: Any) -> dict[str, Any]:
    requests = {"requests": {"storage": storage}}
    asked = {"accessModes": ["ReadWriteOnce"], "resources": requests, **spec}
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": asked}


def hooked(one: dict[str, Any], event: str = "pre-install") -> dict[str, Any]:
    annotations = {"helm.sh/hook": event, "note": "kept"}
    return {**one, "metadata": {**one["metadata"], "annotations": annotations}}


def pod(*claims: str) -> dict[str, Any]:
    volumes = [{"name": one, "persistentVolumeClaim": {"claimName": one}} for one in claims]
    return {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"volumes": volumes}}


def filled(
    surroundings: Context, objects: list[dict[str, Any]]
) -> tuple[Mapped, list[PlannedRestore]]:
    """The mapping and the restores, with snapshots of 100 MiB."""
    mapped = asyncio.run(map_claims(surroundings, objects))
    snapshot = Snapshot("f" * 64, datetime(2026, 3, 1, tzinfo=UTC), "", (), (), bytes=100 * MIB)
    planned = [
        PlannedRestore(one, REPOSITORY, snapshot, "/", target)
        for one in RESTORES
        for target in mapped.targets[one.name]
    ]
    return asyncio.run(make_room(surroundings, mapped, planned))


def test_claims_and_chart_ask_for_the_same() -> None:
    surroundings = context()
    mapped, planned = filled(surroundings, [claim("data"), claim("uploads", "1Gi"), pod("data")])
    rendered = {one["metadata"]["name"]: one["spec"] for one in mapped.objects}
    for one in planned:
        assert one.target.spec == rendered[one.target.name]
        assert one.target.spec["storageClassName"] == "local"
    assert planned[0].target.requested == "110Mi"
    assert surroundings.recorder.enlarged == [  # type: ignore[attr-defined]
        EnlargedClaim(claim="data", requested="1Mi", enlarged="110Mi")
    ]


def test_claims_that_the_chart_only_mounts_are_sized_and_nothing_is_patched() -> None:
    surroundings = context(storage_class="")
    existing = [claim("data", storageClassName="local"), pod("uploads")]
    mapped, planned = filled(surroundings, existing)
    assert planned[1].target.requested == "1024Mi"
    assert [patch["target"]["name"] for patch in mapped.patches] == ["data"]


def test_restores_of_one_pod_know_each_other() -> None:
    objects = [claim("data"), claim("uploads"), pod("data", "uploads")]
    _, planned = filled(context(), objects)
    assert [one.beside for one in planned] == ["data", "data"]
    _, alone = filled(context(), objects[:2])
    assert [one.beside for one in alone] == ["", ""]


def test_claim_of_a_hook_becomes_a_plain_one() -> None:
    objects = [hooked(claim("data")), hooked(claim("other")), claim("uploads")]
    mapped = asyncio.run(map_claims(context(), objects))
    annotations = {
        one["metadata"]["name"]: one["metadata"].get("annotations", {}) for one in mapped.objects
    }
    assert annotations["data"] == {"note": "kept"}
    assert annotations["other"]["helm.sh/hook"] == "pre-install"
    assert mapped.targets["data"][0].annotations == {"note": "kept"}


def test_claim_of_a_hook_is_refused_with_helm_3() -> None:
    objects = [hooked(claim("data")), claim("uploads")]
    with pytest.raises(ConfigurationError, match=r"claim data as a hook \(pre-install\)") as caught:
        asyncio.run(map_claims(context("v3.18.0"), objects))
    assert "Helm 4" in caught.value.hint


def test_hooks_that_helm_3_does_not_show_keep_their_class() -> None:
    objects = [claim("data"), claim("uploads"), hooked(claim("other"))]
    mapped = asyncio.run(map_claims(context("v3.18.0"), objects))
    found = {one["metadata"]["name"]: one["spec"].get("storageClassName") for one in mapped.objects}
    assert found == {"data": "local", "uploads": "local", "other": None}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (claim("data", volumeMode="Block"), "claim data is a block device"),
        (claim("data", storageClassName="gp3"), "storage class 'gp3'"),
        (claim("data", volumeName="pv-1"), r"volume pv-1"),
    ],
)
def test_what_no_snapshot_can_go_into(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        filled(context(storage_class=""), [asked, claim("uploads", storageClassName="local")])
