"""``provisioner sessions``, ``show`` and ``report``: what the store knows."""

import difflib
import json
import os
import sys
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from provisioner.cli.junit import junit
from provisioner.cli.marks import CLEANUP_STYLES, OUTCOME_STYLES
from provisioner.cli.summary import print_trimmed, summarize
from provisioner.cli.terminal import Terminal, readers_may_leave, stdout
from provisioner.cli.text import age, clean, span
from provisioner.errors import UsageError
from provisioner.liveness import Life, closed, leftovers, life
from provisioner.models.session import Report, Session, now
from provisioner.store import FolderStore

COLUMNS = ("id", "verifier", "outcome", "evidence", "started", "took", "cleanup")
WIDE = 500
"""A cut id is of no use: a long line is left to the terminal to wrap."""


def sessions(*, as_json: bool) -> int:
    """List all sessions."""
    found = own_store().list()
    with readers_may_leave():
        console = stdout()
        if as_json:
            console.file.write(json.dumps([_entry(one) for one in found], indent=2) + "\n")
        elif found:
            _table(found)
        else:
            console.tell("no session is recorded yet; begin with: provisioner run FILE")
    return 0


def show(wanted: str | None, *, as_json: bool) -> int:
    """Show one session as after its run, or its record as it is."""
    store = own_store()
    session = find(store, wanted)
    with readers_may_leave():
        console = stdout()
        if as_json:
            console.file.write(session.to_json())
        else:
            seen = as_it_stands(session)
            summarize(seen, console, store.path(session.id), f"none yet: {_standing(session)}")
    return 0


def report(wanted: str | None, *, as_junit: bool) -> int:
    """Print the report of a session that has ended."""
    session = find(own_store(), wanted)
    found = as_it_stands(session)
    if not isinstance(found, Report):
        raise UsageError(f"session {session.id} has no report yet: {_standing(session)}")
    with readers_may_leave():
        stdout().file.write(junit(found) if as_junit else found.to_json())
    return 0


def own_store() -> FolderStore:
    """The store of this user on this machine."""
    return FolderStore.default(os.environ)


def find(store: FolderStore, wanted: str | None) -> Session:
    """The session that is meant by an id, by its unique beginning, or by nothing: the newest.

    Raises:
        UsageError: there is none, or more than one.
    """
    known = store.list()
    if not known:
        raise UsageError("no session is recorded yet", hint="begin with: provisioner run FILE")
    if wanted is None:
        return known[0]
    fitting = [one for one in known if one.id == wanted] or [
        one for one in known if one.id.startswith(wanted) or _random_part(one).startswith(wanted)
    ]
    if len(fitting) == 1:
        return fitting[0]
    raise _ambiguous(wanted, fitting) if fitting and wanted else _unknown(wanted, known)


def as_it_stands(session: Session) -> Session:
    """The session, closed if its process is gone; the record itself is left as it is."""
    return closed(session) if life(session) is Life.GONE else session


def _random_part(session: Session) -> str:
    return session.id.removeprefix(f"{session.verifier}-")


def _ambiguous(wanted: str, fitting: Sequence[Session]) -> UsageError:
    names = ", ".join(one.id for one in fitting)
    return UsageError(f"{wanted!r} fits several sessions: {names}")


def _unknown(wanted: str, known: Sequence[Session]) -> UsageError:
    near = difflib.get_close_matches(wanted, [one.id for one in known], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "provisioner sessions lists them"
    return UsageError(f"there is no session {wanted!r}", hint=hint)


def _standing(session: Session) -> str:
    """Where a session without an outcome stands."""
    match life(session):
        case Life.RUNNING:
            return "it is still running"
        case Life.ELSEWHERE:
            host = session.process.host if session.process else "an unknown host"
            return f"it ran on {host}, and from here nobody can tell whether it still does"
        case _:
            return ""


def _entry(session: Session) -> dict[str, object]:
    seen = as_it_stands(session)
    whole = json.loads(seen.to_json())
    keys = ("id", "verifier", "sandbox", "outcome", "cause", "evidence", "message")
    more = ("startedAt", "finishedAt", "expiresAt", "cleanup")
    told = {key: whole[key] for key in (*keys, *more) if key in whole}
    return {"state": life(session).value, **told}


def _table(found: Sequence[Session]) -> None:
    console = Terminal(sys.stdout, width=WIDE)
    table = Table(*COLUMNS, box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        column.no_wrap = True
    for one in found:
        table.add_row(*_row(one))
    print_trimmed(table, console)
    for one in found:
        if life(one) is Life.GONE:
            console.tell(f"\n{clean(one.id)}: {_gone(one)}")


def _gone(session: Session) -> str:
    what = "it has its verdict, but" if session.outcome else "ended without a verdict:"
    left = f"; remove what it left: provisioner reap {session.id}" if leftovers(session) else ""
    return f"{what} the process is gone{left}"


def _row(session: Session) -> list[Text]:
    seen = as_it_stands(session)
    outcome = Text("unknown" if life(session) is Life.ELSEWHERE else "running", "dim")
    if seen.outcome:
        outcome = Text(seen.outcome, OUTCOME_STYLES[seen.outcome])
    ended = seen.finished_at or now()
    return [
        Text(clean(seen.id)),
        Text(clean(seen.verifier)),
        outcome,
        Text(seen.evidence or "none"),
        Text(f"{age((now() - seen.started_at).total_seconds())} ago"),
        Text(span((ended - seen.started_at).total_seconds())),
        Text(seen.cleanup, CLEANUP_STYLES[seen.cleanup]),
    ]
