"""``provisioner extend`` and ``release``: how long a sandbox stays."""

import asyncio
import json
from datetime import datetime

from provisioner.cli import reap
from provisioner.cli.options import Reach
from provisioner.cli.reach import reach
from provisioner.cli.records import find, own_store
from provisioner.cli.terminal import readers_may_leave, stdout
from provisioner.cli.text import age, clean, clock
from provisioner.cluster.api import Cluster
from provisioner.errors import UsageError
from provisioner.liveness import Life, life
from provisioner.models.base import parse_duration
from provisioner.models.session import Session, now
from provisioner.models.words import PhaseName, PhaseState
from provisioner.phases.keep import GRACE
from provisioner.reaper import Sandbox, move_deadline, sandbox_named


def extend(wanted: str, duration: str, way: Reach, *, as_json: bool) -> int:
    """Add to the time that the sandbox stays.

    Raises:
        UsageError: it is not kept, or that is no duration.
    """
    try:
        more = parse_duration(duration)
    except ValueError as error:
        raise UsageError(str(error)) from error
    session = find(own_store(), wanted)
    _demand_keepable(session)

    async def move() -> datetime:
        cluster = await reach(session, way)
        sandbox, deadline = await _deadline(cluster, session)
        moved = max(deadline, now()) + more
        await move_deadline(cluster, sandbox, moved)
        return moved

    _tell(session, asyncio.run(move()), as_json=as_json)
    return 0


def release(wanted: str, way: Reach, helm: str, *, as_json: bool) -> int:
    """End the keeping: by the process that keeps, or, when that is gone, here.

    Raises:
        UsageError: it is not kept.
    """
    session = find(own_store(), wanted)
    _demand_keepable(session)
    if life(session) is Life.GONE:
        options = reap.Options(session=session.id, reach=way, helm=helm, as_json=as_json)
        return reap.execute(options)

    async def move() -> None:
        cluster = await reach(session, way)
        sandbox, _ = await _deadline(cluster, session)
        await move_deadline(cluster, sandbox, now() + GRACE)

    asyncio.run(move())
    line = reap.Line(session.sandbox, session.id, "released; its process is removing it")
    with readers_may_leave():
        reap.tell([line], as_json=as_json)
    return 0


def _demand_keepable(session: Session) -> None:
    """A session that still verifies has a deadline of its own; a finished one has no sandbox."""
    match life(session):
        case Life.FINISHED:
            raise UsageError(
                f"session {session.id} is finished, and its sandbox is not kept any more",
                hint=f"provisioner show {session.id}",
            )
        case Life.RUNNING | Life.ELSEWHERE if not _keeps(session):
            raise UsageError(
                f"session {session.id} is not kept: it has not come so far",
                hint="provisioner run --keep DURATION keeps a sandbox after the verdict",
            )


def _keeps(session: Session) -> bool:
    return any(
        one.name is PhaseName.KEEP and one.state is PhaseState.RUNNING for one in session.phases
    )


async def _deadline(cluster: Cluster, session: Session) -> tuple[Sandbox, datetime]:
    sandbox = await sandbox_named(cluster, session.sandbox)
    if sandbox is None:
        raise UsageError(f"the sandbox of session {session.id} is gone")
    if sandbox.expires_at is None:
        raise UsageError(f"namespace {sandbox.name} cannot be extended: {sandbox.trouble}")
    return sandbox, sandbox.expires_at


def _tell(session: Session, deadline: datetime, *, as_json: bool) -> None:
    """A living process goes by the end of keeping, a reaper by the deadline."""
    gone = life(session) is Life.GONE
    until = deadline if gone else deadline - GRACE
    word = "may be reaped after" if gone else "kept until"
    left = age((until - now()).total_seconds())
    with readers_may_leave():
        console = stdout()
        if as_json:
            told = {
                "sandbox": session.sandbox,
                "session": session.id,
                # In whole seconds, as in the cluster.
                "keptUntil": until.isoformat(timespec="seconds"),
                "expiresAt": deadline.isoformat(timespec="seconds"),
            }
            console.file.write(json.dumps(told, indent=2) + "\n")
        else:
            console.tell(f"{clean(session.sandbox)}: {word} {clock(until)}, in {left}")
