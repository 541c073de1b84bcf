"""Sessions of the smallest application: what passes, and what each fault is called."""

import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import devcluster
from devcluster import Cluster
from provisioner.models.session import Session
from provisioner.models.verifier import BackupVerifier
from provisioner.models.words import Cause, Outcome
from provisioner.pipeline import Request, run
from provisioner.progress import RestoreProgress
from provisioner.restores.pods import manifest
from tests.cluster.files_app import FilesApp, check
from tests.cluster.provisioner import Provisioner


def test_folder_of_the_node_comes_back(provisioner: Provisioner, app: FilesApp) -> None:
    ended = provisioner.run(app.verifier())
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["restores"][0]["bytes"] == len("hello")
    assert ended.check("the page is there")["saw"] == "hello"


@pytest.mark.parametrize("folder", ["", "site"])
def test_backup_of_a_relative_path_comes_back(
    provisioner: Provisioner, app: FilesApp, folder: str
) -> None:
    """Its snapshot names the same path as an absolute one, and has another tree."""
    app.write({"index.html": "hello", "new": "since"})
    app.back_up_relatively()
    where = f"/data/{folder}"
    count = check(f"cd {where} && echo *", "all of it", equals="index.html new")
    document = app.verifier(checks=[count])
    document["spec"]["restores"][0]["into"]["claim"]["subPath"] = folder
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["restores"][0]["files"] == 2


def test_folder_of_a_claim_gets_its_own_owner_and_mode(
    provisioner: Provisioner, app: FilesApp
) -> None:
    """Without them PostgreSQL, for one, does not start."""
    app.write({"index.html": "hello"})
    os.chown(app.data, 999, 999)
    app.data.chmod(0o700)
    app.back_up("session=2")
    whose = check("stat -c '%u:%g %a' /data/site", "whose it is", equals="999:999 700")
    document = app.verifier(checks=[whose])
    document["spec"]["restores"][0]["into"]["claim"]["subPath"] = "site"
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report


def test_truncated_file_is_found_by_its_check(provisioner: Provisioner, app: FilesApp) -> None:
    app.write({"index.html": "hel"})
    app.back_up("session=2")
    ended = provisioner.run(app.verifier())
    assert ended.verdict == ("Failed", "Check"), ended.report
    assert ended.report["message"].startswith("1 of 1 checks failed; the page is there:")
    assert ended.report["evidence"] == "booted"


def test_chart_that_reaches_out_of_the_sandbox(provisioner: Provisioner, app: FilesApp) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "test-reaches-out"},
        "rules": [],
    }
    ended = provisioner.run(app.verifier({"extra": role}))
    assert ended.verdict == ("Errored", "Configuration"), ended.report
    assert "ClusterRole/test-reaches-out (cluster-wide)" in ended.report["message"]
    assert "test-reaches-out" not in provisioner.kubectl.names("clusterroles")


def test_chart_that_opens_the_fence(provisioner: Provisioner, app: FilesApp) -> None:
    """Refused as it is; as a patch has it, its other rules are left to it."""
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web"},
        "spec": {"podSelector": {}, "egress": [{}], "ingress": [{}]},
    }
    document = app.verifier({"extra": policy})
    refused = provisioner.run(document)
    assert refused.verdict == ("Errored", "Configuration"), refused.report
    assert "NetworkPolicy/web (opens the way out)" in refused.report["message"]
    document["spec"]["application"]["patches"] = [
        {
            "target": {"kind": "NetworkPolicy", "name": "web"},
            "patch": [{"op": "remove", "path": "/spec/egress"}],
        }
    ]
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report


def test_interrupted_while_restic_writes(provisioner: Provisioner, app: FilesApp) -> None:
    (app.data / "large").write_bytes(os.urandom(400 * 1024 * 1024))
    app.back_up("session=2")
    ended = provisioner.interrupt(app.verifier(), "%)", signal.SIGINT)
    assert ended.verdict == ("Cancelled", None), ended.report
    assert ended.exit_code == 130
    assert ended.report["restores"][0]["state"] == "Failed"


def test_credentials_and_restores_are_gone_before_the_install(
    provisioner: Provisioner, app: FilesApp
) -> None:
    seen: dict[str, set[str]] = {}

    def look(_: object, sandbox: str) -> None:
        for kind in ("secrets", "pods", "networkpolicies"):
            seen[kind] = provisioner.kubectl.names(kind, "-n", sandbox)

    ended = provisioner.act(app.verifier(), "install: begins", look)
    assert ended.verdict == ("Passed", None), ended.report
    assert not [name for names in seen.values() for name in names if name.startswith("restore-")]
    assert "verify-sandbox-deny" in seen["networkpolicies"]


def test_sandbox_resolves_names_and_reaches_nothing_else(
    provisioner: Provisioner, app: FilesApp
) -> None:
    outside = "timeout 3 bash -c '</dev/tcp/10.96.0.1/443' 2>/dev/null && echo open || echo closed"
    name = "getent hosts kubernetes.default.svc.cluster.local >/dev/null && echo resolved"
    checks = [check(outside, "outside", equals="closed"), check(name, "name", equals="resolved")]
    ended = provisioner.run(app.verifier(checks=checks))
    assert ended.verdict == ("Passed", None), ended.report


def owned(mode: str) -> dict[str, Any]:
    """Values of an application that, as PostgreSQL does, wants its folder for itself alone."""
    strict = f'[ "$(stat -c %a /data/database)" = {mode} ] && exec sleep infinity; exit 1'
    context = {"fsGroup": 2000, "fsGroupChangePolicy": "OnRootMismatch"}
    return {"command": strict, "podSecurityContext": context}


def test_modes_survive_the_workloads_group(provisioner: Provisioner, app: FilesApp) -> None:
    """The restore's pod has the group, so the kubelet leaves the data alone."""
    app.write({"database/page": "data"})
    (app.data / "database").chmod(0o700)
    app.back_up("session=2")
    ended = provisioner.run(app.verifier(owned("700")))
    assert ended.verdict == ("Passed", None), ended.report


async def test_without_the_workloads_group_modes_are_lost(
    app: FilesApp, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kubelet makes the folder 2770 at the first mount: the fault that the group is for."""
    app.write({"database/page": "data"})
    (app.data / "database").chmod(0o700)
    app.back_up("session=2")
    monkeypatch.setattr(manifest, "_pod_security", lambda workload: {"runAsUser": 0})
    report = await run(_request(app.verifier(owned("700")), cluster), _NoStore(), _NoObserver())
    assert (report.outcome, report.cause) == (Outcome.FAILED, Cause.APPLICATION), report


def _request(document: dict[str, Any], cluster: Cluster) -> Request:
    return Request(
        verifier=BackupVerifier.model_validate(document),
        document=Path("verifier.yaml"),
        kubeconfig=cluster.kubeconfig,
        helm=str(devcluster.binary("helm4")),
        restic=str(devcluster.binary("restic")),
    )


class _NoStore:
    def save(self, session: Session) -> None: ...

    def load(self, session_id: str) -> Session:
        raise KeyError(session_id)

    def list(self) -> list[Session]:
        return []

    def remove(self, session_id: str) -> None: ...


class _NoObserver:
    def record(self, session: Session) -> None: ...

    def restoring(self, progress: RestoreProgress) -> None: ...

    def note(self, text: str) -> None: ...

    def kept(self, until: datetime) -> None: ...
