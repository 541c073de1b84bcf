"""What an end means: outcome and cause are decided here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from provisioner import errors
from provisioner.models.session import CheckRecord, Session
from provisioner.models.words import Cause, CheckState, Evidence, Outcome, Severity


@dataclass(frozen=True)
class Verdict:
    """Outcome, cause, and one sentence for a person; what to do and what to look up."""

    outcome: Outcome
    cause: Cause | None
    message: str
    hint: str = ""
    diagnosis: tuple[str, ...] = ()


class End(Enum):
    """How a session ends that no error of a known kind and no check ended."""

    CANCELLED = auto()
    """Somebody stopped it."""
    BUG = auto()
    """A fault of this program's own."""
    GONE = auto()
    """Its process ended without a verdict, e.g. by kill -9."""
    LITTLE_EVIDENCE = auto()
    """Nothing failed, and what was seen proves less than the document requires."""
    STALE = auto()
    """All is well, and the newest snapshots are older than the document allows."""
    WELL = auto()
    """Nothing stands in the way of a pass."""


Rule = type[errors.ProvisionerError] | CheckState | End

RULES: dict[Rule, tuple[Outcome, Cause | None]] = {
    # It had no end of its own.
    End.CANCELLED: (Outcome.CANCELLED, None),
    End.BUG: (Outcome.ERRORED, None),
    End.GONE: (Outcome.ERRORED, None),
    # The backup itself, or the application on it.
    errors.BackupError: (Outcome.FAILED, Cause.BACKUP),
    errors.NoBackupError: (Outcome.FAILED, Cause.BACKUP),
    errors.ApplicationError: (Outcome.FAILED, Cause.APPLICATION),
    # It cannot be told.
    errors.SnapshotGoneError: (Outcome.INCONCLUSIVE, Cause.REPOSITORY),
    errors.NoConsistentSetError: (Outcome.INCONCLUSIVE, Cause.BACKUP),
    errors.UnclearError: (Outcome.INCONCLUSIVE, Cause.REPOSITORY),
    errors.RestoreDiffersError: (Outcome.INCONCLUSIVE, Cause.CLUSTER),
    errors.HookError: (Outcome.INCONCLUSIVE, Cause.CHART),
    errors.LateError: (Outcome.INCONCLUSIVE, Cause.APPLICATION),
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
    errors.NoEndpointError: (Outcome.ERRORED, Cause.CHECK),
    # It came to its end: the first of these that is found decides.
    CheckState.FAILED: (Outcome.FAILED, Cause.CHECK),
    CheckState.ERRORED: (Outcome.ERRORED, Cause.CHECK),
    CheckState.INCONCLUSIVE: (Outcome.INCONCLUSIVE, Cause.CHECK),
    CheckState.SKIPPED: (Outcome.INCONCLUSIVE, Cause.CHECK),  # what it needs was only advisory
    End.LITTLE_EVIDENCE: (Outcome.INCONCLUSIVE, Cause.CHECK),
    End.STALE: (Outcome.FAILED, Cause.BACKUP),
    End.WELL: (Outcome.PASSED, None),
}
"""What each end means. Whatever is not in this table has no meaning for a session."""

_WORST_FIRST = (CheckState.FAILED, CheckState.ERRORED, CheckState.INCONCLUSIVE, CheckState.SKIPPED)

_BY_NAME: dict[str, Rule] = {one.__name__: one for one in RULES if isinstance(one, type)}

_STATES = {
    Outcome.FAILED: CheckState.FAILED,
    Outcome.ERRORED: CheckState.ERRORED,
    Outcome.INCONCLUSIVE: CheckState.INCONCLUSIVE,
}

_NEVER_PASSING = (None, Cause.CONFIGURATION)
"""Causes that another attempt meets again: faults of ours, and what the user has to change."""


def of_error(error: errors.ProvisionerError) -> Verdict:
    """The verdict of a session that an error ended."""
    return _by_rule(type(error), error.message, error.hint, tuple(error.details))


def of_bug(error: BaseException) -> Verdict:
    """The verdict of a session that ended in a fault of this program's own."""
    return _by_rule(
        End.BUG,
        f"provisioner itself failed: {type(error).__name__}: {error}",
        "this is a fault of provisioner, not of the backup: please report it",
    )


def of_cancel() -> Verdict:
    """The verdict of a session that somebody stopped."""
    return _by_rule(End.CANCELLED, "cancelled before there was a verdict")


