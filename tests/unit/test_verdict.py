"""One row a test: what every end means."""

from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner import errors, verdict
from provisioner.models.session import CheckRecord, Session, Tools
from provisioner.models.targets import TargetRecord
from provisioner.models.words import Cause, CheckState, Evidence, Outcome, Severity

P, F, E, I = CheckState.PASSED, CheckState.FAILED, CheckState.ERRORED, CheckState.INCONCLUSIVE  # noqa: E741
S = CheckState.SKIPPED


def record(
    state: CheckState, reads_data: bool = True, name: str = "posts", **answer: Any
) -> CheckRecord:
    said = {"expected": "1", "saw": "0", **answer}
    return CheckRecord(name=name, kind="sql", state=state, reads_data=reads_data, **said)


def session(*checks: CheckRecord, **changes: Any) -> Session:
    """One that came to its end: all checks were put to a ready application."""
    begun = datetime(2026, 3, 1, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": "blog-x7k2p",
        "verifier": "blog",
        "sandbox": "verify-blog-x7k2p",
        "started_at": begun,
        "expires_at": begun,
        "tools": Tools(provisioner="1"),
        "evidence": verdict.evidence_of(checks),
        "checks": list(checks),
    }
    return Session(**values | changes)


def age(*, met: bool) -> TargetRecord:
    said = "the newest snapshot is 30h old"
    return TargetRecord(name="age", limit_seconds=1, seen_seconds=2, met=met, message=said)


def all_errors(
    base: type[errors.ProvisionerError] = errors.ProvisionerError,
) -> set[type[errors.ProvisionerError]]:
    return {one for each in base.__subclasses__() for one in {each, *all_errors(each)}}


def test_every_error_has_a_row() -> None:
    others = {*verdict.End, *CheckState} - {CheckState.PASSED}
    assert set(verdict.RULES) == all_errors() | others


@pytest.mark.parametrize(
    ("error", "outcome", "cause"),
    [
        (errors.BackupError("x"), Outcome.FAILED, Cause.BACKUP),
        (errors.NoBackupError("x"), Outcome.FAILED, Cause.BACKUP),
        (errors.ApplicationError("x"), Outcome.FAILED, Cause.APPLICATION),
        (errors.SnapshotGoneError("x"), Outcome.INCONCLUSIVE, Cause.REPOSITORY),
        (errors.NoConsistentSetError("x"), Outcome.INCONCLUSIVE, Cause.BACKUP),
        (errors.UnclearError("x"), Outcome.INCONCLUSIVE, Cause.REPOSITORY),
        (errors.RestoreDiffersError("x"), Outcome.INCONCLUSIVE, Cause.CLUSTER),
        (errors.HookError("x"), Outcome.INCONCLUSIVE, Cause.CHART),
        (errors.NothingRunsError("x"), Outcome.INCONCLUSIVE, Cause.APPLICATION),
        (errors.OperatorError("x"), Outcome.INCONCLUSIVE, Cause.APPLICATION),
        (errors.DeadlineExceededError("x", 1), Outcome.INCONCLUSIVE, Cause.CONFIGURATION),
        (errors.CheckRefusedError("x"), Outcome.INCONCLUSIVE, Cause.CHECK),
        (errors.RepositoryError("x"), Outcome.ERRORED, Cause.REPOSITORY),
        (errors.ChartError("x"), Outcome.ERRORED, Cause.CHART),
        (errors.CapacityError("x"), Outcome.ERRORED, Cause.CAPACITY),
        (errors.IsolationError("x"), Outcome.ERRORED, Cause.ISOLATION),
        (errors.ConfigurationError("x"), Outcome.ERRORED, Cause.CONFIGURATION),
        (errors.DocumentError([]), Outcome.ERRORED, Cause.CONFIGURATION),
        (errors.UsageError("x"), Outcome.ERRORED, Cause.CONFIGURATION),
        (errors.ClusterError("x"), Outcome.ERRORED, Cause.CLUSTER),
        (errors.ClusterAwayError("x"), Outcome.ERRORED, Cause.CLUSTER),
        (errors.CheckUnableError("x"), Outcome.ERRORED, Cause.CHECK),
        (errors.NoEndpointError("x"), Outcome.ERRORED, Cause.CHECK),
        (errors.LateError("x"), Outcome.INCONCLUSIVE, Cause.APPLICATION),
        (errors.LoginRefusedError("x"), Outcome.INCONCLUSIVE, Cause.CONFIGURATION),
    ],
)
def test_error_rows(error: errors.ProvisionerError, outcome: Outcome, cause: Cause) -> None:
    found = verdict.of_error(error)
    assert (found.outcome, found.cause) == (outcome, cause)


