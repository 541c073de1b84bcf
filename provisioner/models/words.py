"""The words of a verdict. What each means, and what it does not."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a session ended."""

    PASSED = "Passed"
    """The application came back, as far as the evidence says."""
    FAILED = "Failed"
    """The backup is bad, or the application cannot run on it."""
    ERRORED = "Errored"
    """Something else stood in the way; nothing was learnt of the backup."""
    INCONCLUSIVE = "Inconclusive"
    """It could not be told, e.g. the snapshot was pruned meanwhile."""
    CANCELLED = "Cancelled"
    """Somebody stopped it."""


class Cause(StrEnum):
    """Why a session is not Passed."""

    BACKUP = "Backup"
    APPLICATION = "Application"
    CHECK = "Check"
    REPOSITORY = "Repository"
    CHART = "Chart"
    CAPACITY = "Capacity"
    ISOLATION = "Isolation"
    CONFIGURATION = "Configuration"
    CLUSTER = "Cluster"


class Evidence(StrEnum):
    """How far a session got. Each includes the ones before it."""

    RESTORED = "restored"
    """Data came back, and it is not empty."""
    BOOTED = "booted"
    """The application is ready on it."""
    PROVEN = "proven"
    """At least one check that reads restored data passed."""

    def reaches(self, least: "Evidence") -> bool:
        """Whether it is as much as that, or more."""
        order = list(Evidence)
        return order.index(self) >= order.index(least)


class Cleanup(StrEnum):
    """What became of the objects that the session made."""

    CLEAN = "Clean"
    LEAKED = "Leaked"
    KEPT = "Kept"
    """Not removed yet: the session is still running, or its sandbox is kept on purpose."""


class PhaseName(StrEnum):
    """The phases of a session, in their order."""

    PLAN = "plan"
    SANDBOX = "sandbox"
    RESTORE = "restore"
    INSTALL = "install"
    READY = "ready"
    CHECK = "check"
    KEEP = "keep"
    TEARDOWN = "teardown"
    REPORT = "report"


class PhaseState(StrEnum):
    """Where one phase stands."""

    RUNNING = "Running"
    DONE = "Done"
    FAILED = "Failed"
    SKIPPED = "Skipped"


STOPPED = "stopped"
"""The message of a phase that was cancelled: by a person, by the deadline, or since the phase
beside it failed."""


class CheckState(StrEnum):
    """What one check said."""

    PASSED = "Passed"
    FAILED = "Failed"
    """The application answered, and the answer is wrong."""
    ERRORED = "Errored"
    """The check itself could not run: nothing is known of the data."""
    INCONCLUSIVE = "Inconclusive"
    """The application refused to answer, and whose fault it is cannot be told."""
    SKIPPED = "Skipped"
    """It was not put, since a check that it needs was not passed. Never a pass."""


class Severity(StrEnum):
    """What a check's end means for its session."""

    REQUIRED = "required"
    ADVISORY = "advisory"
    """It is told, and neither fails a session nor proves anything."""
