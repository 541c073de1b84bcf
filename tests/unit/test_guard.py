"""What a chart must not hold."""

from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.cluster.manifests import read_manifests
from provisioner.cluster.resources import VOLUME, Resource
from provisioner.cluster.storage import DEFAULT_CLASS
from provisioner.errors import ClusterError, ConfigurationError
from provisioner.phases.guard import refuse_unknown_storage, refuse_what_reaches_out

NAMESPACED = {"Pod", "Secret", "Service"}
CLUSTER_WIDE = {"ClusterRole", "Namespace", "Node"}


class Kinds:
    """Three that live in a namespace, and three that do not."""

    async def find(self, version: str, kind: str) -> Resource | None:
        if kind in CLUSTER_WIDE:
            return Resource(kind, version, f"{kind.lower()}s", namespaced=False)
        known = version == "v1" and kind in NAMESPACED
        return Resource(kind, version, f"{kind.lower()}s") if known else None


def made(kind: str, version: str = "v1", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x", **metadata}}


async def judge(*objects: dict[str, Any]) -> None:
    cluster: Any = SimpleNamespace(kinds=Kinds())
    await refuse_what_reaches_out(cluster, objects, "sandbox")


async def test_what_stays_inside_passes() -> None:
    await judge(made("Pod"), made("Secret", namespace="sandbox"), made("Pod", namespace=None))


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("ClusterRole", "rbac.authorization.k8s.io/v1"),
        ("Namespace", "v1"),
        ("ClusterIssuer", "cert-manager.io/v1"),
        ("Pod", "example.test/v1"),
    ],
)
async def test_cluster_wide_and_unknown_kinds_are_refused(kind: str, version: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{kind}/x"):
        await judge(made("Pod"), made(kind, version))


def test_lists_are_taken_apart_before() -> None:
    text = "kind: List\nitems: [{kind: Pod}, {kind: Node}]\n---\n# nothing\n---\nkind: Secret\n"
    assert [one["kind"] for one in read_manifests(text)] == ["Pod", "Node", "Secret"]


async def test_all_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"Node/x .*in namespace production"):
        await judge(made("Node"), made("Service", namespace="production"))


LOCAL = {"metadata": {"name": "local", "annotations": {DEFAULT_CLASS: "true"}}}
FAST = {"metadata": {"name": "fast"}}
BY_HAND = {"metadata": {"name": "pv-1"}, "spec": {"storageClassName": "manual"}}


def claim(name: str, **spec: Any) -> dict[str, Any]:
    return {**made("PersistentVolumeClaim"), "metadata": {"name": name}, "spec": spec}


async def judge_storage(*objects: dict[str, Any], classes: Any = (LOCAL, FAST)) -> None:
    async def list_all(resource: Resource) -> list[Any]:
        if classes is None:
            raise ClusterError("forbidden", status=403)
        return [BY_HAND] if resource is VOLUME else list(classes)

    cluster: Any = SimpleNamespace(list_all=list_all)
    await refuse_unknown_storage(cluster, objects)


async def test_storage_that_is_there_passes() -> None:
    await judge_storage(made("Pod"), claim("a"), claim("b", storageClassName="fast"))
    await judge_storage(claim("c", storageClassName="manual"), claim("d", storageClassName=""))


async def test_storage_that_is_not_there_is_refused_by_name() -> None:
    template = {"metadata": {"name": "data"}, "spec": {"storageClassName": "gone"}}
    stateful = {**made("StatefulSet"), "spec": {"volumeClaimTemplates": [template]}}
    with pytest.raises(ConfigurationError) as caught:
        await judge_storage(claim("a", storageClassName="nope"), claim("b"), stateful)
    assert caught.value.message == (
        "the chart asks for storage that this cluster does not have: "
        "claim a asks for storage class nope, which is not there; "
        "claim data of StatefulSet x asks for storage class gone, which is not there"
    )
    assert caught.value.hint.endswith("there are: local (the default), fast")


async def test_no_default_class_is_refused_only_to_who_needs_it() -> None:
    await judge_storage(claim("b", storageClassName="fast"), classes=[FAST])
    with pytest.raises(ConfigurationError, match="claim a asks for the default storage class"):
        await judge_storage(claim("a"), classes=[FAST])


async def test_who_may_not_know_the_classes_is_not_stopped() -> None:
    await judge_storage(claim("a", storageClassName="nope"), classes=None)