def test_what_is_not_the_backups_fault_never_reads_as_a_bad_backup() -> None:
    """Only these say that the backup, or the application on it, is bad."""
    failed = {kind for kind, (outcome, _) in verdict.RULES.items() if outcome is Outcome.FAILED}
    of_errors = {errors.BackupError, errors.NoBackupError, errors.ApplicationError}
    assert failed == {*of_errors, CheckState.FAILED, verdict.End.STALE}
    others = {Cause.CAPACITY, Cause.CLUSTER, Cause.REPOSITORY, Cause.CHART, Cause.CONFIGURATION}
    assert all(verdict.RULES[one][1] not in others for one in failed)


DATA, NONE = record(P), record(P, reads_data=False)
LESS = {"required_evidence": Evidence.BOOTED}
RESTORED = {"evidence": Evidence.RESTORED, "required_evidence": Evidence.RESTORED}
STALE = {"targets": [age(met=True), age(met=False)]}


@pytest.mark.parametrize(
    ("seen", "outcome", "cause"),
    [
        (session(DATA, record(F)), Outcome.FAILED, Cause.CHECK),
        (session(DATA, record(E)), Outcome.ERRORED, Cause.CHECK),
        (session(DATA, record(I)), Outcome.INCONCLUSIVE, Cause.CHECK),
        (session(DATA), Outcome.PASSED, None),
        (session(NONE), Outcome.INCONCLUSIVE, Cause.CHECK),
        (session(DATA, **STALE), Outcome.FAILED, Cause.BACKUP),
        # The worst check decides.
        (session(record(E), record(F), record(I)), Outcome.FAILED, Cause.CHECK),
        (session(record(I), record(E), DATA), Outcome.ERRORED, Cause.CHECK),
        (session(DATA, record(S)), Outcome.INCONCLUSIVE, Cause.CHECK),
        (session(record(S), record(F), DATA), Outcome.FAILED, Cause.CHECK),
        # What a check says comes before the age of the backup; so does a missing proof.
        (session(DATA, record(F), **STALE), Outcome.FAILED, Cause.CHECK),
        (session(DATA, record(E), **STALE), Outcome.ERRORED, Cause.CHECK),
        (session(NONE, **STALE), Outcome.INCONCLUSIVE, Cause.CHECK),
        # Less may be required; but never is less seen than required.
        (session(NONE, **LESS), Outcome.PASSED, None),
        (session(**LESS), Outcome.PASSED, None),
        (session(**RESTORED), Outcome.PASSED, None),
        (session(**RESTORED, **STALE), Outcome.FAILED, Cause.BACKUP),
        (session(**RESTORED | {"evidence": None}), Outcome.INCONCLUSIVE, Cause.CHECK),
        (session(**RESTORED | LESS), Outcome.INCONCLUSIVE, Cause.CHECK),
        (session(), Outcome.INCONCLUSIVE, Cause.CHECK),
    ],
)
def test_rows_of_a_session_that_came_to_its_end(
    seen: Session, outcome: Outcome, cause: Cause | None
) -> None:
    found = verdict.of_session(seen)
    assert (found.outcome, found.cause) == (outcome, cause)


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (verdict.of_cancel(), Outcome.CANCELLED),
        (verdict.of_bug(KeyError("x")), Outcome.ERRORED),
        (verdict.of_gone(), Outcome.ERRORED),
    ],
)
def test_rows_of_what_had_no_end_of_its_own(found: verdict.Verdict, outcome: Outcome) -> None:
    assert (found.outcome, found.cause) == (outcome, None)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (session(DATA, DATA), "the application came back: 2 checks passed"),
        (session(DATA, **STALE), "the application came back, but the newest snapshot is 30h old"),
        (session(NONE), "every required check passed, but none of them reads restored data"),
        (session(**LESS), "the application is ready on the restored data; it was not asked"
         " anything"),
        (session(**RESTORED), "the data came back; the application was not started"),
        (session(**RESTORED, **STALE), "the data came back, but the newest snapshot is 30h old"),
        (session(**RESTORED | LESS), "evidence is restored, and booted is required"),
        (session(record(P, name="a"), record(F, name="b")),
         "1 of 2 checks failed; b: expected 1, saw 0"),
    ],
)  # fmt: skip
def test_sentences(seen: Session, told: str) -> None:
    assert verdict.of_session(seen).message == told


