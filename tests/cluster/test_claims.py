"""Every claim that an application can have: who makes it, how many there are, what is mounted."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Ended, Provisioner

CHART = Path(__file__).with_name("charts") / "objects"
HELLO = '[ "$(cat /data/index.html)" = hello ]'
BESIDE = "verify.provisioner.dev/beside"
SEEN_SECONDS = 60

one_helm = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
"""For what is decided before Helm comes."""


@pytest.fixture
def app(kubectl: Kubectl, namespace: str, tmp_path: Path) -> FilesApp:
    one = FilesApp(kubectl, namespace, tmp_path)
    one.write({"index.html": "hello"})
    one.back_up("all")
    return one


def asks(storage: str = "10Mi", **more: Any) -> dict[str, Any]:
    requests = {"requests": {"storage": storage}}
    return {"accessModes": ["ReadWriteOnce"], "resources": requests, **more}


def claim(name: str, annotations: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "annotations": annotations or {}}
    kind = "PersistentVolumeClaim"
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": asks(**more)}


def workload(
    kind: str,
    demand: str,
    *,
    volumes: list[dict[str, Any]] | None = None,
    mounts: list[dict[str, Any]] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """One whose pods crash unless what the shell demands is so: then ready means restored."""
    container = {
        "name": "main",
        "image": "localhost/restic:dev",
        "command": ["bash", "-c", f"{{ {demand}; }} && exec sleep infinity; exit 1"],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}] if mounts is None else mounts,
    }
    pod = {"terminationGracePeriodSeconds": 1, "containers": [container], "volumes": volumes or []}
    labels = {"app": "db"}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "db"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            **spec,
        },
    }


def named(one: dict[str, Any], name: str) -> dict[str, Any]:
    """The same workload by another name, with pods of its own."""
    labels = {"app": name}
    template = {**one["spec"]["template"], "metadata": {"labels": labels}}
    spec = {**one["spec"], "selector": {"matchLabels": labels}, "template": template}
    return {**one, "metadata": {"name": name}, "spec": spec}


def replicated(demand: str, *templates: dict[str, Any], **more: Any) -> dict[str, Any]:
    spec = {"replicas": 2, "podManagementPolicy": "Parallel", "serviceName": "db"}
    return workload("StatefulSet", demand, volumeClaimTemplates=list(templates), **spec, **more)


def template(name: str = "data", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": asks(**more)}


def on_claim(name: str) -> dict[str, Any]:
    return {"name": "data", "persistentVolumeClaim": {"claimName": name}}


def restore(into: dict[str, Any], name: str = "files", tag: str = "files") -> dict[str, Any]:
    return {"name": name, "from": "files", "select": {"tags": [tag]}, "into": into}


def volume(kind: str = "StatefulSet", name: str = "data", **more: Any) -> dict[str, Any]:
    return {"volume": {"workload": f"{kind}/db", "name": name, **more}}


def document(
    app: FilesApp, objects: list[dict[str, Any]], *restores: dict[str, Any], **spec: Any
) -> dict[str, Any]:
    values = {"objects": {f"object-{index}": one for index, one in enumerate(objects)}}
    application = {"chart": {"path": str(CHART)}, "releaseName": "db", "values": values}
    kind = next(one["kind"] for one in objects if one["kind"] in ("Deployment", "StatefulSet"))
    page = {
        "workload": f"{kind}/db",
        "command": ["cat", "/data/index.html"],
        "expect": {"matches": "."},
    }
    checks = [{"name": "the page is there", "exec": page}]
    return app.verifier(application=application, restores=list(restores), checks=checks, **spec)


def demand_passed(ended: Ended) -> None:
    assert ended.verdict == ("Passed", None), ended.report


def claims_filled(ended: Ended) -> set[str]:
    assert {one["state"] for one in ended.report["restores"]} == {"Done"}
    assert all(one["files"] for one in ended.report["restores"])
    return {one["claim"] for one in ended.report["restores"]}


def looking_at_claims(
    provisioner: Provisioner, asked: dict[str, Any]
) -> tuple[Ended, dict[str, dict[str, Any]]]:
    """The run, and the sandbox's claims as they were when the install began."""
    seen: dict[str, dict[str, Any]] = {}

    def look(_: object, sandbox: str) -> None:
        for one in provisioner.kubectl.items("persistentvolumeclaims", "-n", sandbox):
            seen[one["metadata"]["name"]] = one

    return provisioner.act(asked, "install: begins", look), seen


