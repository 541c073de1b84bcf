"""``provisioner run``: one session in the foreground."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.logging import RichHandler

from provisioner.cli.detach import Herald, detach
from provisioner.cli.exits import CANCELLED, LEAKED, exit_code
from provisioner.cli.options import Programs, Reach
from provisioner.cli.session_log import SessionLog
from provisioner.cli.signals import supervise
from provisioner.cli.summary import summarize
from provisioner.cli.terminal import Terminal, readers_may_leave, stderr, stdout
from provisioner.cli.text import age_of, clean
from provisioner.cli.watch import View, view_of, watching
from provisioner.documents import STDIN, STDIN_NAME, load_verifier
from provisioner.errors import ProvisionerError, UsageError
from provisioner.models.base import parse_duration
from provisioner.models.session import Report
from provisioner.models.verified import Verified
from provisioner.progress import Observer
from provisioner.store import FolderStore, SessionStore, write_atomically

if TYPE_CHECKING:
    from provisioner.pipeline import Request

Pipeline = Callable[["Request", SessionStore, Observer], Coroutine[Any, Any, Report | Verified]]
Work = Callable[[Observer], Coroutine[Any, Any, Report | Verified]]


@dataclass(frozen=True)
class Options:
    """The command line of ``run``."""

    document: Path
    reach: Reach = field(default_factory=Reach)
    programs: Programs = field(default_factory=Programs)
    keep: str | None = None
    report: Path | None = None
    detach: bool = False
    as_json: bool = False
    verbose: bool = False


def execute(options: Options, pipeline: Pipeline | None = None) -> int:
    """Run the session, show it, hand out its report, and say how it ended.

    Raises:
        ProvisionerError: the session could not begin.
    """
    request = request_of(options)
    store = FolderStore.default(os.environ)
    work = partial(pipeline or _pipeline(), request, store)
    log_to(stderr(), verbose=options.verbose)
    if options.detach:
        alone = partial(_alone, work, options, store)
        return detach(store, alone, as_json=options.as_json)
    return _in_sight(work, options, store)


def _in_sight(work: Work, options: Options, store: FolderStore) -> int:
    out = stdout()
    view = view_of(stderr(), plain=options.as_json, stays=not out.is_terminal)
    ended = _end_of(work, view, SessionLog(store))
    if ended is None:
        return CANCELLED
    if isinstance(ended, Verified):
        return _needless(ended.report, options, out)
    _hand_out(ended, options, out, store.path(ended.id))
    return exit_code(ended)


def _alone(work: Work, options: Options, store: FolderStore, herald: Herald) -> int:
    """The session of a process of its own: its record and its log are all that tells of it."""
    ended = _end_of(work, SessionLog(store), herald)
    if ended is None:
        return CANCELLED
    if isinstance(ended, Verified):  # and nothing was recorded, so the terminal is still ours
        return _needless(ended.report, options, stdout())
    if options.report is not None:
        _write(options.report, ended)
    return exit_code(ended)


def _needless(report: Report, options: Options, out: Terminal) -> int:
    """Say who has verified the same, and hand out that session's report: it is the proof."""
    at = report.verdict_at or report.finished_at
    passed = f"session {clean(report.id)} passed {age_of(at)} ago"
    told = f"verified already: {passed}, of the same document and the same snapshots"
    with readers_may_leave():
        (stderr() if options.as_json else out).tell(f"{told}; nothing was run")
        if options.as_json:
            out.file.write(report.to_json())
        else:
            saw = "what it saw" if exit_code(report) != LEAKED else "it left something behind"
            out.tell(f"{saw}: provisioner show {clean(report.id)}")
    if options.report is not None:
        _write(options.report, report)
    return exit_code(report)


def _end_of(work: Work, *views: View) -> Report | Verified | None:
    """None: it was stopped before it had begun anything."""
    with watching(*views) as watch:
        try:
            return asyncio.run(supervise(work(watch), watch.say))
        except asyncio.CancelledError:
            watch.say("stopped before anything was created")
            return None


def _pipeline() -> Pipeline:
    from provisioner.pipeline import run  # noqa: PLC0415 - heavy

    return run


def request_of(options: Options) -> "Request":
    """What the command line and its document ask for.

    Raises:
        ProvisionerError: one of them is wrong.
    """
    keep = _keep(options.keep)
    verifier = load_verifier(options.document)
    _refuse_report_to(options.report)
    # Imported late, because it is heavy: what the user got wrong is told at once.
    from provisioner.pipeline import Request  # noqa: PLC0415

    return Request(
        verifier=verifier,
        document=_named(options.document),
        kubeconfig=options.reach.kubeconfig,
        context=options.reach.context,
        keep=keep,
        helm=options.programs.helm,
        restic=options.programs.restic,
    )


def _named(document: Path) -> Path:
    """As it is recorded: there is no way back to what came from stdin."""
    return Path(STDIN_NAME) if document == STDIN else document.absolute()


def _keep(text: str | None) -> timedelta | None:
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--keep: {error}") from error


def _refuse_report_to(path: Path | None) -> None:
    """An hour's session must not end in a report that cannot be written."""
    if path is None:
        return
    if path.exists() and not path.is_file():
        raise UsageError(f"--report: {path} is no file", hint="--output json prints the report")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--report: {path.parent} cannot be made: {error.strerror}") from error
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(f"--report: {path.parent} cannot be written to")


def log_to(console: Terminal, *, verbose: bool) -> None:
    """Send the program's log to a terminal."""
    handler = RichHandler(console=console, show_path=False, markup=False, log_time_format="%X")
    logging.basicConfig(level=logging.WARNING, handlers=[handler], format="%(message)s", force=True)
    logging.getLogger("provisioner").setLevel(logging.DEBUG if verbose else logging.WARNING)


def _hand_out(report: Report, options: Options, out: Terminal, recorded: Path) -> None:
    try:
        with readers_may_leave():
            _print(report, options, out, recorded)
    finally:
        if options.report is not None:
            _write(options.report, report)


def _print(report: Report, options: Options, out: Terminal, recorded: Path) -> None:
    if options.as_json:
        out.file.write(report.to_json())
    else:
        summarize(report, out, recorded)


def _write(path: Path, report: Report) -> None:
    try:
        write_atomically(path, report.to_json(), mode=0o644)
    except OSError as error:
        message = f"the report cannot be written to {path}: {error.strerror}"
        raise ProvisionerError(message) from error
