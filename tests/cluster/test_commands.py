"""The commands beside ``run`` on a real cluster: what a killed process leaves, who removes it."""

import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import devcluster
from provisioner.doctor import RIGHTS
from tests.cluster.files_app import SERVING, FilesApp, check
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner

SANDBOX_LABELS = {"app.kubernetes.io/managed-by": "provisioner"}
GROUP = "verify.provisioner.dev"


def told(done: "subprocess.CompletedProcess[str]", code: int = 0) -> Any:
    assert done.returncode == code, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def test_killed_then_told_honestly_then_reaped(provisioner: Provisioner, app: FilesApp) -> None:
    provisioner.kill(app.verifier(), "restore: begins")
    (entry,) = told(provisioner.call("sessions", "-o", "json"))
    assert (entry["state"], entry["outcome"]) == ("Gone", "Errored")
    assert entry["message"] == "ended without a verdict: the process is gone"
    assert entry["sandbox"] in provisioner.kubectl.names("namespaces")

    verifier = entry["id"].rpartition("-")[0]
    kept = told(provisioner.call("reap", "--verifier", verifier, "-o", "json"))
    assert kept[0]["state"].startswith("left as it is: expires in")
    assert entry["sandbox"] in provisioner.kubectl.names("namespaces")

    (reaped,) = told(provisioner.call("reap", entry["id"], "-o", "json"))
    assert (reaped["state"], reaped["leftovers"]) == ("removed", [])
    record = told(provisioner.call("report", entry["id"]))
    assert (record["outcome"], record["cleanup"]) == ("Errored", "Clean")
    provisioner.demand_nothing_left(record)


def test_a_running_session_is_not_reaped(provisioner: Provisioner, app: FilesApp) -> None:
    child, _ = provisioner.start_until(app.verifier(), "restore")
    done = provisioner.call("reap", "files")
    assert done.returncode == 2
    assert "is still running, as process" in done.stderr
    child.send_signal(signal.SIGINT)
    assert provisioner.finish(child).verdict == ("Cancelled", None)


def labelled(kubectl: Kubectl, name: str, verifier: str, **annotations: str) -> None:
    """A namespace that carries a sandbox's labels and goes with the test run."""
    kubectl.create_namespace(name)
    labels = {**SANDBOX_LABELS, f"{GROUP}/verifier": verifier, f"{GROUP}/session": name}
    patch = {"metadata": {"labels": labels, "annotations": annotations}}
    kubectl.run("patch", "namespace", name, "-p", json.dumps(patch))


def expires(minutes: float) -> dict[str, str]:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    return {f"{GROUP}/expires-at": moment.isoformat(timespec="seconds")}


def test_reap_takes_what_expired_and_nothing_else(provisioner: Provisioner, namespace: str) -> None:
    kubectl, verifier = provisioner.kubectl, f"v-{namespace}"
    labelled(kubectl, f"{namespace}-over", verifier, **expires(-1))
    labelled(kubectl, f"{namespace}-later", verifier, **expires(5))
    labelled(kubectl, f"{namespace}-none", verifier)
    labelled(kubectl, f"{namespace}-unread", verifier, **{f"{GROUP}/expires-at": "soon"})
    kubectl.run("annotate", "namespace", namespace, f"{GROUP}/expires-at=2020-01-01T00:00:00Z")

    lines = told(provisioner.call("reap", "--verifier", verifier, "-o", "json"))
    states = {one["sandbox"].rpartition("-")[2]: one["state"] for one in lines}
    assert states.pop("over") == "removed"
    assert set(states) == {"later", "none", "unread"}
    assert all(state.startswith("left as it is") for state in states.values())
    mine = {name for name in kubectl.names("namespaces") if name.startswith(namespace)}
    assert mine == {namespace, *(f"{namespace}-{one}" for one in states)}


