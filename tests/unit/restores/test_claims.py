"""Which claims of a rendered chart a restore goes into."""

from typing import Any

import pytest

from provisioner.errors import ConfigurationError
from provisioner.models.verifier import Restore
from provisioner.restores.claims.chart import ClaimTarget, manifest
from provisioner.restores.claims.targets import map_restores, targets_of

CLAIM_SPEC = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def mounted(volume: str, **mount: Any) -> dict[str, Any]:
    return {"name": "main", "volumeMounts": [{"name": volume, "mountPath": "/data", **mount}]}


def stateful_set(replicas: int | None = 1, **spec: Any) -> dict[str, Any]:
    return {
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "db"}},
            "template": {"spec": {"securityContext": {"fsGroup": 999}}},
            "volumeClaimTemplates": [
                {"metadata": {"name": "data", "labels": {"tier": "sql"}}, "spec": CLAIM_SPEC}
            ],
            **spec,
        },
    }


def on_claim(claim: str = "uploads", volume: str = "files") -> dict[str, Any]:
    return {"name": volume, "persistentVolumeClaim": {"claimName": claim}}


def deployment(name: str = "web", *volumes: dict[str, Any], **pod: Any) -> dict[str, Any]:
    spec = {"volumes": list(volumes) or [on_claim()], "nodeSelector": {"disk": "fast"}, **pod}
    return {"kind": "Deployment", "metadata": {"name": name}, "spec": {"template": {"spec": spec}}}


def claim(name: str = "uploads", **annotations: str) -> dict[str, Any]:
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": {"app": "web"}, "annotations": annotations},
        "spec": CLAIM_SPEC,
    }


def restore(into: dict[str, Any], name: str = "r") -> Restore:
    return Restore.model_validate({"name": name, "from": "repo", "into": into})


def volume(workload: str, volume_name: str, **more: Any) -> Restore:
    return restore({"volume": {"workload": workload, "name": volume_name, **more}})


def named(name: str, **more: Any) -> Restore:
    return restore({"claim": {"name": name, **more}})


OBJECTS = [stateful_set(), deployment(), claim(), claim("spare")]


def target_of(asked: Restore, objects: list[dict[str, Any]]) -> ClaimTarget:
    (found,) = targets_of(asked, objects)
    return found


def test_claim_template_of_a_stateful_set() -> None:
    target = target_of(volume("StatefulSet/db", "data"), OBJECTS)
    assert target.name == "data-db-0"
    assert target.replica is None
    assert target.pod["securityContext"] == {"fsGroup": 999}
    assert manifest(target, "blog", "sandbox")["metadata"] == {
        "name": "data-db-0",
        "namespace": "sandbox",
        "labels": {"app": "db", "tier": "sql"},
        "annotations": {},
    }


def test_every_replica_gets_the_snapshot() -> None:
    objects = [stateful_set(3, ordinals={"start": 4})]
    found = targets_of(volume("StatefulSet/db", "data"), objects)
    assert [(one.name, one.replica) for one in found] == [
        ("data-db-4", 4), ("data-db-5", 5), ("data-db-6", 6)
    ]  # fmt: skip


def test_one_replica_of_several() -> None:
    target = target_of(volume("StatefulSet/db", "data", replica=2), [stateful_set(3)])
    assert (target.name, target.replica) == ("data-db-2", 2)


def test_replicas_left_out_are_one() -> None:
    target = target_of(volume("StatefulSet/db", "data"), [stateful_set(None)])
    assert (target.name, target.replica) == ("data-db-0", None)


def test_claim_that_all_replicas_share_is_filled_once() -> None:
    shared = {"spec": {"volumes": [on_claim()]}}
    target = target_of(volume("StatefulSet/db", "files"), [stateful_set(3, template=shared)])
    assert (target.name, target.replica) == ("uploads", None)


def test_template_hides_a_volume_of_its_name() -> None:
    hidden = {"spec": {"volumes": [on_claim("other", "data")]}}
    target = target_of(volume("StatefulSet/db", "data"), [stateful_set(template=hidden)])
    assert target.name == "data-db-0"