@pytest.mark.parametrize(
    ("outcome", "cause", "again"),
    [
        (Outcome.ERRORED, Cause.CAPACITY, True),
        (Outcome.ERRORED, Cause.REPOSITORY, True),
        (Outcome.ERRORED, Cause.CLUSTER, True),
        (Outcome.ERRORED, Cause.CHECK, True),
        (Outcome.ERRORED, Cause.CONFIGURATION, False),
        (Outcome.ERRORED, None, False),
        (Outcome.FAILED, Cause.BACKUP, False),
        (Outcome.INCONCLUSIVE, Cause.REPOSITORY, False),
        (Outcome.CANCELLED, None, False),
        (Outcome.PASSED, None, False),
        (None, None, False),
    ],
)
def test_only_what_told_nothing_of_the_backup_is_tried_again(
    outcome: Outcome | None, cause: Cause | None, again: bool
) -> None:
    assert verdict.may_pass_later(outcome, cause) is again


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"message": "it is too small"}, "b: expected 1, saw 0: it is too small"),
        ({"message": "no file a.png\nlooked at 2"}, "b: expected 1, saw 0: no file a.png"),
        ({"expected": "", "saw": "", "message": "timed out"}, "b: timed out"),
    ],
)
def test_what_a_check_said_beside_its_answer_is_told_in_one_line(
    more: dict[str, str], told: str
) -> None:
    found = verdict.of_session(session(record(P, name="a"), record(F, name="b", **more)))
    assert found.message == f"1 of 2 checks failed; {told}"


def test_evidence() -> None:
    assert verdict.evidence_of([record(P)]) is Evidence.PROVEN
    assert verdict.evidence_of([record(F), record(P, reads_data=False)]) is Evidence.BOOTED


def test_without_an_application_nothing_boots() -> None:
    before = Evidence.RESTORED
    assert verdict.evidence_of([record(P)], before) is Evidence.PROVEN
    assert verdict.evidence_of([record(P, reads_data=False)], before) is Evidence.RESTORED


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        ([record(P)], "the data came back: 1 checks passed"),
        ([], "the data came back; nothing was asked of it"),
    ],
)
def test_what_a_pass_without_an_application_says(checks: list[CheckRecord], told: str) -> None:
    evidence = verdict.evidence_of(checks, Evidence.RESTORED)
    one = session(*checks, data_only=True, evidence=evidence, required_evidence=evidence)
    assert verdict.of_session(one).message == told


@pytest.mark.parametrize("state", [P, F, E, I, S])
def test_an_advisory_check_changes_no_outcome_and_proves_nothing(state: CheckState) -> None:
    advisory = record(state, name="a", severity=Severity.ADVISORY)
    found = verdict.of_session(session(DATA, advisory))
    assert found.outcome is Outcome.PASSED
    assert ("1 advisory did not: a" in found.message) is (state is not P)
    alone = [advisory, NONE]
    assert verdict.evidence_of(alone) is Evidence.BOOTED
    assert verdict.of_session(session(*alone)).outcome is Outcome.INCONCLUSIVE
    assert verdict.of_session(session(record(F), advisory)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("error", "outcome", "cause"),
    [
        (errors.BackupError("x"), Outcome.FAILED, Cause.BACKUP),
        (errors.SnapshotGoneError("x"), Outcome.INCONCLUSIVE, Cause.REPOSITORY),
        (errors.RepositoryError("x"), Outcome.ERRORED, Cause.REPOSITORY),
        (errors.CapacityError("x"), Outcome.ERRORED, Cause.CAPACITY),
        (errors.IsolationError("x"), Outcome.ERRORED, Cause.ISOLATION),
        (errors.ConfigurationError("x"), Outcome.ERRORED, Cause.CONFIGURATION),
        (errors.ClusterAwayError("x"), Outcome.ERRORED, Cause.CLUSTER),
        (errors.CheckUnableError("x"), Outcome.ERRORED, Cause.CHECK),
        (errors.CheckRefusedError("x"), Outcome.INCONCLUSIVE, Cause.CHECK),
    ],
)
def test_what_a_check_met_means_what_it_means_anywhere(
    error: errors.ProvisionerError, outcome: Outcome, cause: Cause
) -> None:
    met = record(verdict.state_of(error), error=type(error).__name__, expected="", message="x")
    found = verdict.of_session(session(DATA, met))
    assert (found.outcome, found.cause) == (outcome, cause)
    assert found.message.endswith("; posts: x")


def test_every_error_says_what_becomes_of_the_check_that_met_it() -> None:
    assert {verdict.state_of(one.__new__(one)) for one in all_errors()} == {F, E, I}


def test_a_clone_that_could_reach_production_is_told_first() -> None:
    unable, apart = record(E, name="a"), record(E, name="b", error="IsolationError")
    found = verdict.of_session(session(unable, apart))
    assert found.cause is Cause.ISOLATION
    assert "; b: " in found.message
    assert verdict.of_session(session(apart, record(F))).cause is Cause.CHECK


def test_an_answer_that_nothing_measured_proves_nothing() -> None:
    unmeasured = record(P, unmeasured=True, message="no baseline yet")
    found = verdict.of_session(session(NONE, unmeasured))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.message.endswith("none proves anything; posts: no baseline yet")
    silent = verdict.of_session(session(record(P, unmeasured=True)))
    assert silent.message.endswith("none proves anything; posts")
    assert verdict.of_session(session(unmeasured, DATA)).outcome is Outcome.PASSED