def of_gone() -> Verdict:
    """The verdict of a session whose process ended without one, e.g. by kill -9."""
    return _by_rule(End.GONE, "ended without a verdict: the process is gone")


def state_of(error: errors.ProvisionerError) -> CheckState:
    """What an error makes of the check that met it."""
    return _STATES[RULES[type(error)][0]]


def of_session(session: Session) -> Verdict:
    """The verdict of a session that came to its end: all was restored, started and asked."""
    for state in _WORST_FIRST:
        if found := [check for check in decisive(session.checks) if check.state is state]:
            # That a clone could reach production comes before all else of its kind.
            found.sort(key=lambda check: _rule_of(check) is not errors.IsolationError)
            return _by_rule(_rule_of(found[0]), _sentence(found, len(session.checks)))
    evidence, required = session.evidence, session.required_evidence
    if evidence is None or not evidence.reaches(required):
        return _little_evidence(session)
    if missed := [one for one in session.targets if not one.met]:
        sentence = f"{_came_back(session, evidence)}, but {missed[0].message}"
        return _by_rule(End.STALE, sentence, "look at the jobs that make the backups")
    return _by_rule(End.WELL, _well(session, evidence))


def _rule_of(check: CheckRecord) -> Rule:
    """What it met has its own meaning, wherever it was met: a damaged pack, no room."""
    return _BY_NAME.get(check.error, check.state)


def may_pass_later(outcome: Outcome | None, cause: Cause | None) -> bool:
    """Whether the same session may end otherwise: only what told nothing of the backup.

    A bad backup is not retried into a good one.
    """
    return outcome is Outcome.ERRORED and cause not in _NEVER_PASSING


def _by_rule(rule: Rule, message: str, hint: str = "", diagnosis: tuple[str, ...] = ()) -> Verdict:
    return Verdict(*RULES[rule], message, hint, diagnosis)


def _little_evidence(session: Session) -> Verdict:
    if session.checks and session.required_evidence is Evidence.PROVEN:
        return _by_rule(End.LITTLE_EVIDENCE, *_unproven(session.checks))
    seen = session.evidence or "nothing"
    return _by_rule(
        End.LITTLE_EVIDENCE, f"evidence is {seen}, and {session.required_evidence} is required"
    )


def _came_back(session: Session, evidence: Evidence) -> str:
    alone = session.data_only or evidence is Evidence.RESTORED
    return f"the {'data' if alone else 'application'} came back"


_UNASKED = {
    Evidence.RESTORED: "the data came back; the application was not started",
    Evidence.BOOTED: "the application is ready on the restored data; it was not asked anything",
}
"""What a pass without checks says."""

_UNASKED_DATA = "the data came back; nothing was asked of it"


def _well(session: Session, evidence: Evidence) -> str:
    if session.checks:
        return f"{_came_back(session, evidence)}: {_passed(session.checks)}"
    return _UNASKED_DATA if session.data_only else _UNASKED[evidence]


def decisive(checks: Sequence[CheckRecord]) -> list[CheckRecord]:
    """Those that decide: an advisory one is only told."""
    return [check for check in checks if check.severity is Severity.REQUIRED]


def proves(check: CheckRecord) -> bool:
    """Whether this answer can only come from restored data, and was measured."""
    measured = check.state is CheckState.PASSED and not check.unmeasured
    return measured and check.reads_data and check.severity is Severity.REQUIRED


def _unproven(checks: Sequence[CheckRecord]) -> tuple[str, str]:
    """Why passes prove nothing, and what to do."""
    if hollow := [one for one in decisive(checks) if one.unmeasured and one.reads_data]:
        first = hollow[0]
        told = f"{first.name}: {first.message}".removesuffix(": ")
        return (
            f"every required check passed, but none proves anything; {told}",
            "expect of one of them what 0 does not meet, e.g. min",
        )
    return (
        "every required check passed, but none of them reads restored data",
        "add a check of a kind that reads data, e.g. sql, script or files",
    )


def _passed(checks: Sequence[CheckRecord]) -> str:
    missed = [check for check in checks if check.state is not CheckState.PASSED]
    told = f"{len(checks) - len(missed)} checks passed"
    if not missed:
        return told
    return f"{told}, {len(missed)} advisory did not: {', '.join(one.name for one in missed)}"


def evidence_of(checks: Sequence[CheckRecord], before: Evidence = Evidence.BOOTED) -> Evidence:
    """What the checks prove; ``before`` is what was known without them, e.g. that it is ready."""
    return Evidence.PROVEN if any(map(proves, checks)) else before


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
