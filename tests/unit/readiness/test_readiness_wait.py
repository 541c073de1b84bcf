"""What the deadline means, what is waited for, and what a diagnosis says."""

from typing import Any

import pytest
from readiness_objects import (
    READY,
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

from provisioner import verdict
from provisioner.errors import (
    ApplicationError,
    CapacityError,
    ClusterError,
    DeadlineExceededError,
    LateError,
    NothingRunsError,
)
from provisioner.models.words import Outcome
from provisioner.readiness.diagnosis import _with_hints, container_state, pod_lines
from provisioner.readiness.lookout import watched_kinds
from provisioner.readiness.rules import judge
from provisioner.readiness.settle import SETTLE, SETTLE_AGAIN, Settling
from provisioner.readiness.starts import Starts, works
from provisioner.readiness.state import Observed
from provisioner.readiness.wait import (
    _until_ready,
    late,
    released,
    something_ran,
    too_young,
    waiting_for,
)

WEB = workload("Deployment", spec={"replicas": 1}, replicas=1, updatedReplicas=1)
CREATING = container(waits("ContainerCreating"))


def test_who_runs_and_is_not_ready_in_time_may_be_slow() -> None:
    error = late(observed([WEB], pod("web-1", container())), 60)
    assert type(error) is LateError
    assert verdict.of_error(error).outcome is Outcome.INCONCLUSIVE
    assert error.message == (
        "the application was not ready within 60 s: Deployment/web: 0 of 1 ready"
    )


@pytest.mark.parametrize(
    "one",
    [
        container(restarts=1),
        container(waits("CrashLoopBackOff"), restarts=3, last={"exitCode": 1}),
        container({"terminated": {"exitCode": 2}}),
    ],
)
def test_who_ended_badly_and_is_not_ready_in_time_is_the_applications_fault(one: Any) -> None:
    assert type(late(observed([WEB], pod("web-1", one)), 60)) is ApplicationError


def with_init(state: Any, main: Any) -> Any:
    one = pod("web-1", {**container(state), "name": "init"}, main, phase="Pending")
    one["spec"]["initContainers"] = [{"name": "init"}]
    return one


@pytest.mark.parametrize(
    ("state", "main", "kind"),
    [
        ({"terminated": {"exitCode": 0}}, CREATING, ClusterError),
        ({"running": {}}, CREATING, LateError),
        ({"terminated": {"exitCode": 1}}, CREATING, ApplicationError),
        ({"terminated": {"exitCode": 0}}, container(), LateError),
    ],
)
def test_an_init_container_that_is_done_did_not_try_the_application(
    state: Any, main: Any, kind: type[Exception]
) -> None:
    assert type(late(observed([WEB], with_init(state, main)), 60)) is kind


def job_pod(name: str) -> Any:
    return pod(name, container(), owner="Job", conditions=READY)


@pytest.mark.parametrize(
    ("before", "after", "young"),
    [
        (pod("web-1", CREATING, phase="Pending"), pod("web-1", container()), True),
        (pod("web-1", container()), pod("web-1", container()), False),
        (pod("web-1", container()), pod("web-1", container(restarts=4, last={})), False),
        (pod("web-1", container()), pod("web-1", container(), conditions=READY), False),
        (job_pod("web-x1y2z"), job_pod("web-a4b5c"), False),
        (pod("db-0", container(), conditions=READY), job_pod("web-a4b5c"), True),
    ],
)
def test_who_started_late_was_not_given_its_time(before: Any, after: Any, young: bool) -> None:
    release, starts = [WEB, made("batch/v1", "Job", "web")], Starts()
    starts.look(observed(release, before), 100.0)
    now = observed(release, after)
    starts.look(now, 159.0)
    assert bool(starts.cut_off(now, 160.0, 60.0)) is young


def test_a_late_start_excuses_the_application_alone() -> None:
    seen = observed([WEB], pod("web-1", container()))
    error = too_young(late(seen, 60), "web-1", seen, 60)
    assert type(error) is DeadlineExceededError
    assert error.message == (
        "pod web-1 started late, and readiness did not end within 60 s;"
        " last seen: Deployment/web: 0 of 1 ready"
    )
    idle = ClusterError("never started")
    assert too_young(idle, "web-1", seen, 60) is idle


def test_who_never_started_was_not_tried() -> None:
    slow = event("Pod", "web-1", "FailedMount", "volume is not attached")
    error = late(observed([WEB], pod("web-1", CREATING, phase="Pending"), slow), 60)
    assert type(error) is ClusterError
    assert error.message.endswith("pod web-1 never started: volume is not attached")
    assert type(late(observed([WEB]), 60)) is ClusterError


def test_who_found_no_node_is_capacity() -> None:
    homeless = condition("PodScheduled", "False", reason="Unschedulable", message="no cpu")
    others = [pod("web-1", container()), pod("web-2", phase="Pending", conditions=[homeless])]
    error = late(observed([WEB], *others), 60)
    assert type(error) is CapacityError
    assert error.message.endswith("no cpu")


def test_ready_pods_do_not_hide_why_the_others_are_not() -> None:
    fine = pod("db-0", container(), conditions=READY, owner="StatefulSet")
    error = late(observed([WEB], fine, pod("web-1", CREATING, phase="Pending")), 60)
    assert "pod web-1 never started: ContainerCreating" in error.message


def test_a_release_without_any_workload_is_not_ready_by_default() -> None:
    settings: Any = made("v1", "ConfigMap", "settings")
    error = late(observed([settings]), 60)
    assert type(error) is NothingRunsError
    asleep = workload("Deployment", spec={"replicas": 0})
    assert type(late(observed([asleep], asleep), 60)) is NothingRunsError
    assert not something_ran(observed([settings]))
    assert not something_ran(observed([settings], pod("db-0", container())))
    assert something_ran(observed([settings], pod("db-0", container(), conditions=READY)))


class Still:
    """A lookout on a namespace where nothing changes any more."""

    def __init__(self, seen: Observed) -> None:
        self.seen, self.looks, self.current = seen, 0, True

    async def complete(self) -> None:
        return

    def observed(self) -> Observed:
        return self.seen

    async def next_change(self, _: float) -> None:
        self.looks += 1
        if self.looks > 3:
            raise TimeoutError


async def test_nothing_to_wait_for_is_waited_for_until_a_pod_is_ready() -> None:
    settings: Any = made("v1", "ConfigMap", "settings")
    notes: list[str] = []
    with pytest.raises(TimeoutError):
        await _until_ready(Still(observed([settings])), notes.append, Starts())  # type: ignore[arg-type]
    assert notes == ["waiting for the first pod of the application to be ready"]
    probed = pod("db-0", container(), conditions=READY)
    probed["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 1}}
    await _until_ready(Still(observed([settings], probed)), notes.append, Starts())  # type: ignore[arg-type]
    done = made("batch/v1", "Job", "migrate", conditions=[condition("Complete")])
    await _until_ready(Still(observed([done], done)), notes.append, Starts())  # type: ignore[arg-type]


def test_a_note_says_what_is_waited_for() -> None:
    pending = judge(observed([WEB, service()], pod("web-1", container())))
    assert waiting_for(pending) == "waiting for Deployment/web: 0 of 1 ready (and 1 more)"
    assert waiting_for(pending[:1]) == "waiting for Deployment/web: 0 of 1 ready"


def test_hooks_and_other_namespaces_are_sorted_out() -> None:
    hook: Any = made("batch/v1", "Job", "hook")
    hook["metadata"]["annotations"] = {"helm.sh/hook": "post-install"}
    away: Any = made("v1", "Pod", "away")
    away["metadata"]["namespace"] = "kube-system"
    here: Any = made("v1", "Pod", "here")
    here["metadata"]["namespace"] = "verify-x"
    names = [one["metadata"]["name"] for one in released([hook, away, here], "verify-x")]
    assert names == ["here"]


def test_only_what_the_release_has_is_watched() -> None:
    kinds = [one.kind for one in watched_kinds([WEB, service()])]
    assert kinds == [
        "Pod",
        "PersistentVolumeClaim",
        "Event",
        "Deployment",
        "Service",
        "EndpointSlice",
    ]


def test_a_container_without_a_probe_has_to_keep_running() -> None:
    settling, one = Settling(), observed([WEB], pod("web-1", container()))
    assert "container main of pod web-1 to keep running" in settling.unsettled(one, 100.0)
    assert settling.unsettled(one, 100.0 + SETTLE / 2)
    assert not settling.unsettled(one, 100.0 + SETTLE)
    again = observed([WEB], pod("web-1", container(restarts=1)))
    assert settling.unsettled(again, 200.0)
    assert settling.unsettled(again, 200.0 + SETTLE)
    assert not settling.unsettled(again, 200.0 + SETTLE_AGAIN)


def test_a_probe_or_a_job_needs_no_settling() -> None:
    probed = pod("web-1", container())
    probed["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 1}}
    job = made("batch/v1", "Job", "setup")
    others = [probed, pod("setup-x", container(), owner="Job"), pod("web-2", CREATING)]
    assert not Settling().unsettled(observed([WEB, job], *others), 0.0)


END = {"exitCode": 1, "reason": "Error"}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (container(), "running, not ready"),
        (container(restarts=2, last=END), "running, not ready, 2 restarts, before that: exit"),
        (container(waits("X", "why")), "waiting, X: why"),
        (container({"terminated": END}), "ended, exit code 1"),
        (
            container({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}, restarts=1),
            "ended, exit code 137 (OOMKilled), 1 restarts",
        ),
    ],
)
def test_a_containers_state_is_told_in_words(one: Any, words: str) -> None:
    assert container_state(one).startswith(words)


def test_a_diagnosis_names_state_claims_and_events() -> None:
    one = pod("web-1", container(), phase="Running")
    one["spec"]["volumes"] = [{"persistentVolumeClaim": {"claimName": "data"}}]
    bound = made("v1", "PersistentVolumeClaim", "data", phase="Bound", capacity={"storage": "1Gi"})
    unhealthy = event("Pod", "web-1", "Unhealthy", "Readiness probe failed: 500")
    assert pod_lines(one, observed([WEB], one, bound, unhealthy)) == [
        "pod web-1: Running",
        "  container main: running, not ready",
        "  claim data: Bound 1Gi",
        "  event Unhealthy (seen 1x): Readiness probe failed: 500",
    ]


def test_a_health_scripts_hidden_file_is_hinted_at() -> None:
    lines = ["  event Unhealthy (seen 9x): Readiness probe failed: healthcheck.sh connect failed"]
    assert "hidden file" in _with_hints(lines)[-1]
    assert _with_hints(["fine"]) == ["fine"]


def test_a_job_that_still_works_is_looked_into_though_its_pod_is_ready() -> None:
    busy = pod("setup-x", container(), conditions=READY, owner="Job")
    assert works(busy)
    assert not works(pod("setup-x", container(), phase="Succeeded", owner="Job"))
    assert not works(pod("web-1", container(), conditions=READY))
