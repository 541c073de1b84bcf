"""What a restore's end means: restic's exit code is believed, its summary alone is not."""

from provisioner.errors import (
    BackupError,
    CapacityError,
    ProvisionerError,
    RepositoryError,
    UnclearError,
)
from provisioner.repositories.restic import LOCKED, NO_REPOSITORY, WRONG_PASSWORD
from provisioner.restores.job import PlannedRestore
from provisioner.restores.log import ResticLog, is_damaged, is_no_space, is_unreachable
from provisioner.restores.pod import Ended

_REPOSITORY_CODES = {
    NO_REPOSITORY: "there is no repository there",
    LOCKED: "it is locked",
    WRONG_PASSWORD: "wrong password",
}


def judge(planned: PlannedRestore, log: ResticLog, end: Ended) -> None:
    """Say nothing when data came back, and came back whole.

    Raises:
        BackupError: the snapshot is damaged or empty.
        ProvisionerError: another, by whose fault it is.
    """
    if end.exit_code != 0:
        raise _failure(planned, log, end)
    if not log.summary:
        raise UnclearError(f"restore {planned.restore.name}: restic's log could not be read")
    if log.files == 0 or log.bytes == 0:
        raise BackupError(
            f"restore {planned.restore.name}: snapshot {planned.snapshot.id[:8]} brought back"
            f" {log.files} files and {log.bytes} bytes",
            hint="the snapshot holds no data: look at what the backup reads",
        )


def _failure(planned: PlannedRestore, log: ResticLog, end: Ended) -> ProvisionerError:
    name = f"restore {planned.restore.name}"
    said = " ".join(log.errors) or end.message or end.reason
    details = list(log.errors[-15:])
    if end.reason == "OOMKilled":
        return CapacityError(f"{name}: restic ran out of memory")
    if end.exit_code in _REPOSITORY_CODES:
        return RepositoryError(f"{name}: {_REPOSITORY_CODES[end.exit_code]}", details=details)
    if is_no_space(said):
        return CapacityError(f"{name}: claim {planned.target.name} is full", details=details)
    text = f"{name}: restic ended with exit code {end.exit_code}: {_last(log) or said}"
    if is_unreachable(said):
        return RepositoryError(text, details=details)
    if is_damaged(said):
        return BackupError(text, details=details)
    return UnclearError(text, details=details)


def _last(log: ResticLog) -> str:
    return log.errors[-1] if log.errors else ""
