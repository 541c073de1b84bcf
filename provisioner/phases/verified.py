"""Whether the snapshots that a session would take have passed before."""

import asyncio
from collections.abc import Callable, Sequence

from provisioner.errors import ProvisionerError
from provisioner.history import whose
from provisioner.models.session import Report, Session
from provisioner.models.words import Outcome
from provisioner.phases.context import Context
from provisioner.phases.inputs import note_inputs
from provisioner.phases.outline import outline
from provisioner.phases.pinning import pin
from provisioner.tasks import both

_TOLD_OF_THE_BACKUP = (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE)


async def look_back(context: Context, former: Callable[[], Sequence[Session]]) -> Report | None:
    """The session that makes this one needless; ``former`` reads the sessions before.

    What stands in the way of this look stands in the session's way, and is told there.
    """
    try:
        async with context.deadline.enforce("the look at what was verified before"):
            _, made = await both(pin(context), outline(context))
            await note_inputs(context, made)
    except ProvisionerError:
        return None
    return verified(context.recorder.session, await asyncio.to_thread(former))


def verified(session: Session, former: Sequence[Session]) -> Report | None:
    """The newest session of the same set, verifier and cluster, if it passed.

    One that failed since then counts more. With a target that is missed now there is none: a
    backup that has become too old is no pass, however often it was verified.
    """
    like = [one for one in former if one.outcome in _TOLD_OF_THE_BACKUP and _alike(one, session)]
    newest = max(like, key=lambda one: one.started_at, default=None)
    if not isinstance(newest, Report) or newest.outcome is not Outcome.PASSED:
        return None
    return newest if all(one.met for one in session.targets) else None


def _alike(one: Session, session: Session) -> bool:
    return bool(session.snapshots) and _question(one) == _question(session)


def _question(session: Session) -> tuple[object, ...]:
    """What was asked, of which snapshots, with what, and where."""
    ids = frozenset((one.restore, one.id) for one in session.snapshots)
    own = (session.generation, session.inputs, session.tools.provisioner)
    return (whose(session), own, ids)
