"""What waits until a dump is loaded, and how it is let go."""

from typing import Any

import pytest

from provisioner.helm.patches import apply_all
from provisioner.restores.held import HELD, held


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
    assert apply_all([workload], [found.patch])[0]["spec"] == waits
    assert found.release == {"spec": goes}


def test_the_service_runs_and_hooks_are_helms() -> None:
    hook = one("Job") | {"metadata": {"name": "h", "annotations": {"helm.sh/hook": "post-install"}}}
    others = [{"kind": "Service", "metadata": {"name": "x"}}, hook, one("StatefulSet")]
    assert held(others, ["StatefulSet/x"]) == []
