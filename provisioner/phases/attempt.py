"""Another attempt of a session that told nothing of the backup: a new sandbox, a while later."""

import asyncio
from datetime import timedelta

from provisioner import verdict
from provisioner.models.attempts import AttemptRecord
from provisioner.models.base import format_duration
from provisioner.models.session import now
from provisioner.models.words import Cleanup
from provisioner.phases.context import Context, sandbox_name

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=5)
"""Before the second attempt, twice as long before each further one, and at most."""


def ended(context: Context, found: verdict.Verdict) -> list[AttemptRecord]:
    """All attempts that ended, with this one's verdict."""
    session = context.recorder.session
    at = now()
    record = AttemptRecord(
        sandbox=session.sandbox,
        outcome=found.outcome,
        cause=found.cause,
        message=found.message,
        started_at=min((one.started_at for one in session.phases), default=at),
        finished_at=at,
    )
    return [*session.attempts, record]


def is_last(context: Context) -> bool:
    """Whether no attempt may follow, whatever becomes of this one's sandbox."""
    session = context.recorder.session
    if not verdict.may_pass_later(session.outcome, session.cause):
        return True
    used_up = len(session.attempts) >= context.verifier.spec.retry.attempts
    return used_up or pause(context).total_seconds() >= context.deadline.left()


def follows(context: Context) -> bool:
    """Whether another attempt follows, now that this one's sandbox has been removed.

    None beside a sandbox that stayed: it may hold what the next one needs, and would be forgotten.
    """
    return not is_last(context) and context.recorder.session.cleanup is Cleanup.CLEAN


def begin_anew(context: Context) -> None:
    """Forget what the last attempt saw, except how it ended."""
    recorder, metadata = context.recorder, context.verifier.metadata
    recorder.update(**dict(recorder.session.anew(sandbox_name(metadata.name))))


async def back_off(context: Context) -> None:
    """Wait before another attempt; the first one begins at once."""
    if attempts := len(context.recorder.session.attempts):
        span = pause(context)
        of = f"attempt {attempts + 1} of {context.verifier.spec.retry.attempts}"
        await context.recorder.save()
        context.recorder.observer.note(f"{of} begins in {format_duration(span)}")
        await asyncio.sleep(span.total_seconds())


def pause(context: Context) -> timedelta:
    """What lies between the attempts that ended so far and the next one."""
    doubled: timedelta = FIRST_PAUSE * 2 ** (len(context.recorder.session.attempts) - 1)
    return min(doubled, LONGEST_PAUSE)
