"""What a restore's end means: restic's exit code is believed, its summary alone is not."""

import re
from dataclasses import replace

from provisioner.errors import (
    BackupError,
    CapacityError,
    ClusterError,
    ProvisionerError,
    RepositoryError,
    UnclearError,
)
from provisioner.repositories.faults import Fault
from provisioner.repositories.restic import LOCKED, NO_REPOSITORY, WRONG_PASSWORD
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.log import ResticLog, read_line
from provisioner.restores.pods.pod import NOT_EMPTIED, Ended
from provisioner.restores.reading import Reading

_SHOWN = 15
_NO_FOLDER = re.compile(r"^path [^/]*: (?:not found|not a directory)$")

_REPOSITORY_CODES = {
    NO_REPOSITORY: "there is no repository there",
    LOCKED: "it is locked",
    WRONG_PASSWORD: "wrong password",
}


def second_try(planned: PlannedRestore, log: ResticLog, end: Ended) -> PlannedRestore | None:
    """What to restore once more, before the end is judged; nothing when that would tell no more.

    A prune that runs meanwhile, which no lock of ours stops, packs a good snapshot's data anew and
    removes the old packs: what was missing then is found by a restic that begins after it.
    """
    if lies_elsewhere(planned, log):
        return replace(planned, root="/")
    moved = Fault.MISSING in log.faults and Fault.DAMAGED not in log.faults
    return planned if moved and end.exit_code != 0 else None


def lies_elsewhere(planned: PlannedRestore, log: ResticLog) -> bool:
    """Whether restic did not find the folder in the snapshot: nothing was restored then."""
    if planned.root == "/":
        return False
    found_nothing = bool(planned.own_folder) and log.summary and log.files == 0
    return found_nothing or any(_NO_FOLDER.search(one) for one in log.errors)


def judge(planned: PlannedRestore, log: ResticLog, end: Ended) -> None:
    """Say nothing when data came back, and came back whole.

    Raises:
        BackupError: the snapshot is damaged or empty.
        ProvisionerError: another, by whose fault it is.
    """
    if end.exit_code != 0:
        raise failure(planned, log, end)
    if not log.summary:
        raise UnclearError(f"restore {planned.label}: restic's log could not be read")
    if not planned.restore.allow_empty and (log.files == 0 or log.bytes == 0):
        raise BackupError(
            f"restore {planned.label}: snapshot {planned.snapshot.id[:8]} brought back"
            f" {log.files} files and {log.bytes} bytes",
            hint="the snapshot holds no data: look at what the backup reads, or say allowEmpty:"
            " true beside the restore's name",
        )


def failure(planned: Reading, log: ResticLog, end: Ended) -> ProvisionerError:
    """Whose fault it is that restic ended so."""
    name = f"restore {planned.label}"
    log = log if log.error_count else _from_last_words(end)
    details = _details(log)
    if end.reason == "OOMKilled":
        return CapacityError(f"{name}: restic ran out of memory")
    if end.exit_code == NOT_EMPTIED:
        return _not_emptied(planned, details)
    if end.exit_code in _REPOSITORY_CODES:
        return RepositoryError(f"{name}: {_REPOSITORY_CODES[end.exit_code]}", details=details)
    text = f"{name}: restic ended with exit code {end.exit_code}: "
    # In the order of certainty: a damaged pack leads to retries, and they to timeouts.
    for fault in Fault:
        if said := log.faults.get(fault):
            return _by_fault(fault, planned, text + said, details)
    last = log.errors[-1] if log.errors else end.message or end.reason
    return UnclearError(text + last, details=details)


def _not_emptied(planned: Reading, details: list[str]) -> ClusterError:
    error = ClusterError(
        f"restore {planned.label}: what the application wrote into {planned.place} could not be"
        " removed",
        hint="is its storage read-only, or are files in it immutable?",
    )
    error.details = details
    return error


def _by_fault(fault: Fault, planned: Reading, text: str, details: list[str]) -> ProvisionerError:
    if fault is Fault.NO_SPACE:
        full = f"restore {planned.label}: {planned.place} is full"
        return CapacityError(full, details=details)
    kind = RepositoryError if fault is Fault.UNREACHABLE else BackupError
    return kind(text, details=details)


def _from_last_words(end: Ended) -> ResticLog:
    """Without a log, what the kubelet kept of it."""
    log = ResticLog()
    for line in end.message.splitlines():
        log, _ = read_line(log, line, "")
    return log


def _details(log: ResticLog) -> list[str]:
    shown = list(log.errors[-_SHOWN:])
    more = log.error_count - len(shown)
    return [f"{log.error_count} errors, the last {_SHOWN} of them:", *shown] if more else shown
