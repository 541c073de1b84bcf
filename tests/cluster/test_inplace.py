"""Claims that exist only once the application is installed: what is restored into them in place."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Ended, Provisioner
from tests.cluster.test_claims import (
    claim,
    document,
    named,
    on_claim,
    replicated,
    restore,
    template,
    workload,
)

one_helm = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)

WRITES = "mkdir -p /data/.cache && touch /data/stale /data/.stale /data/.cache/stale"
"""What is done on the empty volume. Nothing of it may be there after the restore."""

CLEAN = '[ "$(ls -A /data)" = index.html ]'
HOOK = {"helm.sh/hook": "post-install"}


def writer(name: str, annotations: dict[str, str]) -> dict[str, Any]:
    """A Job that has written when it is complete."""
    pod = workload("Job", WRITES, volumes=[on_claim(name)])["spec"]["template"]["spec"]
    pod["containers"][0]["command"] = ["bash", "-c", WRITES]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"writer-{name}", "annotations": annotations},
        "spec": {"template": {"spec": {**pod, "restartPolicy": "Never"}}},
    }


def check(kind: str, command: str) -> list[dict[str, Any]]:
    asked = {
        "workload": f"{kind}/db",
        "command": ["bash", "-c", command],
        "expect": {"equals": "hello"},
    }
    return [{"name": "nothing but the data is there", "exec": asked}]


def of_hook(app: FilesApp, **spec: Any) -> dict[str, Any]:
    """Two replicas on a claim that Helm makes when it has made everything else."""
    objects = [
        claim("files", HOOK),
        writer("files", {**HOOK, "helm.sh/hook-weight": "1"}),
        workload("Deployment", ":", volumes=[on_claim("files")], replicas=2),
    ]
    into = {"volume": {"workload": "Deployment/db", "name": "data"}}
    return inplace(app, objects, into, "Deployment", **spec)


def inplace(
    app: FilesApp, objects: list[dict[str, Any]], into: dict[str, Any], kind: str, **spec: Any
) -> dict[str, Any]:
    restored = {**restore(into), "strategy": "inplace"}
    made = document(app, objects, restored, readiness={"timeout": "2m"}, **spec)
    made["spec"]["checks"] = check(kind, f"{CLEAN} && cat /data/index.html")
    return made


def of_operator(app: FilesApp, **spec: Any) -> dict[str, Any]:
    """A chart with no word of the database that an operator elsewhere makes."""
    objects = [named(workload("Deployment", ":", mounts=[]), "web")]
    into = {"volume": {"workload": "StatefulSet/db", "name": "data"}}
    return inplace(app, objects, into, "StatefulSet", **spec)


def operating(kubectl: Kubectl, *objects: dict[str, Any]) -> Callable[[object, str], None]:
    """The test is the operator that makes these, and the last one when Jobs are done."""

    def operate(_: object, sandbox: str) -> None:
        for one in objects:
            if one is objects[-1] and any(each["kind"] == "Job" for each in objects):
                kubectl.run(
                    "wait", "job", "--all", "--for=condition=complete", "-n", sandbox, PATIENCE
                )
            kubectl.apply({**one, "metadata": {**one["metadata"], "namespace": sandbox}})

    return operate


PATIENCE = "--timeout=100s"
WAITING = "waiting for volume data of StatefulSet/db"


def only(ended: Ended) -> dict[str, Any]:
    (one,) = ended.report["restores"]
    return dict(one)


def test_claim_that_helm_makes_after_the_install(provisioner: Provisioner, app: FilesApp) -> None:
    replicas: dict[str, int] = {}

    def look(_: object, sandbox: str) -> None:
        for one in provisioner.kubectl.items("deployments", "-n", sandbox):
            replicas[one["metadata"]["name"]] = one["spec"]["replicas"]

    ended = provisioner.act(of_hook(app), "check: begins", look)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["evidence"] == "proven"
    assert (only(ended)["strategy"], only(ended)["claim"]) == ("inplace", "files")
    assert only(ended)["compared"]["files"] == 1
    assert replicas == {"db": 2}


@one_helm
def test_claims_of_an_operators_replicas(provisioner: Provisioner, app: FilesApp) -> None:
    claims = ("data-db-0", "data-db-1")
    before = [one for name in claims for one in (claim(name), writer(name, {}))]
    made = operating(provisioner.kubectl, *before, replicated(":", template()))
    asked = of_operator(app)
    planned = provisioner.plan(asked, "--output", "json").plan["restores"]
    assert [(one["strategy"], one["workload"], one["volume"]) for one in planned] == [
        ("inplace", "StatefulSet/db", "data")
    ]
    ended = provisioner.act(asked, WAITING, made)
    assert ended.verdict == ("Passed", None), ended.report
    assert {one["claim"]: one["strategy"] for one in ended.report["restores"]} == dict.fromkeys(
        claims, "inplace"
    )


@one_helm
def test_snapshot_without_data_is_a_bad_backup_and_what_was_there_does_not_pass(
    provisioner: Provisioner, app: FilesApp
) -> None:
    (app.data / "index.html").unlink()
    app.back_up("empty")
    asked = of_hook(app)
    asked["spec"]["checks"] = check("Deployment", "echo hello")
    ended = provisioner.run(asked)
    assert ended.verdict == ("Failed", "Backup"), ended.report
    assert "brought back 0 files" in ended.report["message"]
    asked["spec"]["restores"][0]["allowEmpty"] = True
    asked["spec"]["checks"] = check("Deployment", '[ -z "$(ls -A /data)" ] && echo hello')
    ended = provisioner.run(asked)
    assert ended.verdict == ("Passed", None), ended.report


@one_helm
def test_damaged_snapshot_is_a_bad_backup(provisioner: Provisioner, app: FilesApp) -> None:
    app.write({"large": "x" * 3 * 2**20})
    app.back_up("damaged")
    for pack in (app.repository / "data").rglob("*"):
        if pack.is_file():
            pack.write_bytes(bytes(pack.stat().st_size))
    ended = provisioner.run(of_hook(app))
    assert ended.verdict == ("Failed", "Backup"), ended.told
    assert "evidence" not in ended.report


@one_helm
def test_claim_that_is_too_small_is_a_matter_of_room(
    provisioner: Provisioner, app: FilesApp
) -> None:
    app.write({"large": "x" * 3 * 2**20})
    app.back_up("large")
    made = operating(provisioner.kubectl, replicated(":", template(storage="1Mi")))
    ended = provisioner.act(of_operator(app), WAITING, made)
    assert ended.verdict == ("Errored", "Capacity"), ended.told
    assert (
        "claim data-db-0 has 1Mi, and what is restored into it has 4Mi" in ended.report["message"]
    )


@one_helm
def test_pod_that_cannot_be_scaled(provisioner: Provisioner, app: FilesApp) -> None:
    pod = workload("Deployment", ":", volumes=[on_claim("data")])["spec"]["template"]
    alone = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "db-1"}, "spec": pod["spec"]}
    asked = of_operator(app)
    asked["spec"]["restores"][0]["into"] = {"claim": {"name": "data"}}
    made = operating(provisioner.kubectl, claim("data"), alone)
    ended = provisioner.act(asked, "waiting for claim data", made)
    assert ended.verdict == ("Errored", "Configuration"), ended.report
    assert "claim data is mounted by pod db-1, which stands alone" in ended.report["message"]


@one_helm
def test_claim_that_never_appears(provisioner: Provisioner, app: FilesApp) -> None:
    ended = provisioner.run(of_operator(app, timeout="30s"))
    assert ended.verdict == ("Errored", "Configuration"), ended.report
    assert ended.report["message"] == (
        "the installed application did not make volume data of StatefulSet/db within the session's"
        " 30 s"
    )
    assert "its workloads: Deployment/web" in ended.report["hint"]


@one_helm
def test_interrupted_while_the_application_is_stopped(
    provisioner: Provisioner, app: FilesApp
) -> None:
    ended = provisioner.interrupt(of_hook(app), "to end", signal.SIGINT)
    assert ended.verdict == ("Cancelled", None), ended.report
