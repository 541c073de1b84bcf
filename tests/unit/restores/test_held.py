"""What waits until a dump is loaded, and how it is let go."""

from typing import Any

import pytest

from provisioner.helm.patches import apply_all
from provisioner.models.base import HELD
from provisioner.restores.held import held


def one(kind: str, **spec: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "x"}, "spec": spec}


@pytest.mark.parametrize(
    ("workload", "waits", "goes"),
    [
        (one("Deployment"), {"replicas": 0}, {"replicas": 1}),
        (one("StatefulSet", replicas=3), {"replicas": 0}, {"replicas": 3}),
        (one("CronJob", suspend=True), {"suspend": True}, {"suspend": True}),
        (one("Job"), {"suspend": True}, {"suspend": False}),
        (
            one("DaemonSet", template={"spec": {"nodeSelector": {"a": "b"}}}),
            {"template": {"spec": {"nodeSelector": {"a": "b", HELD: "true"}}}},
            {"template": {"spec": {"nodeSelector": {HELD: None}}}},
        ),
        (one("Pod"), {"schedulingGates": [{"name": HELD}]}, {"schedulingGates": None}),
    ],
)
def test_every_kind_that_makes_pods_waits(
    workload: dict[str, Any], waits: dict[str, Any], goes: dict[str, Any]
) -> None:
    (found,) = held([workload], [])
    (patched,) = apply_all([workload], [found.patch])
    assert patched["spec"] == waits
    assert patched["metadata"]["annotations"] == {HELD: "true"}
    assert found.release == {"metadata": {"annotations": {HELD: None}}, "spec": goes}


def test_what_runs_is_stopped_by_the_same_fields() -> None:
    running = one("Deployment", replicas=3)
    running["metadata"]["annotations"] = {"own": "kept"}
    (found,) = held([running], [])
    assert found.stop == {
        "metadata": {"annotations": {HELD: "true"}},  # merged: others stay
        "spec": {"replicas": 0},
    }


def test_claims_that_would_go_with_the_replicas_stay() -> None:
    policy = {"whenScaled": "Delete", "whenDeleted": "Delete"}
    (found,) = held(
        [one("StatefulSet", replicas=2, persistentVolumeClaimRetentionPolicy=policy)], []
    )
    assert found.stop["spec"] == {
        "replicas": 0,
        "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Retain"},
    }
    assert found.release["spec"] == {
        "replicas": 2,
        "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"},
    }


def test_the_service_runs_and_hooks_are_helms() -> None:
    hook = one("Job") | {"metadata": {"name": "h", "annotations": {"helm.sh/hook": "post-install"}}}
    others = [{"kind": "Service", "metadata": {"name": "x"}}, hook, one("StatefulSet")]
    assert held(others, ["StatefulSet/x"]) == []
