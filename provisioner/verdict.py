"""What an end means: outcome and cause are decided here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass

from provisioner import errors
from provisioner.models.session import CheckRecord
from provisioner.models.words import Cause, CheckState, Evidence, Outcome, Severity


@dataclass(frozen=True)
class Verdict:
    """Outcome, cause, and one sentence for a person; what to do and what to look up."""

    outcome: Outcome
    cause: Cause | None
    message: str
    hint: str = ""
    diagnosis: tuple[str, ...] = ()


ERROR_RULES: dict[type[errors.ProvisionerError], tuple[Outcome, Cause]] = {
    # The backup itself, or the application on it.
    errors.BackupError: (Outcome.FAILED, Cause.BACKUP),
    errors.NoBackupError: (Outcome.FAILED, Cause.BACKUP),
    errors.ApplicationError: (Outcome.FAILED, Cause.APPLICATION),
    # It cannot be told.
    errors.SnapshotGoneError: (Outcome.INCONCLUSIVE, Cause.REPOSITORY),
    errors.NoConsistentSetError: (Outcome.INCONCLUSIVE, Cause.BACKUP),
    errors.UnclearError: (Outcome.INCONCLUSIVE, Cause.REPOSITORY),
    errors.HookError: (Outcome.INCONCLUSIVE, Cause.CHART),
    errors.NothingRunsError: (Outcome.INCONCLUSIVE, Cause.APPLICATION),
    errors.OperatorError: (Outcome.INCONCLUSIVE, Cause.APPLICATION),
    errors.DeadlineExceededError: (Outcome.INCONCLUSIVE, Cause.CONFIGURATION),
    errors.CheckRefusedError: (Outcome.INCONCLUSIVE, Cause.CHECK),
    errors.LoginRefusedError: (Outcome.INCONCLUSIVE, Cause.CONFIGURATION),
    # Somebody else's fault: nothing was learnt of the backup.
    errors.RepositoryError: (Outcome.ERRORED, Cause.REPOSITORY),
    errors.ChartError: (Outcome.ERRORED, Cause.CHART),
    errors.CapacityError: (Outcome.ERRORED, Cause.CAPACITY),
    errors.IsolationError: (Outcome.ERRORED, Cause.ISOLATION),
    errors.ConfigurationError: (Outcome.ERRORED, Cause.CONFIGURATION),
    errors.DocumentError: (Outcome.ERRORED, Cause.CONFIGURATION),
    errors.UsageError: (Outcome.ERRORED, Cause.CONFIGURATION),
    errors.ClusterError: (Outcome.ERRORED, Cause.CLUSTER),
    errors.ClusterAwayError: (Outcome.ERRORED, Cause.CLUSTER),
    errors.CheckUnableError: (Outcome.ERRORED, Cause.CHECK),
}

CHECK_RULES: tuple[tuple[CheckState, Outcome], ...] = (
    # The worst check decides, in this order.
    (CheckState.FAILED, Outcome.FAILED),
    (CheckState.ERRORED, Outcome.ERRORED),
    (CheckState.INCONCLUSIVE, Outcome.INCONCLUSIVE),
    # What it needs was only advisory.
    (CheckState.SKIPPED, Outcome.INCONCLUSIVE),
)


def of_error(error: errors.ProvisionerError) -> Verdict:
    """The verdict of a session that an error ended."""
    outcome, cause = ERROR_RULES[type(error)]
    return Verdict(outcome, cause, error.message, error.hint, tuple(error.details))


def of_bug(error: BaseException) -> Verdict:
    """The verdict of a session that ended in a fault of this program's own."""
    return Verdict(
        Outcome.ERRORED,
        None,
        f"provisioner itself failed: {type(error).__name__}: {error}",
        "this is a fault of provisioner, not of the backup: please report it",
    )


def of_cancel() -> Verdict:
    """The verdict of a session that somebody stopped."""
    return Verdict(Outcome.CANCELLED, None, "cancelled before there was a verdict")


def of_gone() -> Verdict:
    """The verdict of a session whose process ended without one, e.g. by kill -9."""
    return Verdict(Outcome.ERRORED, None, "ended without a verdict: the process is gone")


def of_checks(checks: Sequence[CheckRecord]) -> Verdict:
    """The verdict of a session whose application is ready and whose checks were all put."""
    for state, outcome in CHECK_RULES:
        if found := [check for check in decisive(checks) if check.state is state]:
            return Verdict(outcome, Cause.CHECK, _sentence(found, len(checks)))
    if evidence_of(checks) is not Evidence.PROVEN:
        return Verdict(
            Outcome.INCONCLUSIVE,
            Cause.CHECK,
            *_unproven(checks),
        )
    return Verdict(Outcome.PASSED, None, f"the application came back: {_passed(checks)}")


def decisive(checks: Sequence[CheckRecord]) -> list[CheckRecord]:
    """Those that decide: an advisory one is only told."""
    return [check for check in checks if check.severity is Severity.REQUIRED]


def proves(check: CheckRecord) -> bool:
    """Whether this answer can only come from restored data, and was measured."""
    measured = check.state is CheckState.PASSED and not check.unmeasured
    return measured and check.reads_data and check.severity is Severity.REQUIRED


def _unproven(checks: Sequence[CheckRecord]) -> tuple[str, str]:
    """Why passes prove nothing, and what to do."""
    if any(check.unmeasured for check in decisive(checks)):
        return (
            "every check passed, but what reads restored data has nothing yet to be measured by",
            "give a check with a baseline another condition beside it, e.g. min",
        )
    return (
        "every required check passed, but none of them reads restored data",
        "add a check of a kind that reads data, e.g. sql or script",
    )


def _passed(checks: Sequence[CheckRecord]) -> str:
    missed = [check for check in checks if check.state is not CheckState.PASSED]
    told = f"{len(checks) - len(missed)} checks passed"
    if not missed:
        return told
    return f"{told}, {len(missed)} advisory did not: {', '.join(one.name for one in missed)}"


def evidence_of(checks: Sequence[CheckRecord]) -> Evidence:
    """What the checks of a ready application prove."""
    return Evidence.PROVEN if any(map(proves, checks)) else Evidence.BOOTED


_VERBS = {
    CheckState.FAILED: "failed",
    CheckState.ERRORED: "could not be put",
    CheckState.INCONCLUSIVE: "got no answer",
    CheckState.SKIPPED: "were not put",
}


def _sentence(found: Sequence[CheckRecord], total: int) -> str:
    first = found[0]
    verb = _VERBS[first.state]
    return f"{len(found)} of {total} checks {verb}; {first.name}: {_answer(first)}"


def _answer(check: CheckRecord) -> str:
    """What was expected and seen, and what the check said of it first, e.g. a script."""
    said = next(iter(check.message.splitlines()), "")
    if not check.expected:
        return said
    answer = f"expected {check.expected}, saw {check.saw}"
    return f"{answer}: {said}" if said else answer
