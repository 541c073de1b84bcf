"""Claims and the cluster's storage: classes that are missing, volumes that are production's."""

import asyncio
from typing import Any, cast

import pytest

from provisioner.cluster.api import Cluster
from provisioner.errors import ClusterError, ConfigurationError
from provisioner.helm.patches import apply_all
from provisioner.restores.claims import classes

DEFAULT = "storageclass.kubernetes.io/is-default-class"


def claim(name: str = "files", **spec: Any) -> dict[str, Any]:
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def workload(kind: str, **spec: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "db"}, "spec": spec}


def ephemeral(**spec: Any) -> dict[str, Any]:
    scratch = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": spec}}}
    return {"volumes": [{"name": "x", "emptyDir": {}}, scratch]}


def everywhere(**spec: Any) -> list[dict[str, Any]]:
    """A claim in every place that a chart can have one in."""
    pod = ephemeral(**spec)
    template = {"metadata": {"name": "data"}, "spec": spec}
    return [
        claim(**spec),
        workload("StatefulSet", template={"spec": {}}, volumeClaimTemplates=[template]),
        workload("Deployment", template={"spec": pod}),
        workload("Pod", **pod),
        workload("CronJob", jobTemplate={"spec": {"template": {"spec": pod}}}),
    ]


def test_every_claim_of_the_chart_gets_the_sandboxs_class() -> None:
    for objects in (everywhere(), everywhere(storageClassName="gp3")):
        patched = apply_all(objects, classes.class_patches(objects, "local"))
        found = [one.spec.get("storageClassName") for one in classes.asked(patched)]
        assert found == ["local"] * 5


def test_without_a_class_nothing_is_patched() -> None:
    assert classes.class_patches(everywhere(), "") == []


class Storage:
    """A cluster with these classes and volumes; None may not be read."""

    def __init__(self, there: list[str] | None, volumes: list[str] | None = None) -> None:
        self._there = {"StorageClass": there, "PersistentVolume": volumes}

    async def list_all(self, resource: Any) -> list[dict[str, Any]]:
        names = self._there[resource.kind]
        if names is None:
            raise ClusterError("forbidden", status=403)
        return [
            {
                "metadata": {
                    "name": name,
                    "annotations": {DEFAULT: str(name == "default").lower()},
                },
                "spec": {"storageClassName": name},
            }
            for name in names
        ]


def look(storage: Storage, *objects: dict[str, Any]) -> None:
    asked = list(classes.asked(objects))
    asyncio.run(classes.refuse_missing_classes(cast("Cluster", storage), asked))


@pytest.mark.parametrize(
    ("storage", "spec"),
    [
        (Storage(["default"]), {}),
        (Storage(["gp3"]), {"storageClassName": "gp3"}),
        (Storage(None), {"storageClassName": "gp3"}),
        (Storage(["default"], None), {"storageClassName": "gp3"}),
        (Storage(["default"], ["gp3"]), {"storageClassName": "gp3"}),
        (Storage(["other"], [""]), {}),
    ],
)
def test_class_that_is_there_or_may_be(storage: Storage, spec: dict[str, Any]) -> None:
    look(storage, claim(**spec))


def test_classes_that_are_missing_are_all_told() -> None:
    with pytest.raises(ConfigurationError) as caught:
        look(Storage(["fast", "default"], []), *everywhere(storageClassName="gp3"), claim("fine"))
    assert caught.value.message.startswith(
        "claim files asks for storage class 'gp3', which this cluster does not have; claim template"
        " data of StatefulSet/db asks for"
    )
    assert "ephemeral volume scratch of CronJob/db asks" in caught.value.message
    assert "fine" not in caught.value.message
    assert "spec.sandbox.storageClass; its storage classes: default, fast" in caught.value.hint


def test_no_class_and_no_default() -> None:
    with pytest.raises(ConfigurationError, match="files names no storage class, and this cluster"):
        look(Storage(["fast"], []), claim())


def test_another_refusal_is_no_missing_right() -> None:
    class Broken(Storage):
        async def list_all(self, resource: Any) -> list[dict[str, Any]]:
            raise ClusterError("away", status=500)

    with pytest.raises(ClusterError, match="away"):
        look(Broken([]), claim())


def test_volumes_that_were_there_before_are_productions() -> None:
    asked = list(classes.asked([*everywhere(), claim("old", volumeName="pv-7")]))
    with pytest.raises(ConfigurationError, match=r"sandbox: claim old \(volume pv-7\)$"):
        classes.refuse_named_volumes(asked)
    classes.refuse_named_volumes(list(classes.asked(everywhere())))
