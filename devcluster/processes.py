"""Long-running programs: started with a record of who they are, ended only by that record."""

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from devcluster.commands import run
from devcluster.errors import DevclusterError

# The shell writes the record of its own pid and start time before it becomes the program,
# so that no moment exists in which a program runs and nobody knows that it is ours.
_LAUNCH = """
record=$1; log=$2; shift 2
read -r boot < /proc/sys/kernel/random/boot_id
read -r stat < /proc/$$/stat
echo "$boot $stat" > "$record"
exec "$@" > "$log" 2>&1 < /dev/null
"""
# Position of the start time among what follows the program's name in /proc/<pid>/stat.
_START = 19
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class ProcessRecord:
    """A process as it was when it started; a pid alone may since belong to somebody else."""

    pid: int
    start: int
    boot: str

    @classmethod
    def parse(cls, text: str) -> "ProcessRecord | None":
        """Read what the launching shell wrote; None if it was cut short."""
        boot, _, stat = text.partition(" ")
        fields = _stat_fields(stat)
        return cls(int(stat.split()[0]), fields[1], boot) if fields else None

    def alive(self) -> bool:
        """Whether this very process still runs."""
        if _BOOT_ID.read_text().strip() != self.boot:
            return False
        fields = _read_stat(self.pid)
        return fields is not None and fields[0] not in "ZX" and fields[1] == self.start

    def send(self, number: signal.Signals) -> None:
        """Signal this very process, or nobody if it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            # The handle pins the process; only now is the comparison worth anything.
            if self.alive():
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _stat_fields(stat: str) -> tuple[str, int] | None:
    rest = stat.rpartition(")")[2].split()
    return (rest[0], int(rest[_START])) if len(rest) > _START else None


def _read_stat(pid: int) -> tuple[str, int] | None:
    try:
        return _stat_fields(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None


def current(pid: int) -> ProcessRecord | None:
    """Record a process that we know to be ours by other means."""
    fields = _read_stat(pid)
    return ProcessRecord(pid, fields[1], _BOOT_ID.read_text().strip()) if fields else None


def start(argv: list[str], *, record: Path, log: Path, cwd: Path) -> None:
    """Start a program that outlives us, and leave its record and its log."""
    record.unlink(missing_ok=True)
    launch = ["setsid", "--fork", "sh", "-c", _LAUNCH, "launch", str(record), str(log)]
    run([*launch, *argv], cwd=cwd)
    deadline = time.monotonic() + 5
    while read(record) is None:
        if time.monotonic() > deadline:
            raise DevclusterError(f"{argv[0]} did not start: no record in {record}")
        time.sleep(0.005)


def read(record: Path) -> ProcessRecord | None:
    """Read a record, if there is a whole one."""
    return ProcessRecord.parse(record.read_text()) if record.is_file() else None


def stop(records: Iterable[ProcessRecord], grace: float = 5.0) -> None:
    """End processes: ask first, insist after the grace."""
    remaining = [record for record in records if record.alive()]
    for record in remaining:
        record.send(signal.SIGTERM)
    remaining = _wait(remaining, grace)
    for record in remaining:
        record.send(signal.SIGKILL)
    if left := _wait(remaining, 5.0):
        raise DevclusterError(f"processes do not end: {', '.join(str(r.pid) for r in left)}")


def _wait(records: list[ProcessRecord], seconds: float) -> list[ProcessRecord]:
    deadline = time.monotonic() + seconds
    while (alive := [record for record in records if record.alive()]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.02)
    return alive


def with_argument(program: str, argument: str) -> list[ProcessRecord]:
    """Find processes of a program that carry an argument which only we give."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if Path(argv[0]).name == program and argument in argv:
            found.append(current(int(folder.name)))
    return [record for record in found if record]
