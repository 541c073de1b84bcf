"""``provisioner reap``: what sessions have left goes."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.cli.exits import LEAKED
from provisioner.cli.options import Reach
from provisioner.cli.reach import reach
from provisioner.cli.records import find, own_store
from provisioner.cli.terminal import readers_may_leave, stderr, stdout
from provisioner.cli.text import age, clean, clock, one_line
from provisioner.cluster.api import Cluster
from provisioner.errors import UsageError
from provisioner.helm.release import Helm
from provisioner.liveness import Life, closed, life
from provisioner.models.session import Leftover, Session, now
from provisioner.models.words import Cleanup
from provisioner.reaper import Reaped, Sandbox, expired, reap, sandbox_named, sandboxes
from provisioner.scratch import remove_left
from provisioner.store import FolderStore


@dataclass(frozen=True)
class Options:
    """The command line of ``reap``; with a session, that one alone."""

    session: str | None = None
    verifier: str | None = None
    dry_run: bool = False
    as_json: bool = False
    reach: Reach = field(default_factory=Reach)
    helm: str = "helm"


@dataclass(frozen=True)
class Line:
    """What is told of one sandbox."""

    sandbox: str
    session: str
    state: str
    leftovers: Sequence[Leftover] = ()


def execute(options: Options) -> int:
    """Remove, tell, and say by the exit code whether something is left.

    Raises:
        ProvisionerError: the session still runs, or the cluster cannot be asked.
    """
    lines = asyncio.run(_one(options) if options.session else _all(options))
    with readers_may_leave():
        tell(lines, as_json=options.as_json)
    return LEAKED if any(line.leftovers for line in lines) else 0


async def _all(options: Options) -> list[Line]:
    cluster = await Cluster.connect(options.reach.kubeconfig, options.reach.context)
    found = await sandboxes(cluster, options.verifier)
    doomed = expired(found)
    kept = [Line(one.name, one.session, _why_kept(one)) for one in found if one not in doomed]
    if options.dry_run:
        return [*(Line(one.name, one.session, _would(one)) for one in doomed), *kept]
    reaped = await reap(cluster, Helm(options.helm, cluster), doomed, _note)
    store = own_store()
    _sweep(store.list())
    _close(store, reaped)
    return [*map(_line, reaped), *kept]


async def _one(options: Options) -> list[Line]:
    store = own_store()
    session = find(store, options.session)
    _demand_dead(session)
    cluster = await reach(session, options.reach)
    there = await sandbox_named(cluster, session.sandbox)
    _demand_no_other(session, there)
    if options.dry_run:
        return [Line(session.sandbox, session.id, "would be removed" if there else "is not there")]
    # Also when the namespace is gone: its volumes may not be.
    doomed = there or Sandbox(session.sandbox, session.id, session.verifier, None)
    reaped = await reap(cluster, Helm(options.helm, cluster), [doomed], _note)
    _sweep([session])
    _close(store, reaped)
    return [_line(one, was_there=there is not None) for one in reaped]


def _demand_dead(session: Session) -> None:
    if life(session) is Life.RUNNING and session.process:
        pid = session.process.pid
        raise UsageError(
            f"session {session.id} is still running, as process {pid}: nothing was removed",
            hint=f"stop it, and it removes its sandbox by itself: kill -INT {pid}",
        )


def _demand_no_other(session: Session, there: Sandbox | None) -> None:
    """Of another machine's process only the deadline tells that it is over."""
    expires = (there.expires_at if there else None) or session.expires_at
    if life(session) is Life.ELSEWHERE and expires > now():
        host = session.process.host if session.process else "an unknown host"
        raise UsageError(
            f"session {session.id} ran on {host}, and may still do so: nothing was removed",
            hint=f"it expires in {age((expires - now()).total_seconds())}; reap it then",
        )


def _sweep(sessions: Sequence[Session]) -> None:
    """What is left on this machine by processes that are gone; told, as no sandbox's line does."""
    for session in sessions:
        folder = Path(session.process.folder) if session.process else Path()
        if life(session) is not Life.GONE or not folder.is_absolute() or not folder.exists():
            continue
        try:
            removed = remove_left(folder)
        except OSError as error:
            _note(f"session {session.id} has left {folder}, which stays: {error.strerror}")
            continue
        state = "removed" if removed else "left as it is: that is no private folder of ours"
        _note(f"session {session.id} has left {folder}: {state}")


def _close(store: FolderStore, reaped: Sequence[Reaped]) -> None:
    """What a process that is gone could not record any more."""
    known = {one.id: one for one in store.list()}
    for one in reaped:
        session = known.get(one.sandbox.session)
        if session and life(session) is not Life.RUNNING:
            cleanup = Cleanup.LEAKED if one.leftovers else Cleanup.CLEAN
            ending = {"cleanup": cleanup, "leftovers": one.leftovers}
            store.save(closed(session).model_copy(update=ending))


def _line(reaped: Reaped, *, was_there: bool = True) -> Line:
    sandbox = reaped.sandbox
    gone = "removed" if was_there else "was gone already, and nothing of it is left"
    state = "not all of it could be removed" if reaped.leftovers else gone
    return Line(sandbox.name, sandbox.session, state, reaped.leftovers)


def _would(sandbox: Sandbox) -> str:
    over = (now() - sandbox.expires_at).total_seconds() if sandbox.expires_at else 0.0
    return f"would be removed: expired {age(over)} ago"


def _why_kept(sandbox: Sandbox) -> str:
    if sandbox.expires_at is None:
        return f"left as it is: {one_line(sandbox.trouble)}"
    left = (sandbox.expires_at - now()).total_seconds()
    return f"left as it is: expires in {age(left)}, at {clock(sandbox.expires_at)}"


def _note(text: str) -> None:
    stderr().tell(one_line(text))


def tell(lines: Sequence[Line], *, as_json: bool) -> None:
    """Print what became of each sandbox."""
    console = stdout()
    if as_json:
        console.file.write(json.dumps([_entry(line) for line in lines], indent=2) + "\n")
        return
    for line in lines:
        console.tell(f"{clean(line.sandbox)}: {line.state}")
        for one in line.leftovers:
            console.tell(f"  left: {one.kind} {clean(one.name)}: {one_line(one.reason)}")
            console.tell(f"    {clean(one.command)}")
    if not lines:
        console.tell("there is no sandbox in this cluster")


def _entry(line: Line) -> dict[str, object]:
    leftovers = [one.model_dump(mode="json", by_alias=True) for one in line.leftovers]
    return {
        "sandbox": line.sandbox,
        "session": line.session,
        "state": line.state,
        "leftovers": leftovers,
    }
