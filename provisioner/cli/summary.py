"""The final summary: everything a person needs to judge the session, in 80 columns."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provisioner.cli.marks import CLEANUP_STYLES, OUTCOME_STYLES, check_mark
from provisioner.cli.target_views import attempt_row, enlarged_rows, target_row
from provisioner.cli.terminal import Terminal
from provisioner.cli.text import age, clean, count, one_line, rate, size, span
from provisioner.models.compared import ComparedRecord
from provisioner.models.expect import format_percent
from provisioner.models.session import (
    CheckRecord,
    Leftover,
    RestoreRecord,
    Session,
    SnapshotRecord,
)
from provisioner.models.words import (
    CheckState,
    Cleanup,
    Evidence,
    PhaseName,
    PhaseState,
    Severity,
)

SHORT_ID = 8
_LINES = 5
"""As many as are shown of what a check said."""

_EVIDENCE = {
    None: "none: no data came back",
    Evidence.RESTORED: "restored: data came back, and it is not empty",
    Evidence.BOOTED: "booted: the application is ready on the restored data",
    Evidence.PROVEN: "proven: a check that reads restored data passed",
}

_ISOLATION = {"unproven": "unproven: the fence is installed, and was not tried"}


def summarize(report: Session, console: Terminal, recorded: Path, standing: str = "") -> None:
    """Print the summary of a session; ``standing`` tells where one without an outcome stands."""
    with _trimmed(console):
        _print(report, console, recorded, standing)


def print_trimmed(table: Table, console: Terminal) -> None:
    """Print a table without the spaces that fill its last column."""
    with _trimmed(console):
        console.print(table)


@contextmanager
def _trimmed(console: Terminal) -> Iterator[None]:
    """Tables fill their columns with spaces, which nobody wants in a log."""
    with console.capture() as capture:
        yield
    console.file.write(re.sub(r" +\n", "\n", capture.get()))


def _print(report: Session, console: Terminal, recorded: Path, standing: str) -> None:
    _verdict(report, console, standing)
    if len(report.attempts) > 1:
        section(console, "attempts", map(attempt_row, enumerate(report.attempts, 1)))
    section(console, "snapshots", map(_snapshot, report.snapshots))
    if report.skew_seconds is not None:
        console.tell(f"  {span(report.skew_seconds)} from the oldest to the newest")
    section(console, "targets", map(target_row, report.targets))
    section(console, "claims that were enlarged", enlarged_rows(report.enlarged, report.data_only))
    restores = sorted(report.restores, key=lambda one: (one.name, one.replica or 0))
    section(console, "restores", map(_restore, restores))
    _checks(report.checks, console)
    _times(report, console)
    _cleanup(report, console)
    console.tell(f"session    {recorded}")


def _verdict(report: Session, console: Terminal, standing: str) -> None:
    grid = _grid()
    outcome = Text(standing)
    if report.outcome:
        outcome = Text(report.outcome, OUTCOME_STYLES[report.outcome])
    if report.outcome and report.cleanup is not Cleanup.CLEAN:
        outcome.append(f", {report.cleanup}", CLEANUP_STYLES[report.cleanup])
    grid.add_row("outcome", outcome)
    grid.add_row("evidence", _evidence(report))
    rows = {"cause": report.cause or "", "message": report.message, "hint": report.hint}
    for label, text in rows.items():
        if text:
            grid.add_row(label, Text(clean(text)))
    console.print(grid)
    section(console, "diagnosis", ([Text(clean(line))] for line in report.diagnosis))


def _evidence(report: Session) -> str:
    """How far it got, and where a pass needed less than a proof."""
    told = _EVIDENCE[report.evidence]
    proof = report.required_evidence is Evidence.PROVEN
    return told if proof else f"{told} (required: {report.required_evidence})"


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(min_width=9, no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def section(console: Terminal, title: str, rows: Iterable[list[Text]]) -> None:
    """Print a table under its title; nothing when it has no rows."""
    grid = Table.grid(padding=(0, 2))
    for row in rows:
        grid.add_row(*row)
    if grid.row_count:
        console.tell(f"\n{title}", "bold")
        console.print(Padding(grid, (0, 0, 0, 2)))


def _snapshot(snapshot: SnapshotRecord) -> list[Text]:
    drawn = [] if snapshot.seed is None else [f"drawn by seed {snapshot.seed}"]
    return [
        Text(clean(snapshot.restore)),
        Text(clean(snapshot.id[:SHORT_ID])),
        Text(f"{age(snapshot.age_seconds)} old"),
        Text(one_line(", ".join([*drawn, *snapshot.tags])), "dim"),
    ]


def _restore(restore: RestoreRecord) -> list[Text]:
    name = Text(clean(restore.label))
    if restore.state is not PhaseState.DONE:
        words = f"{restore.state.lower()}: {clean(restore.message)}".removesuffix(": ")
        return [name, Text(words, "red" if restore.state is PhaseState.FAILED else "")]
    parts = [count(restore.files, "file"), size(restore.bytes)]
    if restore.seconds:
        parts += [span(restore.seconds), rate(restore.bytes, restore.seconds)]
    if restore.strategy == "stream":
        parts.append(f"streamed into {clean(restore.workload)}")
    if restore.strategy == "inplace":
        parts.append(f"in place of what claim {clean(restore.claim)} held")
    if restore.compared:
        parts.append(_compared(restore.compared))
    return [name, *map(Text, parts)]


def _compared(same: ComparedRecord) -> str:
    """All are counted by owner and mode; of large snapshots a sample is compared by name."""
    return f"as listed: {same.files + same.others} counted, {same.names} by name"


def _checks(checks: list[CheckRecord], console: Terminal) -> None:
    if not checks:
        return
    passed = sum(check.state is CheckState.PASSED for check in checks)
    console.tell(f"\nchecks: {passed} of {len(checks)} passed", "bold")
    for check in checks:
        _check(check, console)


def _check(check: CheckRecord, console: Terminal) -> None:
    mark, style = check_mark(check.state)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=3)
    grid.add_column(overflow="fold")
    name = Text(clean(check.name))
    name.append(f"  {', '.join(_facts(check))}", "dim")
    grid.add_row(Text(f"  {mark}", style), name)
    answers = {
        "expected": check.expected,
        "saw": check.saw,
        "trend": _trend(check),
        "message": check.message,
        "earlier": "\n".join(check.earlier),
    }
    for label, text in answers.items():
        for first, line in zip_longest([label], _first_lines(text), fillvalue=""):
            if line:
                grid.add_row("", Text(f"{first:<8}  {line}"))
    console.print(grid)


def _facts(check: CheckRecord) -> list[str]:
    proof = "" if check.reads_data else "reads no data"
    if check.unmeasured and check.reads_data:
        proof = "proves nothing"
    facts = [check.kind, *([proof] if proof else []), span(check.seconds)]
    if check.severity is not Severity.REQUIRED:
        facts.append(str(check.severity))
    return [*facts, f"{len(check.earlier) + 1} tries"] if check.earlier else facts


def _trend(check: CheckRecord) -> str:
    trend = check.trend
    if trend is None:
        return ""
    then = f"{trend.baseline:.15g} in session {trend.session}"
    return then if trend.ratio is None else f"{format_percent(trend.ratio)} of the {then}"


def _first_lines(text: str) -> list[str]:
    """What a script said, e.g. a problem a line; all of it is in the report."""
    lines = [one_line(line) for line in text.splitlines() if line.strip()]
    hidden = len(lines) - _LINES
    return [*lines[:_LINES], f"and {count(hidden, 'more line')}"] if hidden > 0 else lines


def _times(report: Session, console: Terminal) -> None:
    order = list(PhaseName)
    phases = sorted(report.phases, key=lambda phase: order.index(phase.name))
    parts = [f"{phase.name} {span(phase.seconds)}" for phase in phases if phase.seconds]
    grid = _grid()
    if report.data_only:
        grid.add_row("chart", Text("none: data only"))
    if report.chart:
        grid.add_row("chart", Text(one_line(f"{report.chart.title} of {report.chart.source}")))
    if report.verdict_at:
        to_verdict = span((report.verdict_at - report.started_at).total_seconds())
        grid.add_row("verdict", Text(f"after {to_verdict}"))
    if report.finished_at:
        took = span((report.finished_at - report.started_at).total_seconds())
        grid.add_row("finished", Text(f"after {took}"))
    grid.add_row("phases", Text(", ".join(parts)))
    grid.add_row("isolation", Text(_ISOLATION[report.isolation]))
    console.tell("")
    console.print(grid)


def _cleanup(report: Session, console: Terminal) -> None:
    line = Text("cleanup    ").append(report.cleanup, CLEANUP_STYLES[report.cleanup])
    console.print(line)
    for leftover in report.leftovers:
        console.print(Padding(Text(_told(leftover)), (0, 0, 0, 2)))
        # Whole, on a line of its own: it is there to be copied.
        console.tell(f"    {clean(leftover.command)}")


def _told(leftover: Leftover) -> str:
    where = f" in {leftover.namespace}" if leftover.namespace else ""
    reason = f": {one_line(leftover.reason)}" if leftover.reason else ""
    return f"left: {leftover.kind} {clean(leftover.name)}{where}{reason}"
