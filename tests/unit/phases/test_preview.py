"""What a plan tells beforehand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from provisioner.models.attempts import AttemptRecord
from provisioner.models.session import PhaseRecord, Session, Tools
from provisioner.models.words import Outcome, PhaseName, PhaseState
from provisioner.phases import preview

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def session(seconds: dict[PhaseName, float], **changes: Any) -> Session:
    values: dict[str, Any] = {
        "id": "blog-x7k2p",
        "verifier": "blog",
        "source_namespace": "production",
        "sandbox": "verify-blog-x7k2p",
        "started_at": BEGUN,
        "expires_at": BEGUN + timedelta(hours=1),
        "phases": [
            PhaseRecord(name=name, state=PhaseState.DONE, started_at=BEGUN, seconds=took)
            for name, took in seconds.items()
        ],
        "verdict_at": BEGUN + timedelta(seconds=20),
        "tools": Tools(provisioner="0.1.0"),
    }
    return Session(**values | changes)


def took(restore: float, check: float = 1.0, keep: float = 600.0) -> dict[PhaseName, float]:
    return {PhaseName.RESTORE: restore, PhaseName.CHECK: check, PhaseName.KEEP: keep}


NEW = session({})
ATTEMPT = AttemptRecord(
    sandbox="x", outcome=Outcome.ERRORED, message="", started_at=BEGUN, finished_at=BEGUN
)


def test_no_former_session_no_estimate() -> None:
    assert preview.estimate(NEW, []) is None


def test_the_median_of_each_phase_and_nobodys_time_to_look() -> None:
    found = preview.estimate(NEW, [session(took(10)), session(took(99)), session(took(12))])
    assert found is not None
    assert [(one.name, one.seconds) for one in found.phases] == [("restore", 12.0), ("check", 1.0)]
    assert found.sessions == 3


def test_phases_that_overlap_are_not_counted_twice() -> None:
    plan_and_sandbox = {PhaseName.PLAN: 8.0, PhaseName.SANDBOX: 8.0, PhaseName.CHECK: 12.0}
    ends = [plan_and_sandbox | {PhaseName.TEARDOWN: seconds} for seconds in (2.0, 3.0, 9.0)]
    found = preview.estimate(NEW, [session(one) for one in ends])
    assert found is not None
    assert found.seconds == 23.0


def test_session_whose_process_went_before_its_verdict_says_nothing_of_the_time() -> None:
    assert preview.estimate(NEW, [session(took(1), verdict_at=None)]) is None


def test_only_sessions_of_this_verifier_that_came_to_their_checks_count() -> None:
    former = [
        session(took(1), verifier="shop"),
        session(took(2), source_namespace="staging"),
        session({PhaseName.RESTORE: 3}),
        session(took(5), attempts=[ATTEMPT, ATTEMPT]),
        session(took(4), attempts=[ATTEMPT]),
    ]
    found = preview.estimate(NEW, former)
    assert found is not None
    assert (found.sessions, found.phases[0].seconds) == (1, 4.0)


def test_a_session_without_checks_is_as_long_as_the_next_one() -> None:
    skipped = PhaseRecord(name=PhaseName.CHECK, state=PhaseState.SKIPPED, started_at=BEGUN)
    one = session({PhaseName.RESTORE: 3})
    found = preview.estimate(NEW, [one.model_copy(update={"phases": [*one.phases, skipped]})])
    assert found is not None
    assert [step.name for step in found.phases] == [PhaseName.RESTORE]


def test_only_the_latest_sessions_count() -> None:
    former = [session(took(10))] * preview.MOST_SESSIONS + [session(took(1000))] * 30
    found = preview.estimate(NEW, former)
    assert found is not None
    assert found.phases[0].seconds == 10.0
