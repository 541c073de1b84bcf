"""What is given up on, and what is waited for."""

from typing import Any

import pytest
from readiness_objects import (
    condition,
    container,
    event,
    made,
    observed,
    pod,
    service,
    waits,
    workload,
)

from provisioner.errors import ApplicationError, CapacityError, ChartError, ClusterError
from provisioner.patience import Patience, Trouble
from provisioner.readiness.ends import LAG
from provisioner.readiness.trouble import (
    PATIENT_RESTARTS,
    PULL_GRACE,
    QUOTA_GRACE,
    SCHEDULING_GRACE,
    find_troubles,
)

WEB = workload("Deployment", spec={"replicas": 1}, replicas=1)
BACK_OFF = waits("CrashLoopBackOff", "back-off 40s")
FAILED = {"exitCode": 1, "reason": "Error"}
KILLED = {"exitCode": 137, "reason": "OOMKilled"}


def troubles(*others: Any, release: list[Any] | None = None) -> list[Trouble]:
    return find_troubles(observed(release or [WEB], *others))


@pytest.mark.parametrize(
    "fine",
    [
        pod("web-1", container()),
        pod("web-1", container(waits("ContainerCreating")), phase="Pending"),
        pod("web-1", container(waits("PodInitializing")), phase="Pending"),
        pod("web-1", container(BACK_OFF, restarts=1, last=FAILED)),
        pod("web-1", container(BACK_OFF, restarts=2, last=FAILED)),
        pod("web-1", container({"terminated": KILLED}, restarts=1)),
        pod("web-1", phase="Pending"),
        pod("web-1", container(BACK_OFF, restarts=9, last=FAILED), owner="Job"),
        pod("web-1", container(BACK_OFF, restarts=9, last=FAILED), owner=None),
    ],
)
def test_what_may_mend_is_no_trouble(fine: Any) -> None:
    assert troubles(fine) == []


def test_our_own_pods_and_those_on_their_way_out_are_no_trouble() -> None:
    ours = pod("web-1", container(BACK_OFF, restarts=9, last=FAILED))
    ours["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "provisioner"
    going = pod("web-2", container(BACK_OFF, restarts=9, last=FAILED))
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert troubles(ours, going) == []


@pytest.mark.parametrize(
    ("state", "grace"),
    [
        (waits("ErrImagePull", "dial tcp: timeout"), PULL_GRACE),
        (waits("ImagePullBackOff", "Back-off pulling image"), PULL_GRACE),
        (waits("ErrImagePull", "registry.test/x:1: not found"), 0.0),
        (waits("InvalidImageName", "couldn't parse"), 0.0),
    ],
)
def test_an_image_that_cannot_be_pulled_is_the_charts_fault(state: Any, grace: float) -> None:
    (one,) = troubles(pod("web-1", container(state), phase="Pending"))
    assert isinstance(one.error, ChartError)
    assert one.error.message.startswith("image example/app:1 cannot be pulled: ")
    assert one.grace == grace


def test_pull_errors_and_back_offs_are_one_trouble() -> None:
    first = troubles(pod("web-1", container(waits("ErrImagePull", "timeout"))))
    then = troubles(pod("web-1", container(waits("ImagePullBackOff", "Back-off"))))
    assert first[0].key == then[0].key


def test_a_container_without_its_secret_is_the_charts_fault() -> None:
    state = waits("CreateContainerConfigError", 'secret "blog-db" not found')
    (one,) = troubles(pod("web-1", container(state), phase="Pending"))
    assert isinstance(one.error, ChartError)
    assert 'secret "blog-db" not found' in one.error.message
    assert "copySecrets" in one.error.hint


def test_a_volume_without_its_secret_is_the_charts_fault() -> None:
    message = 'MountVolume.SetUp failed for volume "c" : secret "blog-db" not found'
    mount = event("Pod", "web-1", "FailedMount", message)
    (one,) = troubles(pod("web-1", container(waits("ContainerCreating")), phase="Pending"), mount)
    assert isinstance(one.error, ChartError)
    assert troubles(pod("web-1", container()), mount) == []


def test_a_container_that_ends_again_and_again_is_the_applications_fault() -> None:
    (one,) = troubles(pod("web-1", container(BACK_OFF, restarts=3, last=FAILED)))
    assert isinstance(one.error, ApplicationError)
    assert "container main of pod web-1 ends again and again" in one.error.message
    assert "3 restarts: exit code 1" in one.error.message


def test_a_program_that_is_not_there_is_the_charts_fault() -> None:
    end = {"exitCode": 128, "reason": "StartError", "message": "exec: no such file"}
    (one,) = troubles(pod("web-1", container(BACK_OFF, restarts=3, last=end)))
    assert isinstance(one.error, ChartError)


def test_who_names_a_service_that_is_not_ready_may_crash_for_longer() -> None:
    database = workload("StatefulSet", "db", {"replicas": 1}, replicas=1)
    release = [WEB, database, service("db")]

    def crashing(restarts: int) -> Any:
        one = pod("web-1", container(BACK_OFF, restarts=restarts, last=FAILED))
        one["spec"]["containers"][0]["env"] = [{"name": "DB_HOST", "value": "db:3306"}]
        return one

    assert troubles(crashing(3), release=release) == []
    (one,) = troubles(crashing(PATIENT_RESTARTS), release=release)
    assert "it may wait for Service db" in one.error.message


@pytest.mark.parametrize(("db_container", "patient"), [(None, True), (BACK_OFF, False)])
def test_who_crashes_while_another_comes_up_may_do_so_for_longer(
    db_container: Any, patient: bool
) -> None:
    """Its database's name may stand in a ConfigMap, where no rule sees it."""
    selects_db = {"replicas": 1, "selector": {"matchLabels": {"app": "db"}}}
    database = workload("StatefulSet", "db", selects_db, replicas=1)
    db = pod("db-0", container(db_container or waits("PodInitializing")), owner="StatefulSet")
    db["metadata"]["labels"] = {"app": "db"}
    crashing = pod("web-1", container(BACK_OFF, restarts=3, last=FAILED))
    found = troubles(crashing, db, release=[WEB, database])
    assert [one.key[1] for one in found] == ([] if patient else ["web-1"])


def test_nobody_waits_for_itself() -> None:
    own = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}}
    crashing = pod("web-1", container(BACK_OFF, restarts=3, last=FAILED))
    crashing["metadata"]["labels"] = {"app": "web"}
    assert len(troubles(crashing, release=[workload("Deployment", "web", own, replicas=1)])) == 1