def test_volume_of_a_deployment_is_its_claim_and_helm_may_adopt_it() -> None:
    target = target_of(volume("Deployment/web", "files"), OBJECTS)
    assert target.name == "uploads"
    assert target.pod["nodeSelector"] == {"disk": "fast"}
    made = manifest(target, "blog", "sandbox")
    assert made["metadata"]["labels"] == {"app": "web", "app.kubernetes.io/managed-by": "Helm"}
    assert made["metadata"]["annotations"] == {
        "meta.helm.sh/release-name": "blog",
        "meta.helm.sh/release-namespace": "sandbox",
    }
    assert made["spec"] == CLAIM_SPEC


def test_claim_by_name_knows_the_pod_that_mounts_it() -> None:
    target = target_of(named("uploads", subPath="2026"), OBJECTS)
    assert target.pod["nodeSelector"] == {"disk": "fast"}
    assert target.sub_path == "2026"


def test_what_stays_running_is_the_pod_of_a_claim() -> None:
    job = {**deployment("job"), "kind": "Job"}
    target = target_of(named("uploads"), [job, deployment("web", nodeSelector={"disk": "big"})])
    assert target.pod["nodeSelector"] == {"disk": "big"}


def test_claim_of_a_template_by_name() -> None:
    assert not target_of(named("data-db-0"), OBJECTS).adopted


def test_claim_in_the_chart_and_of_a_template_is_the_charts() -> None:
    objects = [stateful_set(2), claim("data-db-0")]
    found = targets_of(volume("StatefulSet/db", "data"), objects)
    assert [(one.name, one.adopted) for one in found] == [("data-db-0", True), ("data-db-1", False)]
    assert found[0].pod["securityContext"] == {"fsGroup": 999}


def test_claim_that_nobody_mounts() -> None:
    assert target_of(named("spare"), OBJECTS).pod == {}


@pytest.mark.parametrize("asked", [named("shared"), volume("Deployment/web", "files")])
def test_claim_that_the_chart_only_mounts(asked: Restore) -> None:
    target = target_of(asked, [deployment("web", on_claim("shared"))])
    assert (target.name, target.origin, target.adopted) == ("shared", None, False)
    assert target.pod["nodeSelector"] == {"disk": "fast"}


EPHEMERAL = {"name": "files", "ephemeral": {"volumeClaimTemplate": {"spec": CLAIM_SPEC}}}


