"""Claims that ask for less than their snapshot needs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner.helm.patches import apply_all
from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims import room
from provisioner.restores.claims.room import enlargements
from provisioner.restores.claims.targets import targets_of
from provisioner.restores.planned import PlannedRestore

MIB = 2**20
REPOSITORY = Repository.model_validate({"name": "repo", "restic": {"url": "/r", "secret": "s"}})


def storage(size: str) -> dict[str, Any]:
    return {"resources": {"requests": {"storage": size}}}


def objects(size: str = "100Mi", replicas: int = 1) -> list[dict[str, Any]]:
    template = {"metadata": {"name": "data"}, "spec": storage(size)}
    other = {"metadata": {"name": "wal"}, "spec": storage("1Gi")}
    spec = {
        "replicas": replicas,
        "selector": {},
        "template": {"spec": {}},
        "volumeClaimTemplates": [other, template],
    }
    claim = {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "files"},
        "spec": storage(size),
    }
    return [{"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec}, claim]


def planned(
    claim: str, size: int | None, request: str = "100Mi", sub_path: str = "", replicas: int = 1
) -> PlannedRestore:
    into = {"claim": {"name": claim, "subPath": sub_path}}
    restore = Restore.model_validate({"name": "r", "from": "repo", "into": into})
    time = datetime(2026, 3, 1, tzinfo=UTC)
    snapshot = Snapshot(id="a", time=time, host="", paths=(), tags=(), bytes=size)
    (target,) = targets_of(restore, objects(request, replicas))
    return PlannedRestore(restore, REPOSITORY, snapshot, "/", target)


@pytest.mark.parametrize("size", [None, 0, 90 * MIB, 95325090])
def test_enough_room(size: int | None) -> None:
    assert enlargements([planned("files", size)]) == []


@pytest.mark.parametrize(
    ("size", "enlarged"),
    [(95325091, "101Mi"), (100 * MIB, "110Mi"), (10 * 2**30, "11264Mi")],
)
def test_too_little_room_for_the_files_and_a_tenth(size: int, enlarged: str) -> None:
    (found,) = enlargements([planned("files", size)])
    assert (found.claim, found.requested, found.enlarged) == ("files", "100Mi", enlarged)


def test_the_patch_makes_the_chart_ask_for_it() -> None:
    larger = enlargements([planned("files", 200 * MIB)])
    claim = apply_all(objects(), room.patches(larger))[1]
    assert claim["spec"] == storage("220Mi")


def test_the_claim_asks_for_what_the_patched_chart_does() -> None:
    small = planned("files", 200 * MIB)
    (one,) = room.enlarged([small], enlargements([small]))
    assert one.target.spec == storage("220Mi")
    assert small.target.spec == storage("100Mi")


def test_the_right_template_of_a_stateful_set_is_patched() -> None:
    larger = enlargements([planned("data-db-0", 200 * MIB)])
    templates = apply_all(objects(), room.patches(larger))[0]["spec"]["volumeClaimTemplates"]
    assert [one["spec"] for one in templates] == [storage("1Gi"), storage("220Mi")]


def test_the_claims_of_one_template_are_enlarged_alike_by_one_patch() -> None:
    both = [planned("data-db-0", 10 * MIB, replicas=2), planned("data-db-1", 200 * MIB, replicas=2)]
    larger = enlargements(both)
    assert [(one.claim, one.enlarged) for one in larger] == [
        ("data-db-0", "220Mi"), ("data-db-1", "220Mi")
    ]  # fmt: skip
    assert len(room.patches(larger)) == 1
    assert [one.target.requested for one in room.enlarged(both, larger)] == ["220Mi", "220Mi"]


def test_snapshots_that_share_a_claim_need_room_for_all() -> None:
    found = enlargements([planned("files", 60 * MIB), planned("files", 60 * MIB, sub_path="old")])
    assert [one.enlarged for one in found] == ["132Mi"]


def test_a_request_that_is_no_quantity_is_left_to_the_cluster() -> None:
    assert enlargements([planned("files", 200 * MIB, "much")]) == []
