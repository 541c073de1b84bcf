"""What was found of a case: by the standard sets alone, and with the example's own checks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner import verdict
from provisioner.models.session import CheckRecord, Report
from provisioner.models.words import CheckState
from tests.sabotage.case import PASSED, Case

STANDARD, EXAMPLE = "standard", "example"
CONFIGURATIONS = (STANDARD, EXAMPLE)


@dataclass(frozen=True)
class Seen:
    """One verdict: ``outcome/cause``, its sentence, and the checks that did not pass."""

    verdict: str
    message: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A case with what each configuration says of it. ``problem``: it could not be verified."""

    case: Case
    seen: dict[str, Seen]
    seconds: float = 0.0
    problem: str = ""

    def right(self, configuration: str) -> bool:
        """Whether the verdict is one that is expected."""
        seen = self.seen.get(configuration)
        return seen is not None and seen.verdict in self.case.expected

    def blamed(self, configuration: str) -> bool:
        """Whether a good backup did not pass."""
        return self.case.good and not self.right(configuration)

    def in_time(self, seconds: float) -> "Judged":
        """The same with the seconds that it took."""
        return replace(self, seconds=seconds)


def unjudged(case: Case, problem: str) -> Judged:
    """A case of which nothing is known."""
    return Judged(case, {}, problem=problem)


def by_verdict(case: Case, found: verdict.Verdict | None) -> Judged:
    """No check is put before there is a set of snapshots: both say the same."""
    seen = _seen(found, ()) if found else Seen(PASSED, "snapshots were chosen")
    return Judged(case, dict.fromkeys(CONFIGURATIONS, seen))


def by_report(case: Case, report: dict[str, Any]) -> Judged:
    """Judge both configurations from the report of the one session.

    Whatever ended it before its checks, or instead of them, holds for both. What the standard
    sets say by themselves is what the verdict of their records would be.
    """
    session = Report.model_validate(report)
    checks = session.checks
    whole = Seen(_name(report["outcome"], report.get("cause")), report["message"], _by(checks))
    if not checks or _of_checks(session, checks).verdict != whole.verdict:
        return Judged(case, dict.fromkeys(CONFIGURATIONS, whole))
    alone = [one for one in checks if is_standard(one)]
    return Judged(case, {STANDARD: _of_checks(session, alone), EXAMPLE: whole})


def _of_checks(session: Report, checks: list[CheckRecord]) -> Seen:
    """What the verdict would be with these checks alone."""
    changes = {"checks": checks, "evidence": verdict.evidence_of(checks)}
    return _seen(verdict.of_session(session.model_copy(update=changes)), checks)


def is_standard(record: CheckRecord) -> bool:
    """Whether a check came with a shipped set, and not from the example's own document."""
    return record.kind == STANDARD


def _seen(found: verdict.Verdict, checks: Sequence[CheckRecord]) -> Seen:
    return Seen(_name(found.outcome, found.cause), found.message, _by(checks))


def _by(checks: Sequence[CheckRecord]) -> tuple[str, ...]:
    return tuple(one.name for one in checks if one.state is not CheckState.PASSED)


def _name(outcome: str, cause: str | None) -> str:
    return f"{outcome}/{cause}" if cause else str(outcome)
