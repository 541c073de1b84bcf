"""The live view: phases with their times, restores as they fill, checks as they come."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from provisioner.cli.marks import check_mark, phase_mark
from provisioner.cli.terminal import Terminal
from provisioner.cli.text import age, clock, count, one_line, rate, size, span
from provisioner.models.attempts import AttemptRecord
from provisioner.models.session import CheckRecord, PhaseRecord, RestoreRecord, Session, now
from provisioner.models.words import PhaseName, PhaseState
from provisioner.progress import RestoreProgress

REFRESH_PER_SECOND = 4
NAME_WIDTH = 20
BAR_WIDTH = 8
LEAST_CHECKS = 3


class LiveView:
    """Draws the session in place until it ends."""

    def __init__(self, console: Terminal, *, stays: bool) -> None:
        self._console = console
        self._session: Session | None = None
        self._progress: dict[str, RestoreProgress] = {}
        self._note = ""
        self._until: datetime | None = None
        self._live = Live(
            get_renderable=self.render,
            console=console,
            refresh_per_second=REFRESH_PER_SECOND,
            transient=not stays,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def start(self) -> None:
        """Begin to draw."""
        self._live.start(refresh=True)

    def stop(self) -> None:
        """Draw the last time; the cursor comes back."""
        self._live.stop()

    def say(self, text: str) -> None:
        """A line that stays, above the drawing."""
        self._console.tell(one_line(text))

    def record(self, session: Session) -> None:
        """Draw this state from now on."""
        self._session = session

    def restoring(self, progress: RestoreProgress) -> None:
        """Draw this progress from now on."""
        self._progress[progress.name] = progress

    def note(self, text: str) -> None:
        """Draw this note from now on."""
        self._note = text

    def kept(self, until: datetime) -> None:
        """Draw a countdown to that moment."""
        self._until = until

    def render(self) -> RenderableType:
        """The whole drawing, as the session stands."""
        if self._session is None:
            return Text("connecting to the cluster", "dim")
        ended = map(_ended, enumerate(self._session.attempts, 1))
        before = list(ended) if self._session.verdict_at is None else []
        lines = [_title(self._session), *before, *self._phases(self._session)]
        tail = self._tail()
        used = len(lines) + len(self._session.restores) + len(tail)
        room = self._console.size.height - used
        return Group(*lines, *_checks(self._session.checks, room), *tail)

    def _phases(self, session: Session) -> Iterable[RenderableType]:
        known = {phase.name: phase for phase in session.phases}
        for name in PhaseName:
            if name in known or name is not PhaseName.REPORT:  # over before it can be seen
                yield _phase(name, known.get(name))
            if name is PhaseName.RESTORE and session.restores:
                yield self._restores(session.restores)

    def _restores(self, restores: list[RestoreRecord]) -> Table:
        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(no_wrap=True, overflow="ellipsis", max_width=NAME_WIDTH)
        # The bar takes what is left.
        grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1, min_width=BAR_WIDTH)
        for _ in range(3):
            grid.add_column(no_wrap=True, justify="right")
        for restore in sorted(restores, key=lambda one: (one.name, one.replica or 0)):
            grid.add_row(Text(f"     {restore.label}"), *self._restore(restore))
        return grid

    def _restore(self, restore: RestoreRecord) -> Sequence[RenderableType]:
        if restore.state is PhaseState.DONE:
            speed = rate(restore.bytes, restore.seconds)
            return ("done", size(restore.bytes), count(restore.files, "file"), speed)
        progress = self._progress.get(restore.label)
        if restore.state is PhaseState.RUNNING and progress and progress.bytes_total:
            return _going(progress)
        return (Text(one_line(restore.message or restore.state.lower()), "dim"),)

    def _tail(self) -> list[RenderableType]:
        tail: list[RenderableType] = [_line(self._note, "dim")] if self._note else []
        running = self._session and any(
            phase.name is PhaseName.KEEP and phase.state is PhaseState.RUNNING
            for phase in self._session.phases
        )
        if self._until and self._session and running:
            tail += _countdown(self._session, self._until)
        return [Text(), *tail] if tail else []


def _line(text: str, style: str = "") -> Text:
    return Text(one_line(text), style, no_wrap=True, overflow="ellipsis")


def _title(session: Session) -> RenderableType:
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    ended = session.finished_at or now()
    took = span((ended - session.started_at).total_seconds())
    title = Text.assemble((session.verifier, "bold"), (f" in {session.sandbox}", "dim"))
    grid.add_row(title, took)
    return grid


def _ended(numbered: tuple[int, AttemptRecord]) -> Text:
    """An attempt before this one."""
    number, attempt = numbered
    told = one_line(f"attempt {number}: {attempt.outcome}: {attempt.message}")
    return Text(f" ! {told}", "yellow", no_wrap=True, overflow="ellipsis")


def _phase(name: PhaseName, phase: PhaseRecord | None) -> RenderableType:
    mark, style = phase_mark(phase.state if phase else None)
    text = Text(f" {mark} {name:<10}", style, no_wrap=True, overflow="ellipsis")
    if phase and phase.state is not PhaseState.SKIPPED:
        running = (datetime.now(UTC) - phase.started_at).total_seconds()
        text.append(f"{span(running if phase.seconds is None else phase.seconds):>8}")
    if phase and phase.message:
        text.append(f"  {one_line(phase.message)}", "red")
    return text


def _going(progress: RestoreProgress) -> Sequence[RenderableType]:
    return (
        ProgressBar(total=progress.bytes_total, completed=progress.bytes_done),
        f"{size(progress.bytes_done)}/{size(progress.bytes_total)}",
        f"{progress.files_done}/{progress.files_total} files",
        f"{size(progress.rate)}/s" if progress.rate else "",
    )


def _checks(checks: list[CheckRecord], room: int) -> Iterable[RenderableType]:
    """The newest checks that fit; those that did not pass come last, to stay in sight."""
    ordered = sorted(checks, key=lambda check: check.state != "Passed")
    fit = max(room - 1, LEAST_CHECKS)
    hidden = len(ordered) - fit
    if hidden > 0:
        yield Text(f"     {hidden} more checks", "dim")
    for check in ordered[max(hidden, 0) :]:
        yield _check(check)


def _check(check: CheckRecord) -> RenderableType:
    mark, style = check_mark(check.state)
    text = Text(f"   {mark} ", style, no_wrap=True, overflow="ellipsis")
    text.append(one_line(check.name), "default")
    if said := check.saw or check.message:
        text.append(f"  {one_line(said)}", "dim")
    return text


def _countdown(session: Session, until: datetime) -> list[RenderableType]:
    left = max(0.0, (until - now()).total_seconds())
    return [
        _line(f"kept until {clock(until)}, {age(left)} left; Ctrl-C ends it", "bold"),
        _line(f"look around: provisioner shell --session {session.id}; provisioner open SERVICE"),
        _line(f"or: kubectl -n {session.sandbox} get all"),
    ]