def test_all_claims_of_all_replicas(provisioner: Provisioner, app: FilesApp) -> None:
    """Enlarged, too; and the pods that fill one replica's claims find each other's node."""
    app.write({"large": "x" * 3 * 2**20})
    app.back_up("all")
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("data", "logs")]
    objects = [
        replicated(
            f"{HELLO} && cmp /data/index.html /logs/index.html",
            template(storage="1Mi"), template("logs"),
            mounts=mounts, ordinals={"start": 1},
        )
    ]  # fmt: skip
    names = {f"{volume}-db-{ordinal}" for volume in ("data", "logs") for ordinal in (1, 2)}
    asked = document(app, objects, restore(volume()), restore(volume(name="logs"), "logs", "all"))
    pods: dict[str, Any] = {}

    def look(_: object, sandbox: str) -> None:
        deadline = time.monotonic() + SEEN_SECONDS
        while len(pods) < len(names) and time.monotonic() < deadline:
            there = provisioner.kubectl.items("pods", "-n", sandbox)
            pods.update({one["metadata"]["name"]: one for one in there})

    ended = provisioner.act(asked, "restore: begins", look)
    demand_passed(ended)
    assert claims_filled(ended) == names
    assert [one["claim"] for one in ended.report["enlarged"]] == ["data-db-1", "data-db-2"]
    assert {(one["name"], one["replica"]) for one in ended.report["restores"]} == {
        ("files", 1), ("files", 2), ("logs", 1), ("logs", 2)
    }  # fmt: skip
    assert len(ended.report["snapshots"]) == 2
    assert beside(pods) == {"restore1-files": "files.1", "restore1-logs": "files.1",
                            "restore2-files": "files.2", "restore2-logs": "files.2"}  # fmt: skip


