"""Plans of the smallest application: what they tell, and that they create nothing."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp, check
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner


@pytest.fixture
def reader(kubectl: Kubectl, namespace: str, tmp_path: Path) -> Iterator[Path]:
    """A kubeconfig of somebody who may look at everything, and change nothing."""
    kubectl.run("create", "serviceaccount", "reader", "-n", namespace)
    kubectl.run("create", "clusterrole", namespace, "--verb=get,list", "--resource=*.*")
    binding = [f"--clusterrole={namespace}", f"--serviceaccount={namespace}:reader"]
    kubectl.run("create", "clusterrolebinding", namespace, *binding)
    yield kubectl.kubeconfig_of(namespace, "reader", tmp_path)
    kubectl.run("delete", "clusterrole,clusterrolebinding", namespace)


def everything(kubectl: Kubectl, namespace: str) -> set[str]:
    kinds = "secrets,configmaps,pods,jobs,persistentvolumeclaims,deployments,serviceaccounts"
    found = kubectl.items(kinds, "-n", namespace)
    return {one["metadata"]["uid"] + one["metadata"]["resourceVersion"] for one in found}


def sandboxes(kubectl: Kubectl, document: dict[str, Any]) -> list[str]:
    prefix = f"verify-{document['metadata']['name']}"
    return [name for name in kubectl.names("namespaces") if name.startswith(prefix)]


def test_plan_tells_what_a_run_would_do(provisioner: Provisioner, app: FilesApp) -> None:
    hook = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "early", "annotations": {"helm.sh/hook": "pre-install,pre-upgrade"}},
    }
    document = app.verifier({"extra": hook}, sandbox={"quota": {"pods": "7"}})
    planned = provisioner.plan(document, "--output", "json")
    assert planned.exit_code == 0, planned.told
    plan = planned.plan
    assert plan["restores"] == [
        {
            "restore": "files",
            "snapshot": plan["snapshots"][0]["id"],
            "strategy": "preseed",
            "claim": "web-files",
            "workload": "",
            "volume": "",
            "subPath": "",
            "requested": "100Mi",
            "requestedBytes": 100 * 2**20,
            "snapshotBytes": len("hello"),
        }
    ]
    assert {(one["kind"], one["name"], *one["hooks"]) for one in plan["objects"]} == {
        ("PersistentVolumeClaim", "web-files"),
        ("Deployment", "web"),
        ("ConfigMap", "early", "pre-install", "pre-upgrade"),
    }
    assert plan["quota"]["pods"] == "7"
    assert "estimate" not in plan
    assert sandboxes(provisioner.kubectl, document) == []


def test_plan_creates_nothing_and_needs_no_right_to(
    provisioner: Provisioner, app: FilesApp, reader: Path, tmp_path: Path
) -> None:
    document = app.verifier()
    before = everything(provisioner.kubectl, app.namespace)
    planned = provisioner.plan(document, "--kubeconfig", str(reader))
    assert planned.exit_code == 0, planned.told
    assert "into claim web-files" in planned.out
    assert everything(provisioner.kubectl, app.namespace) == before
    assert sandboxes(provisioner.kubectl, document) == []
    assert not (tmp_path / "provisioner").exists(), "a session was recorded"


def test_plan_estimates_by_former_sessions(provisioner: Provisioner, app: FilesApp) -> None:
    document = app.verifier()
    took = {one["name"]: one["seconds"] for one in provisioner.run(document).report["phases"]}
    estimate = provisioner.plan(document, "--output", "json").plan["estimate"]
    assert estimate["sessions"] == 1
    told = {one["name"]: one["seconds"] for one in estimate["phases"]}
    assert told["restore"] == pytest.approx(took["restore"], abs=0.1)
    assert "1 former session: plan" in provisioner.plan(document).out


def test_plan_of_a_snapshot_as_of_then(provisioner: Provisioner, app: FilesApp) -> None:
    first = provisioner.plan(app.verifier(), "--output", "json").plan["snapshots"][0]
    app.back_up("session=2")
    document = app.verifier()
    select = document["spec"]["restores"][0]["select"]
    assert planned_id(provisioner, document) != first["id"]
    select["asOf"] = datetime.fromisoformat(first["time"]).isoformat()
    assert planned_id(provisioner, document) == first["id"]
    document["spec"]["restores"][0]["select"] = {"id": first["id"][:10]}
    assert planned_id(provisioner, document) == first["id"]


def planned_id(provisioner: Provisioner, document: dict[str, Any]) -> str:
    planned = provisioner.plan(document, "--output", "json")
    assert planned.exit_code == 0, planned.told
    return str(planned.plan["snapshots"][0]["id"])


def test_a_run_restores_a_drawn_snapshot_and_tells_its_seed(
    provisioner: Provisioner, app: FilesApp
) -> None:
    document = app.verifier()
    document["spec"]["restores"][0]["select"] = {"random": {"within": "1d"}}
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report
    seed = ended.report["snapshots"][0]["seed"]
    document["spec"]["restores"][0]["select"]["random"]["seed"] = seed
    assert planned_id(provisioner, document) == ended.report["snapshots"][0]["id"]


def test_plan_without_a_consistent_set(provisioner: Provisioner, app: FilesApp) -> None:
    app.back_up("late")
    document = app.verifier(consistency={"maxSkew": "0s"})
    restore = document["spec"]["restores"][0]
    late = {**restore, "name": "late", "select": {"tags": ["late"]}}
    restore["select"] = {"tags": ["session=1"]}
    late["into"] = {"claim": {"name": "web-files", "subPath": "late"}}
    document["spec"]["restores"].append(late)
    planned = provisioner.plan(document)
    assert planned.exit_code == 4
    assert "were taken within 0s; nearest are files " in planned.told
    assert planned.out == ""


def test_patched_objects_are_what_is_installed(provisioner: Provisioner, app: FilesApp) -> None:
    """Helm's own objects: the claim stays, and the pod that a check runs in has the patch."""
    place = "/spec/template/spec/containers/0/env"
    value = [{"name": "PATCHED", "value": "yes: 1e3"}]
    operation = {"op": "add", "path": place, "value": value}
    document = app.verifier(checks=[check('echo "$PATCHED"; cat /data/index.html',
                                          equals="yes: 1e3\nhello")])  # fmt: skip
    document["spec"]["application"]["patches"] = [
        {"target": {"kind": "Deployment", "name": "web"}, "patch": [operation]}
    ]
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report


