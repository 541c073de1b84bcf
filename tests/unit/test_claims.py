"""Which claim of a rendered chart a restore goes into."""

from typing import Any

import pytest

from provisioner.errors import ConfigurationError
from provisioner.models.verifier import Restore
from provisioner.restores.claims import manifest, target_of

CLAIM_SPEC = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def stateful_set(replicas: int = 1, **spec: Any) -> dict[str, Any]:
    return {
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "db"}},
            "template": {"spec": {"securityContext": {"fsGroup": 999}}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": CLAIM_SPEC}],
            **spec,
        },
    }


def deployment() -> dict[str, Any]:
    volumes = [{"name": "files", "persistentVolumeClaim": {"claimName": "uploads"}}]
    pod = {"volumes": volumes, "nodeSelector": {"disk": "fast"}}
    return {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": {"spec": pod}}}


def claim(name: str = "uploads") -> dict[str, Any]:
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": {"app": "web"}},
        "spec": CLAIM_SPEC,
    }


def restore(into: dict[str, Any]) -> Restore:
    return Restore.model_validate({"name": "r", "from": "repo", "into": into})


def volume(workload: str, name: str) -> Restore:
    return restore({"volume": {"workload": workload, "name": name}})


OBJECTS = [stateful_set(), deployment(), claim(), claim("spare")]


def test_claim_template_of_a_stateful_set() -> None:
    target = target_of(volume("StatefulSet/db", "data"), OBJECTS)
    assert target.name == "data-db-0"
    assert target.pod["securityContext"] == {"fsGroup": 999}
    assert manifest(target, "blog", "sandbox")["metadata"] == {
        "name": "data-db-0",
        "namespace": "sandbox",
        "labels": {"app": "db"},
        "annotations": {},
    }


def test_ordinals_may_start_elsewhere() -> None:
    objects = [stateful_set(ordinals={"start": 3})]
    assert target_of(volume("StatefulSet/db", "data"), objects).name == "data-db-3"


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
    target = target_of(restore({"claim": {"name": "uploads", "subPath": "2026"}}), OBJECTS)
    assert target.pod["nodeSelector"] == {"disk": "fast"}
    assert target.sub_path == "2026"


def test_claim_of_a_template_by_name() -> None:
    target = target_of(restore({"claim": {"name": "data-db-0"}}), OBJECTS)
    assert not target.adopted


def test_claim_that_nobody_mounts() -> None:
    assert target_of(restore({"claim": {"name": "spare"}}), OBJECTS).pod == {}


@pytest.mark.parametrize(
    ("asked", "sentence", "hint"),
    [
        (volume("StatefulSet/dbx", "data"), "makes no StatefulSet/dbx", "StatefulSet/db"),
        (volume("StatefulSet/db", "date"), "has no volume date", "data"),
        (restore({"claim": {"name": "upload"}}), "makes no claim upload", "uploads"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(asked: Restore, sentence: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        target_of(asked, OBJECTS)
    assert hint in caught.value.hint


def test_several_replicas_are_refused_and_not_restored_by_halves() -> None:
    with pytest.raises(ConfigurationError, match="has 3 replicas"):
        target_of(volume("StatefulSet/db", "data"), [stateful_set(3)])
