"""The fence's own chart, as both Helms read it; no cluster is asked."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import devcluster
from provisioner.helm.charts import sandbox_chart
from tests.cluster.kube import environment

CLAIM = {
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "2Gi"}},
    "storageClassName": "fast",
    "volumeMode": "Filesystem",
}
WITHOUT_SIZE = {"accessModes": ["ReadWriteOnce"]}


@pytest.fixture(params=["helm4", "helm3"])
def helm(request: pytest.FixtureRequest) -> Path:
    return devcluster.binary(request.param)


def ran(
    helm: Path, *arguments: str, values: Mapping[str, Any]
) -> "subprocess.CompletedProcess[str]":
    argv = [str(helm), *arguments, str(sandbox_chart()), "--values", "-"]
    return subprocess.run(
        argv, input=json.dumps(values), capture_output=True, text=True, check=False,
        env=environment(),
    )  # fmt: skip


TEMPLATE = ("template", "verify-sandbox", "--kube-version", "1.34.4")
"""Helm 3 as it is built here thinks of an older cluster."""


def rendered(helm: Path, **values: Any) -> list[dict[str, Any]]:
    done = ran(helm, *TEMPLATE, values=values)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def test_it_is_well_formed(helm: Path) -> None:
    for values in ({}, {"claims": {"data": CLAIM}}):
        done = ran(helm, "lint", "--strict", values=values)
        assert done.returncode == 0, done.stdout + done.stderr


def test_claims_are_made_as_they_are_given(helm: Path) -> None:
    made = rendered(helm, claims={"data": CLAIM, "wal": CLAIM})
    claims = [one for one in made if one["kind"] == "PersistentVolumeClaim"]
    assert [(one["metadata"]["name"], one["spec"]) for one in claims] == [
        ("data", CLAIM),
        ("wal", CLAIM),
    ]
    assert claims[0]["metadata"]["labels"]["app.kubernetes.io/name"] == "verify-sandbox"


def test_without_them_there_is_the_fence_alone(helm: Path) -> None:
    kinds = sorted({one["kind"] for one in rendered(helm)})
    assert kinds == ["LimitRange", "NetworkPolicy", "ResourceQuota", "ServiceAccount"]


@pytest.mark.parametrize(
    "claims",
    [
        {"data": WITHOUT_SIZE},
        {"Data": CLAIM},
        {"data": CLAIM | {"volumeName": "pvc-of-production"}},
        {"data": CLAIM | {"dataSource": {"kind": "VolumeSnapshot", "name": "a"}}},
    ],
)
def test_what_is_no_empty_claim_is_refused(helm: Path, claims: dict[str, Any]) -> None:
    done = ran(helm, *TEMPLATE, values={"claims": claims})
    assert done.returncode != 0
    assert "values don't meet the specifications" in done.stderr
