"""One row a test: what every end means."""

from typing import Any

import pytest

from provisioner import errors, verdict
from provisioner.models.session import CheckRecord
from provisioner.models.words import Cause, CheckState, Evidence, Outcome, Severity

P, F, E, I = CheckState.PASSED, CheckState.FAILED, CheckState.ERRORED, CheckState.INCONCLUSIVE  # noqa: E741
S = CheckState.SKIPPED


def record(
    state: CheckState, reads_data: bool = True, name: str = "posts", **answer: Any
) -> CheckRecord:
    said = {"expected": "1", "saw": "0", **answer}
    return CheckRecord(name=name, kind="sql", state=state, reads_data=reads_data, **said)


def all_errors(
    base: type[errors.ProvisionerError] = errors.ProvisionerError,
) -> set[type[errors.ProvisionerError]]:
    return {one for each in base.__subclasses__() for one in {each, *all_errors(each)}}


def test_every_error_has_a_row() -> None:
    assert set(verdict.ERROR_RULES) == all_errors()


@pytest.mark.parametrize(
    ("error", "outcome", "cause"),
    [
        (errors.BackupError("x"), Outcome.FAILED, Cause.BACKUP),
        (errors.NoBackupError("x"), Outcome.FAILED, Cause.BACKUP),
        (errors.ApplicationError("x"), Outcome.FAILED, Cause.APPLICATION),
        (errors.SnapshotGoneError("x"), Outcome.INCONCLUSIVE, Cause.REPOSITORY),
        (errors.NoConsistentSetError("x"), Outcome.INCONCLUSIVE, Cause.BACKUP),
        (errors.UnclearError("x"), Outcome.INCONCLUSIVE, Cause.REPOSITORY),
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
        (errors.LoginRefusedError("x"), Outcome.INCONCLUSIVE, Cause.CONFIGURATION),
    ],
)
def test_error_rows(error: errors.ProvisionerError, outcome: Outcome, cause: Cause) -> None:
    found = verdict.of_error(error)
    assert (found.outcome, found.cause) == (outcome, cause)


def test_what_is_not_the_backups_fault_never_reads_as_a_bad_backup() -> None:
    """Only these three say that the backup, or the application on it, is bad."""
    failed = {
        kind for kind, (outcome, _) in verdict.ERROR_RULES.items() if outcome is Outcome.FAILED
    }
    assert failed == {errors.BackupError, errors.NoBackupError, errors.ApplicationError}
    others = {Cause.CAPACITY, Cause.CLUSTER, Cause.REPOSITORY, Cause.CHART, Cause.CONFIGURATION}
    assert all(verdict.ERROR_RULES[one][1] not in others for one in failed)


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ([P, P], Outcome.PASSED),
        ([P, F], Outcome.FAILED),
        ([E, F, I], Outcome.FAILED),
        ([I, E, P], Outcome.ERRORED),
        ([P, I], Outcome.INCONCLUSIVE),
        ([P, S], Outcome.INCONCLUSIVE),
        ([S, F, P], Outcome.FAILED),
    ],
)
def test_the_worst_check_decides(states: list[CheckState], outcome: Outcome) -> None:
    assert verdict.of_checks([record(state) for state in states]).outcome is outcome


def test_a_pass_that_reads_no_data_is_no_pass() -> None:
    found = verdict.of_checks([record(P, reads_data=False)])
    assert (found.outcome, found.cause) == (Outcome.INCONCLUSIVE, Cause.CHECK)


def test_no_check_at_all_is_no_pass() -> None:
    assert verdict.of_checks([]).outcome is Outcome.INCONCLUSIVE


def test_failed_check_is_told_with_what_it_saw() -> None:
    found = verdict.of_checks([record(P, name="a"), record(F, name="b")])
    assert found.message == "1 of 2 checks failed; b: expected 1, saw 0"


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
    found = verdict.of_checks([record(P, name="a"), record(F, name="b", **more)])
    assert found.message == f"1 of 2 checks failed; {told}"


def test_evidence() -> None:
    assert verdict.evidence_of([record(P)]) is Evidence.PROVEN
    assert verdict.evidence_of([record(F), record(P, reads_data=False)]) is Evidence.BOOTED


@pytest.mark.parametrize("state", [P, F, E, I, S])
def test_an_advisory_check_changes_no_outcome_and_proves_nothing(state: CheckState) -> None:
    advisory = record(state, name="a", severity=Severity.ADVISORY)
    found = verdict.of_checks([record(P), advisory])
    assert found.outcome is Outcome.PASSED
    assert ("1 advisory did not: a" in found.message) is (state is not P)
    alone = [advisory, record(P, reads_data=False)]
    assert verdict.evidence_of(alone) is Evidence.BOOTED
    assert verdict.of_checks(alone).outcome is Outcome.INCONCLUSIVE
    assert verdict.of_checks([record(F), advisory]).outcome is Outcome.FAILED


def test_an_answer_that_nothing_measured_proves_nothing() -> None:
    found = verdict.of_checks([record(P, unmeasured=True)])
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "nothing yet to be measured by" in found.message
    assert verdict.of_checks([record(P, unmeasured=True), record(P)]).outcome is Outcome.PASSED


def test_a_fault_of_our_own_never_fails_a_backup() -> None:
    assert verdict.of_bug(KeyError("x")).outcome is Outcome.ERRORED