def beside(pods: dict[str, Any]) -> dict[str, str]:
    """By the pod's name, whose node it demands."""
    found = {}
    for name, pod in pods.items():
        affinity = pod["spec"]["affinity"]["podAffinity"]
        (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
        assert term["topologyKey"] == "kubernetes.io/hostname"
        found[name] = term["labelSelector"]["matchLabels"][BESIDE]
    return found


@one_helm
def test_each_replica_its_own_snapshot(provisioner: Provisioner, app: FilesApp) -> None:
    for name in ("db-0", "db-1"):
        app.write({"index.html": name})
        app.back_up(name)
    objects = [replicated('[ "$(cat /data/index.html)" = "$HOSTNAME" ]', template())]
    restores = [
        restore(volume(replica=number), f"number-{number}", f"db-{number}") for number in (0, 1)
    ]
    ended = provisioner.run(document(app, objects, *restores))
    demand_passed(ended)
    assert claims_filled(ended) == {"data-db-0", "data-db-1"}


def in_folder() -> list[dict[str, Any]]:
    """A Deployment that sees one folder of its claim."""
    mounts = [{"name": "data", "mountPath": "/data", "subPath": "site"}]
    return [
        claim("files"),
        workload("Deployment", HELLO, volumes=[on_claim("files")], mounts=mounts),
    ]


@one_helm
def test_snapshot_of_the_folder_that_is_mounted(provisioner: Provisioner, app: FilesApp) -> None:
    into = volume("Deployment", subPath="site")
    demand_passed(provisioner.run(document(app, in_folder(), restore(into))))


@one_helm
def test_snapshot_of_the_whole_volume(provisioner: Provisioner, app: FilesApp) -> None:
    (app.data / "index.html").unlink()
    app.write({"site/index.html": "hello"})
    app.back_up("all")
    into = {"claim": {"name": "files", "subPath": ""}}
    demand_passed(provisioner.run(document(app, in_folder(), restore(into))))


@one_helm
def test_folder_that_the_application_does_not_see(provisioner: Provisioner, app: FilesApp) -> None:
    planned = provisioner.plan(document(app, in_folder(), restore(volume("Deployment"))))
    assert planned.exit_code == 3, planned.told
    assert (
        "restore files: Deployment/db mounts of claim files only the folder site, and the snapshot"
        " would go into its root" in planned.told
    )
    assert "subPath: site for the files of that folder" in planned.told


@one_helm
def test_claim_that_the_chart_expects_is_made_after_productions(
    provisioner: Provisioner, app: FilesApp
) -> None:
    production = claim("site", storage="70Mi", volumeMode="Filesystem")
    provisioner.kubectl.apply(
        {**production, "metadata": {"name": "site", "namespace": app.namespace}}
    )
    objects = [workload("Deployment", HELLO, volumes=[on_claim("site")])]
    asked = document(app, objects, restore({"claim": {"name": "site"}}))
    ended, seen = looking_at_claims(provisioner, asked)
    demand_passed(ended)
    assert seen["site"]["spec"]["resources"]["requests"]["storage"] == "70Mi"
    labels = seen["site"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/managed-by"] == "provisioner"
    (live,) = provisioner.kubectl.items("persistentvolumeclaims", "-n", app.namespace)
    assert "volumeName" not in live["spec"], "production's claim was touched"


@one_helm
def test_claim_that_the_chart_expects_and_production_lacks(
    provisioner: Provisioner, app: FilesApp
) -> None:
    objects = [workload("Deployment", HELLO, volumes=[on_claim("site")])]
    ended, seen = looking_at_claims(
        provisioner, document(app, objects, restore(volume("Deployment")))
    )
    demand_passed(ended)
    assert seen["site"]["spec"]["resources"]["requests"]["storage"] == "1Gi"


@one_helm
def test_claim_that_nobody_makes(provisioner: Provisioner, app: FilesApp) -> None:
    cache = {"name": "cache", "persistentVolumeClaim": {"claimName": "cache"}}
    objects = [
        claim("files"), workload("Deployment", HELLO, volumes=[on_claim("files"), cache])
    ]  # fmt: skip
    ended = provisioner.run(document(app, objects, restore(volume("Deployment"))))
    assert ended.verdict == ("Errored", "Configuration"), ended.report
    assert ended.exit_code == 3
    assert ended.report["message"].startswith("Deployment/db mounts claim cache, which neither")
    assert "into: {claim: {name: cache}}" in ended.report["hint"]
    assert [one["name"] for one in ended.report["phases"] if one["state"] == "Failed"] == ["plan"]


def test_claims_that_the_chart_makes_by_itself_too(provisioner: Provisioner, app: FilesApp) -> None:
    """One that is also a template's, one that Helm keeps, and one of each pod's own."""
    kept = {"helm.sh/resource-policy": "keep"}
    scratch = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": asks()}}}
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("data", "scratch")]
    demand = f"{HELLO} && [ ! -e /scratch/index.html ]"
    app.back_up_relatively()  # each claim's first Job finds no folder, and makes room for a second
    objects = [
        claim("data-db-0", kept),
        replicated(demand, template(), volumes=[scratch], mounts=mounts),
    ]
    ended = provisioner.run(document(app, objects, restore(volume())))
    demand_passed(ended)
    assert claims_filled(ended) == {"data-db-0", "data-db-1"}


def test_claim_that_the_chart_makes_as_a_hook(provisioner: Provisioner, app: FilesApp) -> None:
    """Helm removes what is there before it makes a hook: the restored data would be gone."""
    objects = [
        claim("files", {"helm.sh/hook": "pre-install"}),
        workload("Deployment", HELLO, volumes=[on_claim("files")]),
    ]
    ended = provisioner.run(document(app, objects, restore(volume("Deployment"))))
    if ended.report["tools"]["helm"].startswith("v4."):
        demand_passed(ended)
        return
    assert ended.verdict == ("Errored", "Configuration"), ended.report
    assert "makes claim files as a hook (pre-install)" in ended.report["message"]


@one_helm
def test_ephemeral_volume(provisioner: Provisioner, app: FilesApp) -> None:
    scratch = {"name": "data", "ephemeral": {"volumeClaimTemplate": {"spec": asks()}}}
    objects = [workload("Deployment", HELLO, volumes=[scratch])]
    planned = provisioner.plan(document(app, objects, restore(volume("Deployment"))))
    assert planned.exit_code == 3, planned.told
    assert "volume data of Deployment/db is ephemeral" in planned.told


@one_helm
def test_storage_class_of_the_sandbox(provisioner: Provisioner, app: FilesApp) -> None:
    """Production's does not exist here: told before anything is made, and replaced when asked."""
    objects = [
        replicated(HELLO, template(storageClassName="gp3")),
        claim("spare", storageClassName="gp3"),
    ]
    ended = provisioner.run(document(app, objects, restore(volume())))
    assert ended.verdict == ("Errored", "Configuration"), ended.report
    assert (
        "claim spare asks for storage class 'gp3', which this cluster does not have"
        in ended.report["message"]
    )
    (there,) = provisioner.kubectl.names("storageclasses")
    assert there in ended.report["hint"]
    asked = document(app, objects, restore(volume()), sandbox={"storageClass": there})
    demand_passed(provisioner.run(asked))