def test_a_database_does_not_wait_for_its_own_service() -> None:
    database = workload("StatefulSet", "db", {"replicas": 1}, replicas=1)
    one = pod("db-0", container(BACK_OFF, restarts=3, last=FAILED), owner="StatefulSet")
    one["spec"]["containers"][0]["args"] = ["--name", "db"]
    assert len(troubles(one, release=[database, service("db")])) == 1


def test_killed_for_memory_again_and_again_is_capacity() -> None:
    one = pod("web-1", container(BACK_OFF, restarts=2, last=KILLED))
    one["spec"]["containers"][0]["resources"] = {"limits": {"memory": "64Mi"}}
    (found,) = troubles(one)
    assert isinstance(found.error, CapacityError)
    assert "more memory than 64Mi" in found.error.message


def test_a_pod_that_no_node_takes_gets_a_grace() -> None:
    unschedulable = condition(
        "PodScheduled", "False", reason="Unschedulable", message="0/1 nodes: Insufficient cpu"
    )
    (one,) = troubles(pod("web-1", phase="Pending", conditions=[unschedulable]))
    assert isinstance(one.error, CapacityError)
    assert "Insufficient cpu" in one.error.message
    assert one.grace == SCHEDULING_GRACE


def test_an_evicted_pod_is_capacity() -> None:
    one = pod("web-1", phase="Failed", reason="Evicted", message="low on ephemeral-storage")
    (found,) = troubles(one)
    assert isinstance(found.error, CapacityError)


def test_a_bare_pod_or_a_job_of_the_release_that_fails_is_the_applications_fault() -> None:
    alone = pod("alone", container({"terminated": FAILED}), phase="Failed", owner=None)
    (one,) = troubles(release=[alone])
    assert isinstance(one.error, ApplicationError)
    assert "exit code 1" in one.error.message
    ended = pod("setup-x1y2z", container({"terminated": FAILED}), phase="Failed", owner="Job")
    (one,) = troubles(ended, release=[failed_job()])
    assert isinstance(one.error, ApplicationError)
    assert "Job setup failed: BackoffLimit" in one.error.message
    assert one.grace == 0


def failed_job(why: str = "BackoffLimitExceeded", kind: str = "Failed", **pod_spec: Any) -> Any:
    spec = {"template": {"spec": {"restartPolicy": "Never", **pod_spec}}}
    said = condition(kind, reason=why, message=why)
    return made("batch/v1", "Job", "setup", spec, conditions=[said])


REJECTED = {"reason": "OutOfcpu", "message": "Node didn't have enough resource: cpu"}
UNEXPECTED = {"reason": "UnexpectedAdmissionError", "message": "no device"}
DRAINED = {"conditions": [condition("DisruptionTarget", reason="EvictionByEvictionAPI")]}
NO_NODE = condition("PodScheduled", "False", reason="Unschedulable", message="no cpu")


