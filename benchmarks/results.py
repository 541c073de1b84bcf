"""The figures as people read them: ``results.md`` and the last line."""

import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.overhead import Overhead
from benchmarks.restores import Against, Together
from benchmarks.sides import Run, Timed

_PAGE = os.sysconf("SC_PAGE_SIZE")
GIB, MIB = 1024**3, 1024**2


@dataclass(frozen=True)
class Results:
    """All that one run measured."""

    sessions: Sequence[Run]
    by_hand: Sequence[Timed]
    overheads: Sequence[Overhead]
    against_restic: Sequence[Against]
    side_by_side: Sequence[Together]
    answers: Mapping[str, float]

    @property
    def verdict_ratio(self) -> float:
        """Time to the verdict by the runbook's, the median of the pairs."""
        pairs = zip(self.sessions, self.by_hand, strict=True)
        return statistics.median(one.timed.to_verdict / hand.to_verdict for one, hand in pairs)

    @property
    def overhead_seconds(self) -> float:
        """What is neither restic's nor the application's, the median of the sessions."""
        return statistics.median(one.seconds for one in self.overheads)

    @property
    def restore_ratio(self) -> float:
        """The Job's bytes per second by plain restic's, on large files."""
        return self.against_restic[0].ratio


def last_line(found: Results) -> str:
    """The result in one line."""
    return (
        f"bench: verdict_ratio={found.verdict_ratio:.2f} overhead_s={found.overhead_seconds:.1f}"
        f" restore_ratio={found.restore_ratio:.2f}"
    )


def written(found: Results) -> str:
    """The whole of ``results.md``."""
    memory = os.sysconf("SC_PHYS_PAGES") * _PAGE / GIB
    today = datetime.now(UTC).date()
    parts = [
        "# Results",
        f"Written by `make bench` on {today}, {os.cpu_count()} cores, {memory:.0f} GiB of memory.",
        f"```\n{last_line(found)}\n```",
        *_pairs(found),
        *_overhead(found),
        *_restores(found),
        *_rest(found),
    ]
    return "\n\n".join(parts) + "\n"


def _pairs(found: Results) -> list[str]:
    rows = [
        (
            f"{one.timed.to_verdict:.1f}",
            f"{hand.to_verdict:.1f}",
            f"{one.timed.to_verdict / hand.to_verdict:.2f}",
            f"{one.timed.to_gone:.1f}",
            f"{hand.to_gone:.1f}",
        )
        for one, hand in zip(found.sessions, found.by_hand, strict=True)
    ]
    head = ("verdict, s", "runbook, s", "ratio", "all gone, s", "runbook, s")
    return [
        "## To the verdict",
        "The WordPress example, two repositories, in turn with `runbook.sh` on the same data and"
        " the same questions. Time counts from the process' start. Volumes of type local are there"
        " before, of a class that binds them at once: how long a class takes to make one is neither"
        " side's. One that waits for the first pod costs both a second, in which the scheduler"
        " looks again.",
        _table(head, rows),
    ]


def _overhead(found: Results) -> list[str]:
    ours = [(name, _median(found, "ours", name)) for name in found.overheads[0].ours]
    cluster = [(name, _median(found, "cluster", name)) for name in found.overheads[0].cluster]
    restore = statistics.median(one.restore for one in found.overheads)
    application = statistics.median(one.application for one in found.overheads)
    return [
        "## Overhead",
        "The time to the verdict less the critical path: restic's own seconds on the longest"
        f" restore ({restore:.2f}) and the application's from its first container's start until"
        f" ready ({application:.2f}). Container times are containerd's own. Medians, seconds;"
        f" together {found.overhead_seconds:.2f}:",
        _table(("ours", "s"), ours),
        "What Kubernetes takes of the way, whoever asks for a pod; it counts as overhead all the"
        " same:",
        _table(("the cluster's", "s"), cluster),
    ]


def _median(found: Results, part: str, name: str) -> str:
    return f"{statistics.median(getattr(one, part)[name] for one in found.overheads):.2f}"


def _restores(found: Results) -> list[str]:
    against = [
        (
            one.name,
            f"{one.bytes / MIB / statistics.median(one.plain):.0f}",
            f"{one.bytes / MIB / statistics.median(one.job):.0f}",
            f"{one.ratio:.2f}",
        )
        for one in found.against_restic
    ]
    together = [
        (str(one.count), f"{one.seconds:.1f}", f"{one.one_by_one:.1f}")
        for one in found.side_by_side
    ]
    return [
        "## Restores",
        "MiB a second of restic in its pod against plain restic on the same snapshot and disk:",
        _table(("data", "plain", "pod", "ratio"), against),
        "Several repositories of the same size in one session, against one after another:",
        _table(("repositories", "side by side, s", "one by one, s"), together),
    ]


def _rest(found: Results) -> list[str]:
    rows = [(name, f"{seconds:.2f} s") for name, seconds in found.answers.items()]
    peak = max(one.peak_bytes for one in found.sessions) / MIB
    rows.append(("peak memory of a session's process", f"{peak:.0f} MiB"))
    requests = statistics.median(one.requests for one in found.sessions)
    rows.append(("requests of a session to the API server, beside Helm's", f"{requests:.0f}"))
    gone = statistics.median(one.timed.to_gone - one.timed.to_verdict for one in found.sessions)
    rows.append(("from the verdict until nothing is left", f"{gone:.1f} s"))
    return ["## Commands and memory", _table(("what", "figure"), rows), *_EXPLAINED]


_EXPLAINED = (
    "Memory is the interpreter with its libraries (Kubernetes' client, pydantic, the terminal):"
    " neither data nor listings of snapshots' files pass through it.",
    "Of the requests a third are for watches and the lists that they begin with, one pair for each"
    " kind that readiness depends on; a quarter make and remove the sandbox's objects; the rest"
    " read production's Secrets, ask which kinds there are, and find the pods of checks. Nothing"
    " is asked again and again.",
    "After the verdict the application is stopped by Helm, its pods end in their own time, its"
    " volumes go while the namespace is still there to tell of them, and then the namespace. The"
    " verdict is recorded before all that.",
)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