def test_patch_that_matches_nothing(provisioner: Provisioner, app: FilesApp) -> None:
    document = app.verifier()
    target = {"kind": "Deployment", "name": "wbe"}
    document["spec"]["application"]["patches"] = [
        {"target": target, "patch": [{"op": "remove", "path": "/spec/replicas"}]}
    ]
    planned = provisioner.plan(document)
    assert planned.exit_code == 3
    assert "a patch is for Deployment/wbe, which the chart does not make" in planned.told
    assert "nearest is Deployment/web" in planned.told


def test_patch_of_a_hook(
    provisioner: Provisioner, app: FilesApp, request: pytest.FixtureRequest
) -> None:
    """Helm 4 patches hooks; Helm 3 does not, which must not go unnoticed."""
    hook = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "early", "annotations": {"helm.sh/hook": "pre-install"}},
        "data": {"said": "hello"},
    }
    patch = [{"op": "replace", "path": "/data/said", "value": "patched"}]
    document = app.verifier({"extra": hook})
    document["spec"]["application"]["patches"] = [
        {"target": {"kind": "ConfigMap", "name": "early"}, "patch": patch}
    ]
    planned = provisioner.plan(document)
    if "helm3" in request.node.name:
        assert planned.exit_code == 3
        assert "which Helm 3 does not let be patched: ConfigMap/early" in planned.told
    else:
        assert provisioner.run(document).verdict == ("Passed", None)


def test_claim_too_small_is_enlarged_in_claim_and_chart(
    provisioner: Provisioner, app: FilesApp
) -> None:
    with (app.data / "large").open("wb") as file:
        file.truncate(200 * 2**20)
    app.back_up("session=2")
    document = app.verifier()
    enlarged = [{"claim": "web-files", "requested": "100Mi", "enlarged": "221Mi"}]
    plan = provisioner.plan(document, "--output", "json").plan
    assert plan["enlarged"] == enlarged
    assert plan["restores"][0]["requested"] == "221Mi"
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["enlarged"] == enlarged
