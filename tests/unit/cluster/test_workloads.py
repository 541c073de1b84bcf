"""Which pods belong to which workload."""

from typing import Any, cast

from provisioner.cluster.api import Cluster
from provisioner.cluster.resources import DEPLOYMENT, JOB, POD, Resource
from provisioner.cluster.workloads import Workload, ready_first, workloads


def pod(name: str, ready: bool = True, **labels: str) -> dict[str, Any]:
    condition = {"type": "Ready", "status": str(ready)}
    metadata = {"name": name, "labels": labels}
    return {"kind": "Pod", "metadata": metadata, "status": {"conditions": [condition]}}


class FakeCluster:
    def __init__(self, objects: dict[Resource, list[dict[str, Any]]]) -> None:
        self._objects = objects

    async def list_all(self, resource: Resource, _namespace: str) -> list[dict[str, Any]]:
        return self._objects.get(resource, [])


async def test_pods_are_found_by_their_workloads_selector_and_others_stand_alone() -> None:
    selector = {"matchLabels": {"app": "web"}}
    deployment = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"selector": selector}}
    bare_job = {"kind": "Job", "metadata": {"name": "odd"}, "spec": {}}
    pods = [pod("web-1", app="web"), pod("web-2", app="web"), pod("alone")]
    fake = FakeCluster({POD: pods, DEPLOYMENT: [deployment], JOB: [bare_job]})
    found = await workloads(cast("Cluster", fake), "ns")
    told = {one.ref: [each["metadata"]["name"] for each in one.pods] for one in found}
    assert told == {
        "Deployment/web": ["web-1", "web-2"],
        "Job/odd": [],
        "Pod/alone": ["alone"],
    }


def test_a_ready_pod_comes_first_then_one_that_runs() -> None:
    pods = [pod("a", ready=False), pod("d", ready=False), pod("c"), pod("b")]
    pods[1]["status"]["phase"] = "Running"
    assert [one["metadata"]["name"] for one in ready_first(pods)] == ["b", "c", "d", "a"]


def test_what_is_over_does_not_live() -> None:
    over = pod("helm-test", ready=False)
    over["status"]["phase"] = "Succeeded"
    assert Workload("Deployment", "web", [over, pod("web-1")]).lives
    assert not Workload("Pod", "helm-test", [over]).lives
    assert not Workload("Deployment", "idle", []).lives