@pytest.mark.parametrize(
    ("asked", "objects", "sentence", "hint"),
    [
        (volume("StatefulSet/dbx", "data"), OBJECTS, "makes no StatefulSet/dbx", "StatefulSet/db"),
        (volume("StatefulSet/db", "date"), OBJECTS, "has no volume date", "data"),
        (named("upload"), OBJECTS, "makes no claim upload", "uploads"),
        (volume("StatefulSet/db", "data"), [stateful_set(0)], "has 0 replicas", "values"),
        (volume("StatefulSet/db", "data", replica=3), [stateful_set(3)], "no replica 3", "0 to 2"),
        (volume("StatefulSet/db", "data", replica=1), [stateful_set()], "no replica 1", "only"),
        (volume("Deployment/web", "files"), [deployment("web", EPHEMERAL)], "is ephemeral", "none"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    asked: Restore, objects: list[dict[str, Any]], sentence: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        targets_of(asked, objects)
    assert hint in caught.value.hint


def with_folders(*containers: dict[str, Any], **pod: Any) -> list[dict[str, Any]]:
    template = {"spec": {"containers": list(containers), **pod}}
    return [stateful_set(template=template)]


FOLDER_ALONE = mounted("data", subPath="mysql/data")
ONE_OF_SEVERAL = mounted("data", subPathExpr="$(POD_NAME)")


@pytest.mark.parametrize(
    ("given", "objects", "folder"),
    [
        (None, with_folders(mounted("data")), ""),
        (None, with_folders(mounted("other", subPath="x")), ""),
        (None, with_folders(FOLDER_ALONE, mounted("data")), ""),
        ("2026", with_folders(mounted("data")), "2026"),
        ("", with_folders(FOLDER_ALONE), ""),
        ("mysql/data", with_folders(FOLDER_ALONE), "mysql/data"),
        ("mysql", with_folders(FOLDER_ALONE), "mysql"),
        ("mysql/data/old", with_folders(FOLDER_ALONE), "mysql/data/old"),
        ("db-0", with_folders(ONE_OF_SEVERAL), "db-0"),
    ],
)
def test_folder_that_the_application_sees(
    given: str | None, objects: list[dict[str, Any]], folder: str
) -> None:
    for asked in (
        volume("StatefulSet/db", "data", subPath=given),
        named("data-db-0", subPath=given),
    ):
        assert target_of(asked, objects).sub_path == folder


@pytest.mark.parametrize(
    ("given", "objects", "sentence"),
    [
        (None, with_folders(FOLDER_ALONE), "only the folder mysql/data, .* go into its root"),
        (None, with_folders(FOLDER_ALONE, initContainers=[mounted("data")]), "go into its root"),
        (None, with_folders(ONE_OF_SEVERAL), "go into its root"),
        ("mysq", with_folders(FOLDER_ALONE), "go into mysq"),
        ("mysql/data2", with_folders(FOLDER_ALONE), "go into mysql/data2"),
    ],
)
def test_folder_that_the_application_would_not_see(
    given: str | None, objects: list[dict[str, Any]], sentence: str
) -> None:
    for asked in (
        volume("StatefulSet/db", "data", subPath=given),
        named("data-db-0", subPath=given),
    ):
        with pytest.raises(ConfigurationError, match=sentence) as caught:
            targets_of(asked, objects)
        assert 'subPath: ""' in caught.value.hint


def test_one_place_by_two_names() -> None:
    pair = [restore({"claim": {"name": "data-db-1"}}, "one"),
            restore({"volume": {"workload": "StatefulSet/db", "name": "data"}}, "all")]  # fmt: skip
    with pytest.raises(ConfigurationError, match=r"one and all .* same place of claim data-db-1"):
        map_restores(pair, [stateful_set(2)])


def test_two_folders_and_two_replicas_are_two_places() -> None:
    pair = [restore({"claim": {"name": "data-db-0", "subPath": "a"}}, "one"),
            restore({"claim": {"name": "data-db-0", "subPath": "b"}}, "other")]  # fmt: skip
    assert [one.sub_path for found in map_restores(pair, OBJECTS).values() for one in found] == [
        "a", "b"
    ]  # fmt: skip


def test_claim_that_nobody_makes() -> None:
    objects = [*OBJECTS, deployment("cron", on_claim("lost"), on_claim("data-db-0", "db"))]
    with pytest.raises(
        ConfigurationError, match=r"^Deployment/cron mounts claim lost, which"
    ) as caught:
        map_restores([named("uploads")], objects)
    assert "into: {claim: {name: lost}}" in caught.value.hint
    assert set(map_restores([named("lost")], objects)) == {"r"}


def scaled(one: dict[str, Any], replicas: int) -> dict[str, Any]:
    return {**one, "spec": {**one["spec"], "replicas": replicas}}


def hook(one: dict[str, Any], event: str) -> dict[str, Any]:
    metadata = {**one["metadata"], "annotations": {"helm.sh/hook": event}}
    return {**one, "metadata": metadata}


LOST = deployment("late", on_claim("lost"))
CRON_JOB = {
    "kind": "CronJob",
    "metadata": {"name": "late"},
    "spec": {"jobTemplate": {"spec": LOST["spec"]}},
}


@pytest.mark.parametrize("late", [CRON_JOB, scaled(LOST, 0), hook(LOST, "test, post-upgrade")])
def test_what_the_install_does_not_start_may_lack_its_claim(late: dict[str, Any]) -> None:
    assert map_restores([named("uploads")], [*OBJECTS, late])


def test_hook_of_the_install_may_not() -> None:
    with pytest.raises(ConfigurationError, match="claim lost"):
        map_restores([named("uploads")], [*OBJECTS, hook(LOST, "post-install")])


@pytest.mark.parametrize("volumes", [None, "all", ["files"], [on_claim("uploads")], {"a": 1}])
def test_custom_resources_may_look_like_workloads(volumes: object) -> None:
    spec = {"replicas": "auto", "template": {"spec": {"volumes": volumes}}}
    for resource in (spec, "text", None):
        custom = {"kind": "Rollout", "metadata": {"name": "own"}, "spec": resource}
        assert map_restores([named("uploads")], [*OBJECTS, custom])
