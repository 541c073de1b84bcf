"""After the checks: whether the application still ran."""

from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.deadline import Deadline
from provisioner.errors import ApplicationError, CapacityError, ClusterError, ProvisionerError
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState
from provisioner.phases import check

PASSED, FAILED, ERRORED = CheckState.PASSED, CheckState.FAILED, CheckState.ERRORED
OBJECTS = [
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}},
    {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}},
]


async def look_again(
    monkeypatch: pytest.MonkeyPatch, states: list[CheckState], error: ProvisionerError | None
) -> list[str]:
    """Names of the objects that were looked at once more."""
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
    context: Any = SimpleNamespace(
        cluster=None, sandbox="verify-x", deadline=Deadline.after(9), recorder=recorder
    )
    plan: Any = SimpleNamespace(objects=OBJECTS)
    await check._blame_a_crash_first(context, plan, records)
    return looked_at


async def test_a_crash_explains_why_there_was_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ApplicationError):
        await look_again(monkeypatch, [PASSED, ERRORED], ApplicationError("crashed"))


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