def test_kept_extended_and_released(provisioner: Provisioner, app: FilesApp) -> None:
    child, said = provisioner.start_until(app.verifier(), "stays until", "--keep", "3m")
    (entry,) = told(provisioner.call("sessions", "-o", "json"))
    assert (entry["state"], entry["outcome"], entry["cleanup"]) == ("Running", "Passed", "Kept")
    extended = provisioner.call("extend", entry["id"], "10m")
    assert "in 12m" in extended.stdout, extended
    released = provisioner.call("release", entry["id"])
    assert "its process is removing it" in released.stdout, released
    ended = provisioner.finish(child, said)
    assert ended.verdict == ("Passed", None)
    assert ended.exit_code == 0


def test_kept_on_failure_with_the_deadline_on_the_namespace(
    provisioner: Provisioner, app: FilesApp
) -> None:
    wrong = check("cat /data/index.html", equals="bye")
    document = app.verifier(checks=[wrong], keepAlive={"onFailure": "4m"})
    child, said = provisioner.start_until(document, "stays until")
    (entry,) = told(provisioner.call("sessions", "-o", "json"))
    assert (entry["outcome"], entry["cleanup"]) == ("Failed", "Kept")
    found = provisioner.kubectl.run("get", "namespace", entry["sandbox"], "-o", "json")
    deadline = json.loads(found)["metadata"]["annotations"][f"{GROUP}/expires-at"]
    left = datetime.fromisoformat(deadline) - datetime.now(UTC)
    # Four minutes to look, and ten that are left for the teardown.
    assert timedelta(minutes=13) < left <= timedelta(minutes=14)
    child.send_signal(signal.SIGINT)
    ended = provisioner.finish(child, said)
    assert (ended.verdict, ended.exit_code) == (("Failed", "Check"), 1)


def test_doctor_finds_the_real_cluster_well(provisioner: Provisioner) -> None:
    restic = str(devcluster.binary("restic"))
    findings = told(provisioner.call("doctor", "-o", "json", "--restic", restic))
    assert [one["name"] for one in findings if one["ok"]] == [
        "helm", "restic", "cluster", "rights", "storage class", "network policy",
    ]  # fmt: skip


def test_doctor_names_the_rights_that_are_missing(
    provisioner: Provisioner, namespace: str, tmp_path: Path
) -> None:
    """A service account without a role, as a CI job may have by mistake."""
    path = provisioner.kubectl.kubeconfig_of(namespace, "default", tmp_path)
    done = Provisioner(path, provisioner.helm, tmp_path).call("doctor")
    assert done.returncode == 3
    lines = [line.split(None, 2) for line in done.stdout.splitlines()]
    assert ["problem", "rights"] in [line[:2] for line in lines]
    assert "namespaces: get, list, watch, create, patch, delete" in done.stdout


def test_the_rights_that_doctor_asks_for_are_enough(
    provisioner: Provisioner, app: FilesApp, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A whole session, and a look into its sandbox, by somebody who has no others."""
    kubectl, name = provisioner.kubectl, app.namespace
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": verbs.split()}
        for verbs, group, resource in RIGHTS
    ]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    kubectl.apply({**role, "metadata": {"name": name}, "rules": rules})
    kubectl.run("create", "serviceaccount", "verifier", "-n", name)
    binding = [f"--clusterrole={name}", f"--serviceaccount={name}:verifier"]
    kubectl.run("create", "clusterrolebinding", name, *binding)
    request.addfinalizer(lambda: kubectl.run("delete", "clusterrole,clusterrolebinding", name))

    config = kubectl.kubeconfig_of(name, "verifier", tmp_path)
    allowed = ["--kubeconfig", str(config)]
    more = ["--keep", "3m", *allowed]
    child, said = provisioner.start_until(app.verifier(SERVING), "stays until", *more)
    assert provisioner.call("logs", "files", "web").returncode == 0
    assert provisioner.call("shell", "--", "cat", "/data/index.html").stdout == "hello"
    child.send_signal(signal.SIGINT)
    ended = provisioner.finish(child, said)
    assert (ended.verdict, ended.exit_code) == (("Passed", None), 0)
    findings = json.loads(provisioner.call("doctor", "-o", "json", *allowed).stdout)
    assert [one["ok"] for one in findings if one["name"] == "rights"] == [True]