@pytest.mark.parametrize(
    ("containers", "status", "kind"),
    [
        ([container({"terminated": KILLED})], {}, CapacityError),
        ([container(BACK_OFF, restarts=1, last=KILLED)], {}, CapacityError),
        ([container({"terminated": FAILED})], {"reason": "Evicted"}, CapacityError),
        ([container({"terminated": FAILED})], DRAINED, ClusterError),
        ([], REJECTED, CapacityError),
        ([], UNEXPECTED, ClusterError),
    ],
)
def test_what_a_job_or_a_bare_pod_did_not_do_itself_is_not_its_fault(
    containers: list[Any], status: Any, kind: type[Exception]
) -> None:
    alone = pod("alone", *containers, phase="Failed", owner=None, **status)
    (one,) = troubles(release=[alone])
    assert type(one.error) is kind
    own = pod("setup-x1y2z", *containers, phase="Failed", owner="Job", **status)
    found = troubles(own, release=[failed_job()])
    assert {type(one.error) for one in found} == {kind}


@pytest.mark.parametrize("kind", ["Failed", "FailureTarget"])
def test_a_job_whose_time_ran_out_before_a_node_took_its_pod_is_capacity(kind: str) -> None:
    late = failed_job("DeadlineExceeded", kind)
    waiting_pod = pod("setup-x1y2z", phase="Pending", owner="Job", conditions=[NO_NODE])
    first = troubles(waiting_pod, release=[late])
    assert {type(one.error) for one in first} == {CapacityError}
    scheduling = event("Pod", "setup-x1y2z", "FailedScheduling", "no cpu")
    (then,) = troubles(scheduling, release=[late])
    assert type(then.error) is CapacityError
    assert then.error.message == "Job setup failed: DeadlineExceeded; no node took its pod: no cpu"


@pytest.mark.parametrize(
    ("others", "why", "kind"),
    [
        ([event("Pod", "setup-x1y2z", "Started", "")], "DeadlineExceeded", ApplicationError),
        ([event("Pod", "setup-0-x1y2z", "Started", "")], "DeadlineExceeded", ApplicationError),
        ([event("Pod", "setup-db-x1y2z", "Started", "")], "DeadlineExceeded", ClusterError),
        ([event("Pod", "setup-x1y2z", "Started", "")], "BackoffLimitExceeded", ClusterError),
        ([event("Job", "setup", "FailedCreate", "exceeded quota: x")], "Deadline", CapacityError),
        ([pod("setup-x1y2z", container(), owner="Job")], "DeadlineExceeded", ApplicationError),
        ([], "DeadlineExceeded", ClusterError),
    ],
)
def test_a_job_whose_pods_are_gone_is_told_by_their_events(
    others: list[Any], why: str, kind: type[Exception]
) -> None:
    found = [one for one in troubles(*others, release=[failed_job(why)]) if one.key[0] == "job"]
    assert [type(one.error) for one in found] == [kind]
    assert found[0].grace == LAG


NO_QUOTA = 'pods "web-1" is forbidden: exceeded quota: verify, requested: limits.memory=1Gi'
NOT_SECURE = 'pods "web-1" is forbidden: violates PodSecurity "baseline:latest": hostPath'


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (NO_QUOTA, CapacityError),
        ("pods is forbidden: maximum memory usage per Container is 1Gi", CapacityError),
        (NOT_SECURE, ChartError),
        ("Internal error occurred: no webhook", ClusterError),
    ],
)
def test_pods_that_cannot_be_created_say_why(message: str, kind: type[Exception]) -> None:
    short = workload("Deployment", spec={"replicas": 1})
    failed = event("ReplicaSet", "web-6f7d", "FailedCreate", message)
    (one,) = troubles(failed, release=[short])
    assert type(one.error) is kind
    assert one.grace == QUOTA_GRACE


@pytest.mark.parametrize(
    "enough",
    [
        WEB,
        workload("StatefulSet", spec={"replicas": 3}, replicas=1, readyReplicas=0),
        made("batch/v1", "Job", "web", active=1),
        workload("DaemonSet", currentNumberScheduled=1, desiredNumberScheduled=1),
    ],
)
def test_an_old_event_is_no_trouble_once_there_are_pods(enough: Any) -> None:
    about = ("ReplicaSet", "web-6f") if enough["kind"] == "Deployment" else (enough["kind"], "web")
    assert troubles(event(*about, "FailedCreate", NO_QUOTA), release=[enough]) == []


def test_capacity_comes_before_anything_else() -> None:
    crashed = pod("web-1", container(BACK_OFF, restarts=3, last=FAILED))
    evicted = pod("web-2", phase="Failed", reason="Evicted")
    assert isinstance(troubles(crashed, evicted)[0].error, CapacityError)


def test_patience_lasts_as_long_as_the_grace_and_begins_anew() -> None:
    error = ChartError("x")
    trouble, patience = Trouble(("a",), error, grace=10.0), Patience()
    assert patience.worn_out([trouble], 100.0) is None
    assert patience.worn_out([trouble], 109.9) is None
    assert patience.worn_out([], 109.95) is None
    assert patience.worn_out([trouble], 110.0) is None
    assert patience.worn_out([trouble], 120.0) is error
    assert Patience().worn_out([Trouble(("b",), error)], 0.0) is error
