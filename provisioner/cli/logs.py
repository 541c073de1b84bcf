"""``provisioner logs``: the log of a session; of its sandbox's pods see ``pod_logs``."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.cli.options import Reach
from provisioner.cli.records import find, own_store
from provisioner.cli.terminal import readers_may_leave, stderr, stdout
from provisioner.errors import UsageError
from provisioner.liveness import Life, life
from provisioner.models.session import Session
from provisioner.store import FolderStore

POLL_SECONDS = 0.2
"""How often a log that is followed is looked at: it is a local file."""


@dataclass(frozen=True)
class Options:
    """The command line of ``logs``."""

    session: str | None = None
    workload: str | None = None
    container: str | None = None
    follow: bool = False
    previous: bool = False
    tail: int | None = None
    reach: Reach = field(default_factory=Reach)


def print_session_log(options: Options) -> None:
    """Print the session's log, as it stands or to the session's end.

    Raises:
        UsageError: there is no such log.
    """
    if options.container or options.previous:
        raise UsageError("--container and --previous are for the logs of a WORKLOAD")
    store = own_store()
    session = find(store, options.session)
    path = store.log_path(session.id)
    if not path.is_file():
        raise UsageError(
            f"session {session.id} has no log here",
            hint=f"what is recorded of it: provisioner show {session.id}",
        )
    with readers_may_leave():
        _print_log(path, options.tail, store, session, follow=options.follow)


def _print_log(
    path: Path, tail: int | None, store: FolderStore, session: Session, *, follow: bool
) -> None:
    out = stdout().file
    with path.open(encoding="utf-8", errors="replace") as file:
        over = not follow or _is_over(session)
        lines = file.readlines()
        out.writelines(lines if tail is None else lines[max(len(lines) - tail, 0) :])
        while not over:
            out.flush()
            time.sleep(POLL_SECONDS)
            # Asked before it is read: all that a session wrote until its end is read, too.
            over = _is_over(store.load(session.id))
            out.write(file.read())
    if follow and life(store.load(session.id)) is Life.GONE:
        stderr().tell(f"session {session.id}: its process is gone")


def _is_over(session: Session) -> bool:
    return life(session) in (Life.FINISHED, Life.GONE)
