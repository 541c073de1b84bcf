"""Faults of the chart, of what it makes, and of the cluster's room for it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.files_app import CHART, FilesApp
from tests.cluster.provisioner import Ended, Provisioner
from tests.faults.demand import demand
from tests.faults.scenes import job, patched, states, with_patch

HELM4 = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)


def chart_with(folder: Path, template: str) -> Path:
    """The application's chart with one template more."""
    chart = folder / "chart"
    for path in [one for one in CHART.rglob("*") if one.is_file()]:
        copy = chart / path.relative_to(CHART)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (chart / "templates" / "more.yaml").write_text(template)
    return chart


def test_chart_that_does_not_render(
    provisioner: Provisioner, app: FilesApp, tmp_path: Path
) -> None:
    document = app.verifier()
    chart = chart_with(tmp_path, '{{ required "a host is needed" .Values.host }}\n')
    document["spec"]["application"]["chart"]["path"] = str(chart)
    ended = provisioner.run(document)
    demand(ended, "Errored", "Chart", r"the chart does not render: .*a host is needed.*")
    assert "sandbox" not in states(ended.report)


def test_chart_whose_hook_fails(provisioner: Provisioner, app: FilesApp) -> None:
    hook = job("echo cannot migrate version 7; exit 1", hook="post-install")
    ended = provisioner.run(app.verifier({"extra": hook}))
    said = "(job one failed: BackoffLimitExceeded|resource Job/.*/one not ready.*Job Failed.*)"
    sentence = f"the chart does not install: .*failed post-install: .*{said}"
    demand(ended, "Inconclusive", "Chart", sentence)
    assert ended.report["hint"] == "look at what the hook does with the restored data"
    assert "  cannot migrate version 7" in ended.report["diagnosis"]


@HELM4
def test_pod_that_crashes(provisioner: Provisioner, app: FilesApp) -> None:
    crash = {"command": "echo the disk is on fire >&2; exit 3"}
    ended = provisioner.run(app.verifier(crash, readiness={"timeout": "3m"}))
    sentence = r"container web of pod web-\S+ ends again and again, 3 restarts: exit code 3"
    demand(ended, "Failed", "Application", sentence)
    demand_what_an_expert_would_look_up(provisioner, ended)


def demand_what_an_expert_would_look_up(provisioner: Provisioner, ended: Ended) -> None:
    """Log, exit code, events and claim: in the report, and shown of the recorded session."""
    diagnosis = "\n".join(ended.report["diagnosis"])
    for words in (
        "Deployment/web: 0 of 1 ready",
        "container web: waiting, CrashLoopBackOff",
        "before that: exit code 3",
        "claim web-files: Bound 100Mi",
        "event BackOff",
        "log of web, the run before:",
        "    the disk is on fire",
    ):
        assert words in diagnosis, diagnosis
    shown = provisioner.call("show", ended.report["id"])
    assert shown.returncode == 0
    assert "the disk is on fire" in shown.stdout
    assert "event BackOff" in shown.stdout
    recorded = json.loads(provisioner.call("report", ended.report["id"]).stdout)
    assert recorded["diagnosis"] == ended.report["diagnosis"]


@dataclass(frozen=True)
class Trouble:
    """Something wrong with the container, and what it is called."""

    container: dict[str, Any]
    cause: str
    sentence: str


HUNGRY = {
    "command": ["bash", "-c", "tail /dev/zero; exit $?"],
    "resources": {"limits": {"memory": "16Mi"}},
}
TROUBLES = {
    "image": Trouble(
        {"image": "localhost/nowhere:dev"},
        "Chart",
        r"image localhost/nowhere:dev cannot be pulled: .*",
    ),
    "configuration": Trouble(
        {"envFrom": [{"secretRef": {"name": "nowhere"}}]},
        "Chart",
        r'container web of pod web-\S+ cannot be configured: secret "nowhere" not found',
    ),
    "memory": Trouble(
        HUNGRY,
        "Capacity",
        r"container web of pod web-\S+ was killed \d+ times for using more memory than 16Mi",
    ),
}


@HELM4
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_what_will_not_mend_by_itself(
    provisioner: Provisioner, app: FilesApp, trouble: Trouble
) -> None:
    """Told long before the time for readiness is over, and never the backup's fault."""
    document = app.verifier(readiness={"timeout": "10m"}, timeout="15m")
    path = "/spec/template/spec/containers/0"
    operations = [
        {"op": "add", "path": f"{path}/{key}", "value": value}
        for key, value in trouble.container.items()
    ]
    target = {"kind": "Deployment", "name": "web"}
    document["spec"]["application"]["patches"] = [{"target": target, "patch": operations}]
    demand(provisioner.run(document), "Errored", trouble.cause, trouble.sentence)


@HELM4
def test_pod_that_never_fits_the_cluster(provisioner: Provisioner, app: FilesApp) -> None:
    huge = {"requests": {"cpu": "1000"}}
    quota = {"quota": {"requests.cpu": "2000"}}
    document = patched(app, "/containers/0/resources", huge, sandbox=quota)
    ended = provisioner.run(document)
    sentence = r"no node takes pod web-\S+: 0/1 nodes are available: 1 Insufficient cpu.*"
    demand(ended, "Errored", "Capacity", sentence)
    assert states(ended.report)["restore"] == "Done"


@HELM4
@pytest.mark.parametrize(
    ("quota", "phase", "sentence"),
    [
        ({"pods": "0"}, "restore", r"the restore's pod is refused: .*exceeded quota.*pods=1.*"),
        (
            {"persistentvolumeclaims": "0"},
            "restore",
            r"the API server refused .*exceeded quota.*persistentvolumeclaims=1.*",
        ),
        (
            {"requests.cpu": "200m"},
            "ready",
            r"Deployment web cannot create its pods: .*exceeded quota.*requests\.cpu=250m.*",
        ),
    ],
    ids=["pod", "claim", "application"],
)
def test_quota_too_small(
    provisioner: Provisioner, app: FilesApp, quota: dict[str, str], phase: str, sentence: str
) -> None:
    """For the restore's pod, for its claim, and only for the application's pod."""
    requests = {"requests": {"cpu": "250m"}}
    document = patched(app, "/containers/0/resources", requests, sandbox={"quota": quota})
    ended = provisioner.run(document)
    demand(ended, "Errored", "Capacity", sentence)
    assert ended.report["hint"] == "sandbox.quota and sandbox.limits set the room"
    assert states(ended.report)[phase] == "Failed"


@HELM4
def test_storage_class_missing(provisioner: Provisioner, app: FilesApp) -> None:
    target = "PersistentVolumeClaim/web-files"
    ended = provisioner.run(with_patch(app, target, "/spec/storageClassName", "nowhere"))
    sentence = "claim web-files asks for storage class 'nowhere', which this cluster does not have"
    demand(ended, "Errored", "Configuration", sentence)
    assert "its storage classes: " in ended.report["hint"]
    assert "sandbox" not in states(ended.report)
