"""Where the pods of restores run, and what they are called."""

from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims.chart import ClaimTarget, target_named
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods import manifest
from provisioner.restores.pods.placement import BESIDE, side_by_side

ONE_NODE, ANY_NODE = ["ReadWriteOnce"], ["ReadWriteMany"]
REPOSITORY = Repository.model_validate({"name": "repo", "restic": {"url": "/r", "secret": "s"}})


def claim(name: str, modes: list[str]) -> dict[str, Any]:
    spec = {"accessModes": modes, "resources": {"requests": {"storage": "1Gi"}}}
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def workload(name: str, *claims: str, kind: str = "Deployment", **pod: Any) -> dict[str, Any]:
    volumes = [{"name": one, "persistentVolumeClaim": {"claimName": one}} for one in claims]
    template = {"metadata": {"labels": {"app": name}}, "spec": {"volumes": volumes, **pod}}
    return {"kind": kind, "metadata": {"name": name}, "spec": {"template": template}}


def replicated(*shared: str, replicas: int = 2, **pod: Any) -> dict[str, Any]:
    one = workload("db", *shared, kind="StatefulSet", **pod)
    templates = [
        {"metadata": {"name": name}, "spec": claim(name, ONE_NODE)["spec"]}
        for name in ("data", "wal")
    ]
    one["spec"] |= {"replicas": replicas, "selector": {}, "volumeClaimTemplates": templates}
    return one


def target(name: str, objects: list[dict[str, Any]]) -> ClaimTarget:
    found = target_named(name, objects)
    assert found is not None
    return found


def groups(objects: list[dict[str, Any]], *claims: str) -> set[frozenset[str]]:
    found = side_by_side({name: target(name, objects) for name in claims})
    return {frozenset(one for one in found if found[one] == group) for group in found.values()}


def test_claims_of_one_pod_are_filled_on_one_node() -> None:
    objects = [claim(name, ONE_NODE) for name in "abcd"]
    objects += [workload("web", "a", "b"), workload("other", "c"), workload("third", "d")]
    assert groups(objects, *"abcd") == {frozenset("ab")}


def test_a_claim_of_two_pods_brings_theirs_together() -> None:
    objects = [claim(name, ONE_NODE) for name in "abc"]
    objects += [workload("web", "a", "b"), workload("other", "b", "c")]
    assert groups(objects, "a", "c", "b") == {frozenset("abc")}
    assert groups(objects, "a", "c") == set()


def test_a_claim_that_every_node_can_mount_brings_nothing_together() -> None:
    objects = [claim("a", ONE_NODE), claim("b", ANY_NODE), workload("web", "a", "b")]
    assert groups(objects, "a", "b") == set()


def test_what_runs_at_another_time_brings_nothing_together() -> None:
    cron = {
        "kind": "CronJob",
        "metadata": {"name": "cron"},
        "spec": {"jobTemplate": {"spec": workload("cron", "a", "b")["spec"]}},
    }
    objects = [claim("a", ONE_NODE), claim("b", ONE_NODE), cron]
    assert groups(objects, "a", "b") == set()


def test_each_replica_has_a_node_of_its_own() -> None:
    names = ("data-db-0", "wal-db-0", "data-db-1", "wal-db-1")
    assert groups([replicated()], *names) == {frozenset(names[:2]), frozenset(names[2:])}


def test_two_snapshots_in_one_claim_share_its_node() -> None:
    one = target("a", [claim("a", ONE_NODE)])
    assert set(side_by_side({"old": one, "new": one})) == {"old", "new"}


def planned(
    name: str = "database", beside: str = "", objects: Any = (), into: str = "", **more: Any
) -> PlannedRestore:
    restore = Restore.model_validate(
        {"name": name, "from": "repo", "into": {"claim": {"name": "data"}}}
    )
    snapshot = Snapshot("f" * 64, datetime(2026, 3, 1, tzinfo=UTC), "blog", ("/data",), ())
    where = target(into, list(objects)) if into else ClaimTarget("data", {}, **more)
    return PlannedRestore(restore, REPOSITORY, snapshot, "/", where, beside)


def pod(one: PlannedRestore) -> dict[str, Any]:
    made: dict[str, Any] = manifest.manifest(one, 60)
    return made


def test_pods_that_share_a_node_ask_for_each_other() -> None:
    template = pod(planned(beside="uploads"))
    assert template["metadata"]["labels"][BESIDE] == "uploads"
    (term,) = template["spec"]["affinity"]["podAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]
    assert term == {
        "labelSelector": {"matchLabels": {BESIDE: "uploads"}},
        "topologyKey": "kubernetes.io/hostname",
    }


def test_alone_it_asks_for_nobody() -> None:
    template = pod(planned())
    assert "affinity" not in template["spec"]
    assert BESIDE not in template["metadata"]["labels"]


def against(app: str) -> dict[str, Any]:
    term = {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": "zone"}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def test_replicas_that_must_be_apart_are_filled_apart() -> None:
    objects = [replicated(affinity=against("db"))]
    template = pod(planned(objects=objects, into="data-db-1"))
    (term,) = template["spec"]["affinity"]["podAntiAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]
    assert term["topologyKey"] == "zone"
    labels = template["metadata"]["labels"]
    (apart,) = term["labelSelector"]["matchExpressions"]
    assert apart["values"] == [labels[apart["key"]]] == ["1"]
    assert term["labelSelector"]["matchLabels"].items() <= labels.items()


@pytest.mark.parametrize("affinity", [{}, against("web")])
def test_other_replicas_are_filled_apart_where_there_is_room(affinity: dict[str, Any]) -> None:
    template = pod(planned(objects=[replicated(affinity=affinity)], into="data-db-1"))
    assert list(template["spec"]["affinity"]["podAntiAffinity"]) == [
        "preferredDuringSchedulingIgnoredDuringExecution"
    ]


def test_one_replica_is_apart_from_nobody() -> None:
    template = pod(planned(objects=[replicated(replicas=1)], into="data-db-0"))
    assert "affinity" not in template["spec"]


def test_nodes_that_the_workload_wants() -> None:
    nodes = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}
    objects = [claim("a", ONE_NODE), workload("web", "a", affinity={"nodeAffinity": nodes})]
    assert pod(planned(objects=objects, into="a"))["spec"]["affinity"] == {"nodeAffinity": nodes}


LONGEST = "x" * 45


def test_names_are_unique_and_fit() -> None:
    ones = [
        planned(),
        planned("0-database"),
        planned("database-0"),
        *(planned(replica=number) for number in (0, 1, 10)),
        planned("0-database", replica=1),
        planned(LONGEST),
        planned(LONGEST, replica=2**31 - 1),
    ]
    names = [one.object_name for one in ones]
    assert names[:4] == [
        "restore-database", "restore-0-database", "restore-database-0", "restore0-database"
    ]  # fmt: skip
    labels = [manifest.manifest(one, 60)["metadata"]["labels"][manifest.RESTORE] for one in ones]
    for found in (names, labels):
        assert len(set(found)) == len(ones)
        assert max(map(len, found)) <= 63
