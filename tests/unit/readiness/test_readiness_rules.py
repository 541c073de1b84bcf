"""Each kind's rule, ready and not ready, on hand-made objects."""

from typing import Any

import pytest
from readiness_objects import (
    READY,
    condition,
    endpoint_slice,
    made,
    observed,
    pod,
    service,
    workload,
)

from provisioner.models.base import HELD
from provisioner.readiness.rules import judge, status

FULL = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
TWO = {"replicas": 2}


def deployment(**changes: int) -> dict[str, Any]:
    return workload("Deployment", spec=TWO, **{**FULL, **changes})


def stateful_set(spec: dict[str, Any] | None = None, **changes: int) -> dict[str, Any]:
    return workload("StatefulSet", spec={**TWO, **(spec or {})}, **{**FULL, **changes})


def daemon_set(spec: dict[str, Any] | None = None, **changes: int) -> dict[str, Any]:
    full = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberReady": 2}
    return workload("DaemonSet", spec=spec, **{**full, **changes})


def job(spec: dict[str, Any] | None = None, *conditions: dict[str, Any]) -> dict[str, Any]:
    return made("batch/v1", "Job", "setup", spec, conditions=list(conditions))


def bare_pod(phase: str, *, ready: bool = False) -> dict[str, Any]:
    return pod("alone", phase=phase, owner=None, conditions=READY if ready else [])


def claim(phase: str) -> dict[str, Any]:
    return made("v1", "PersistentVolumeClaim", "data", phase=phase)


ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}
PARTITION = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}


@pytest.mark.parametrize(
    ("one", "ready", "reason"),
    [
        (deployment(), True, "2 of 2 ready"),
        (deployment(readyReplicas=1), False, "1 of 2 ready"),
        (deployment(updatedReplicas=1), False, "1 of 2 updated"),
        (deployment(replicas=3), False, "old replicas are still there"),
        (deployment(observedGeneration=1), False, "not looked at yet by its controller"),
        (workload("Deployment", spec={"replicas": 0}), True, "0 of 0 ready"),
        (workload("Deployment", updatedReplicas=1), False, "0 of 1 ready"),
        (stateful_set(), True, "2 of 2 ready"),
        (stateful_set(readyReplicas=1), False, "1 of 2 ready"),
        (stateful_set(updatedReplicas=1), False, "1 of 2 updated"),
        (stateful_set(ON_DELETE, updatedReplicas=0), True, "2 of 2 ready"),
        (stateful_set(ON_DELETE, readyReplicas=0), False, "0 of 2 ready"),
        (stateful_set(PARTITION, updatedReplicas=1), True, "2 of 2 ready"),
        (stateful_set(PARTITION, updatedReplicas=0), False, "0 of 1 updated"),
        (stateful_set(observedGeneration=1), False, "not looked at yet by its controller"),
        (daemon_set(), True, "2 of 2 ready"),
        (daemon_set(numberReady=1), False, "1 of 2 ready"),
        (daemon_set(updatedNumberScheduled=1), False, "1 of 2 updated"),
        (daemon_set(ON_DELETE, updatedNumberScheduled=0), True, "2 of 2 ready"),
        (daemon_set(observedGeneration=1), False, "not looked at yet by its controller"),
        (job(None, condition("Complete")), True, "complete"),
        (job(None, condition("SuccessCriteriaMet")), True, "complete"),
        (job(None), False, "not complete"),
        (job({"suspend": True}), True, "suspended"),
        (job(None, condition("Failed", message="backoff")), False, "failed: backoff"),
        (bare_pod("Running", ready=True), True, "ready"),
        (bare_pod("Running"), False, "running, not ready"),
        (bare_pod("Pending"), False, "pending, not ready"),
        (bare_pod("Succeeded"), True, "succeeded"),
        (bare_pod("Failed"), False, "failed"),
        (claim("Bound"), True, "bound"),
        (claim("Pending"), True, "not bound, and no pod mounts it"),
        (claim("Lost"), False, "lost its volume"),
    ],
)
def test_an_object_is_ready_by_its_kinds_rule(one: Any, ready: bool, reason: str) -> None:
    seen = status(one, observed([one]))
    assert (seen.ready, seen.reason) == (ready, reason)


def test_what_is_not_there_yet_is_not_ready() -> None:
    seen = judge(observed([deployment()], absent=True))
    assert [str(one) for one in seen] == ["Deployment/web: not created yet"]


def test_what_is_held_back_lacks_nothing_and_is_not_ready() -> None:
    one = workload("Deployment", spec={"replicas": 0})
    one["metadata"]["annotations"] = {HELD: "true"}
    seen = status(one, observed([one]))
    assert (seen.ready, seen.reason) == (False, "held back")


def test_kinds_without_a_rule_are_left_to_helm() -> None:
    others = [
        made("v1", "ConfigMap", "a"),
        made("batch/v1", "CronJob", "c"),
        made("networking.k8s.io/v1", "Ingress", "d"),
    ]
    assert judge(observed(others, absent=True)) == []


def test_a_claim_that_a_pod_mounts_must_be_bound() -> None:
    mounting = pod("web-1", phase="Pending")
    mounting["spec"]["volumes"] = [{"persistentVolumeClaim": {"claimName": "data"}}]
    assert not status(claim("Pending"), observed([claim("Pending")], mounting)).ready


@pytest.mark.parametrize(
    ("release", "others", "ready", "reason"),
    [
        ([service()], [endpoint_slice("web", ready=True)], True, "has a ready endpoint"),
        ([service(), deployment()], [], False, "no ready endpoint"),
        ([service()], [pod("web-1")], False, "no ready endpoint"),
        ([service()], [pod("web-1"), endpoint_slice("web", ready=False)], False, "no ready"),
        ([service()], [pod("web-1", phase="Succeeded")], True, "selects no pod"),
        ([service()], [endpoint_slice("other", ready=True)], True, "selects no pod"),
        ([service(), workload("Deployment", spec={"replicas": 0})], [], True, "selects no pod"),
        ([service(selector={"app": "b"}), deployment()], [], True, "selects no pod"),
        ([made("v1", "Service", "web")], [], True, "has no selector"),
        ([service(type="ExternalName"), deployment()], [], True, "has no selector"),
    ],
)
def test_a_service_needs_a_ready_endpoint_when_it_selects_pods(
    release: list[Any], others: list[Any], ready: bool, reason: str
) -> None:
    seen = status(release[0], observed(release, *others))
    assert seen.ready is ready
    assert reason in seen.reason
