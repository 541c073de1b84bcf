"""Exit codes: what a script learns from a session."""

from provisioner.models.session import Report
from provisioner.models.words import Cleanup, Outcome

USAGE = 2
ERRORED = 3
LEAKED = 5
CANCELLED = 130

BY_OUTCOME = {
    Outcome.PASSED: 0,
    Outcome.FAILED: 1,
    Outcome.ERRORED: ERRORED,
    Outcome.INCONCLUSIVE: 4,
    Outcome.CANCELLED: CANCELLED,
}


def exit_code(report: Report) -> int:
    """The code of a finished session.

    A leak never hides in a pass: Passed and Leaked is 5. Any other outcome is already told by
    a code that is not 0 and keeps it, because a bad backup matters more than a leftover.
    """
    if report.outcome is Outcome.PASSED and report.cleanup is not Cleanup.CLEAN:
        return LEAKED
    return BY_OUTCOME[report.outcome]
