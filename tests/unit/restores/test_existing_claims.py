"""Claims that the chart expects to be there, made after production's."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from provisioner.cluster.api import Cluster
from provisioner.errors import ClusterError
from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims.chart import ClaimTarget, Origin, manifest
from provisioner.restores.claims.existing import with_specs
from provisioner.restores.claims.room import enlargements
from provisioner.restores.planned import PlannedRestore

GIB = 2**30
REPOSITORY = Repository.model_validate({"name": "repo", "restic": {"url": "/r", "secret": "s"}})

PRODUCTION = {
    "accessModes": ["ReadWriteMany"],
    "resources": {"requests": {"storage": "5Gi"}},
    "storageClassName": "gp3",
    "volumeMode": "Filesystem",
    "volumeName": "pvc-123",
    "dataSource": {"kind": "VolumeSnapshot", "name": "old"},
    "dataSourceRef": {"kind": "VolumeSnapshot", "name": "old"},
}
COPIED = {
    key: PRODUCTION[key] for key in ("accessModes", "resources", "volumeMode", "storageClassName")
}


class Production:
    """A namespace with that claim; a status is what the API server answers instead."""

    def __init__(self, spec: dict[str, Any] | None, status: int | None = None) -> None:
        self._spec, self._status = spec, status
        self.asked: list[tuple[str, str]] = []

    async def find(self, resource: Any, name: str, namespace: str) -> dict[str, Any] | None:
        self.asked.append((namespace, name))
        if self._status:
            raise ClusterError("refused", status=self._status)
        return self._spec and {"metadata": {"name": name}, "spec": self._spec}


def planned(size: int | None, **target: Any) -> PlannedRestore:
    into = {"claim": {"name": "shared"}}
    restore = Restore.model_validate({"name": "r", "from": "repo", "into": into})
    snapshot = Snapshot("f" * 64, datetime(2026, 3, 1, tzinfo=UTC), "", (), (), bytes=size)
    where = ClaimTarget("shared", {}, **target)
    return PlannedRestore(restore, REPOSITORY, snapshot, "/", where)


def made(production: Production, size: int | None = GIB, storage_class: str = "") -> PlannedRestore:
    work = with_specs(cast("Cluster", production), "blog", storage_class, [planned(size)])
    (one,) = asyncio.run(work)
    return one


def test_productions_claim_is_copied_without_its_volume_and_its_source() -> None:
    production = Production(PRODUCTION)
    one = made(production)
    assert production.asked == [("blog", "shared")]
    assert one.target.spec == COPIED
    made_of = manifest(one.target, "blog", "sandbox")["metadata"]
    assert made_of["labels"] == {"app.kubernetes.io/managed-by": "provisioner"}
    assert made_of["annotations"] == {}


def test_it_is_enlarged_when_the_snapshot_needs_more() -> None:
    (larger,) = enlargements([made(Production(PRODUCTION), 10 * GIB)])
    assert (larger.requested, larger.enlarged, larger.origin) == ("5Gi", "11264Mi", None)


@pytest.mark.parametrize("production", [Production(None), Production(None, 403)])
@pytest.mark.parametrize(
    ("size", "storage"), [(10 * GIB, "11264Mi"), (1, "1024Mi"), (None, "1024Mi")]
)
def test_without_one_that_may_be_read_there_is_room_for_the_snapshot(
    production: Production, size: int | None, storage: str
) -> None:
    one = made(production, size)
    assert one.target.spec == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage}},
    }
    assert enlargements([one]) == []


@pytest.mark.parametrize("spec", [None, PRODUCTION, {**PRODUCTION, "storageClassName": ""}])
def test_sandboxs_class_comes_first(spec: dict[str, Any] | None) -> None:
    one = made(Production(spec), storage_class="local")
    assert one.target.spec["storageClassName"] == "local"


def test_a_volume_made_by_hand_exists_once() -> None:
    one = made(Production({**PRODUCTION, "storageClassName": ""}))
    assert "storageClassName" not in one.target.spec


def test_claims_of_the_chart_are_left_alone() -> None:
    one = planned(1, origin=Origin("PersistentVolumeClaim", "shared", "/spec"))
    production = Production(PRODUCTION)
    assert asyncio.run(with_specs(cast("Cluster", production), "blog", "", [one])) == [one]
    assert production.asked == []


def test_another_refusal_is_no_missing_right() -> None:
    with pytest.raises(ClusterError):
        made(Production(None, 500))
