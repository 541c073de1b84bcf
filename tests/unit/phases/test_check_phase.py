"""After the checks: whether the application still ran."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.checks.kinds import questions
from provisioner.checks.yardstick import Former, Yardstick
from provisioner.deadline import Deadline
from provisioner.errors import ApplicationError, CapacityError, ClusterError, ProvisionerError
from provisioner.models.checks import Check
from provisioner.models.session import CheckRecord, Session, Tools
from provisioner.models.words import CheckState, Outcome
from provisioner.phases import check
from provisioner.readiness.state import Observed

PASSED, FAILED, ERRORED = CheckState.PASSED, CheckState.FAILED, CheckState.ERRORED
OBJECTS = [
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}},
    {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}},
]


async def look_again(
    monkeypatch: pytest.MonkeyPatch,
    states: list[CheckState],
    error: ProvisionerError | None,
    restarts: int = 2,
) -> list[str]:
    """Names of the objects that were looked at once more; a pod restarted once before that."""
    looked_at: list[str] = []

    async def wait_ready(_c: Any, _n: Any, objects: Any, *_more: Any, **_limits: Any) -> None:
        looked_at.extend(one["metadata"]["name"] for one in objects)
        if error:
            raise error

    monkeypatch.setattr(check, "wait_ready", wait_ready)
    records = [
        CheckRecord(name=f"{n}", kind="sql", state=state, reads_data=True)
        for n, state in enumerate(states)
    ]
    recorder = SimpleNamespace(update=lambda **_: None, observer=SimpleNamespace(note=print))

    async def list_all(*_: object) -> list[Any]:
        return [web(CRASHED, restarts)]

    cluster = SimpleNamespace(list_all=list_all)
    context: Any = SimpleNamespace(
        cluster=cluster, sandbox="verify-x", deadline=Deadline.after(9), recorder=recorder
    )
    plan: Any = SimpleNamespace(objects=OBJECTS)
    ready = Observed((), {"Pod": {"web-1": web(CRASHED, 1)}})
    await check._blame_a_crash_first(context, plan, ready, records)
    return looked_at


async def test_a_crash_explains_why_there_was_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ApplicationError):
        await look_again(monkeypatch, [PASSED, ERRORED], ApplicationError("crashed"))


async def test_one_that_is_only_slow_explains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    late = ApplicationError("not ready within 60 s")
    assert await look_again(monkeypatch, [ERRORED], late, restarts=1) == ["web"]


@pytest.mark.parametrize("states", [[PASSED], [FAILED, ERRORED], []])
async def test_a_check_that_failed_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch, states: list[CheckState]
) -> None:
    assert await look_again(monkeypatch, states, ApplicationError("crashed")) == []


@pytest.mark.parametrize("error", [CapacityError("full"), ClusterError("away"), None])
async def test_only_the_applications_own_fault_counts_and_jobs_that_are_done_do_not(
    monkeypatch: pytest.MonkeyPatch, error: ProvisionerError | None
) -> None:
    assert await look_again(monkeypatch, [ERRORED], error) == ["web"]


OOM = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
CRASHED = {"terminated": {"exitCode": 1, "reason": "Error"}}
EVICTED = {"phase": "Failed", "reason": "Evicted", "message": "low on disk"}


def web(last: Any = None, restarts: int = 0, **status: Any) -> dict[str, Any]:
    owner = {"kind": "ReplicaSet", "name": "web", "controller": True}
    container = {"name": "web", "restartCount": restarts, "state": {"running": {}}}
    container["lastState"] = last or {}
    return {
        "metadata": {"name": "web-1", "uid": "u1", "ownerReferences": [owner]},
        "spec": {"containers": [{"name": "web"}]},
        "status": {"phase": "Running", "containerStatuses": [container], **status},
    }


async def look_at_pods(states: list[CheckState], before: Any, now: list[Any]) -> int:
    """How many requests a look at the pods took."""
    asked = 0

    async def list_all(*_: object) -> list[Any]:
        nonlocal asked
        asked += 1
        return now

    records = [CheckRecord(name="a", kind="http", state=one, reads_data=True) for one in states]
    context: Any = SimpleNamespace(cluster=SimpleNamespace(list_all=list_all), sandbox="verify-x")
    ready = Observed((), {"Pod": {"web-1": before}})
    await check._blame_the_cluster_first(context, ready, records)
    return asked


@pytest.mark.parametrize("state", [FAILED, ERRORED, CheckState.INCONCLUSIVE])
@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ([web(OOM, 1)], CapacityError),
        ([web(**EVICTED)], CapacityError),
        ([], ClusterError),
    ],
)
async def test_what_the_cluster_did_to_a_pod_is_told_before_a_wrong_answer(
    state: CheckState, now: list[Any], kind: type[Exception]
) -> None:
    with pytest.raises(ProvisionerError) as raised:
        await look_at_pods([PASSED, state], web(), now)
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (web(), web()),
        (web(), web(CRASHED, 1)),
        (web(OOM, 1), web(OOM, 1)),
        (web(**EVICTED), web(**EVICTED)),
    ],
)
async def test_a_wrong_answer_of_an_application_that_lost_nothing_counts_after_one_look(
    before: Any, now: Any
) -> None:
    assert await look_at_pods([FAILED], before, [now]) == 1


async def test_nobody_looks_when_all_checks_passed() -> None:
    assert await look_at_pods([PASSED], web(), []) == 0


async def test_an_answer_is_measured_by_this_sessions_snapshots_and_the_last_that_passed() -> None:
    begun = datetime(2026, 1, 2, tzinfo=UTC)
    asked = Check.model_validate(
        {"name": "jobs", "redis": {"service": "queue", "command": ["LLEN", "jobs"]}}
    )
    (question,) = questions([asked])
    same = CheckRecord(
        name="jobs", kind="redis", state=PASSED, reads_data=True, value=40,
        fingerprint=question.fingerprint,
    )  # fmt: skip
    before = session("web-1", begun, checks=[same], outcome=Outcome.PASSED)
    now = session("web-2", begun)

    async def former() -> list[Session]:
        return [now, before]

    context: Any = SimpleNamespace(recorder=SimpleNamespace(session=now, former=former))
    measure = await check._measuring(context)
    assert measure(question) == Yardstick(now.snapshots, begun, Former("web-1", 40))
    assert measure(replace(question, name="other")).former is None


def session(name: str, begun: datetime, **more: Any) -> Session:
    return Session(
        id=name, verifier="web", sandbox="verify-x", started_at=begun, expires_at=begun,
        tools=Tools(provisioner="0"), **more,
    )  # fmt: skip
