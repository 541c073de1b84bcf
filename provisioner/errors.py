"""Every error a user can meet. Errors carry facts; ``verdict.py`` says what they mean."""

from dataclasses import dataclass


class ProvisionerError(Exception):
    """Something went wrong that a user can be told in one sentence.

    ``hint`` says what to do; ``details`` are lines an expert would look up.
    """

    def __init__(self, message: str, *, hint: str = "", details: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details or []


@dataclass(frozen=True)
class Problem:
    """One fault of a user's document. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    path: str
    found: str
    expected: str
    suggestion: str = ""

    def __str__(self) -> str:
        hint = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}: {self.found}; expected {self.expected}{hint}"


class DocumentError(ProvisionerError):
    """A user's document is not valid: all its faults at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UsageError(ProvisionerError):
    """The command line asks for something that cannot be done."""


class ConfigurationError(ProvisionerError):
    """The document is well formed but does not fit the chart, the cluster or the repository."""


class RepositoryError(ProvisionerError):
    """The repository cannot be read."""


class NoBackupError(ProvisionerError):
    """The repository can be read and holds no snapshot at all, or none that is new enough."""


class NoConsistentSetError(ProvisionerError):
    """No set of snapshots belongs together."""


class SnapshotGoneError(ProvisionerError):
    """A pinned snapshot vanished during the session."""


class UnclearError(ProvisionerError):
    """Something ended badly, and whose fault it is cannot be told."""


class BackupError(ProvisionerError):
    """The snapshot itself is damaged or empty."""


class RestoreDiffersError(ProvisionerError):
    """restic ended well, and what lies on the volume is not what the snapshot lists."""


class ChartError(ProvisionerError):
    """The chart does not render, install, or names what does not exist."""


class HookError(ProvisionerError):
    """A hook of the chart ran and failed: by its own fault or by the restored data's."""


class NothingRunsError(ProvisionerError):
    """Nothing of the application ever ran, and nothing says why."""


class OperatorError(ProvisionerError):
    """An operator gave a custom resource up, or never called it ready: by its own fault or by the
    restored data's."""


class ApplicationError(ProvisionerError):
    """The application cannot run on the restored data."""


class LateError(ApplicationError):
    """It runs on the restored data, and was not ready in time: no container ended badly."""


class CapacityError(ProvisionerError):
    """The cluster or the quota has no room."""


class IsolationError(ProvisionerError):
    """The sandbox cannot be fenced."""


class ClusterError(ProvisionerError):
    """The cluster refused or did not answer.

    ``status`` is the HTTP status, None when there was no answer; ``attempts`` how often it was
    tried.
    """

    def __init__(self, message: str, *, status: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.attempts = 1


class ClusterAwayError(ClusterError):
    """The API server did not answer, or a connection to it broke: later it may be there again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="check it with: kubectl get --raw /readyz")


class NoEndpointError(ClusterError):
    """No pod behind a Service is ready."""


class DeadlineExceededError(ProvisionerError):
    """Time ran out. ``what`` names what was being waited for, ``last`` what it did last."""

    def __init__(self, what: str, seconds: float, last: str = "", *, hint: str = "") -> None:
        tail = f"; last seen: {last}" if last else ""
        super().__init__(f"{what} did not end within {seconds:.0f} s{tail}", hint=hint)
        self.what = what


class CheckUnableError(ProvisionerError):
    """A check could not be put: nothing is known of the data."""


class CheckRefusedError(ProvisionerError):
    """The application refused to answer a check, and whose fault it is cannot be told."""


class LoginRefusedError(ProvisionerError):
    """The restored data refuses the application's own login: it or the Secret may be wrong."""
