"""Phase 7: the sandbox stays for a while, so that a person can look."""

import asyncio
from datetime import timedelta

from provisioner.cluster.resources import NAMESPACE
from provisioner.models.session import now
from provisioner.models.words import Outcome
from provisioner.phases.context import TEARDOWN_SECONDS, Context
from provisioner.phases.sandbox import EXPIRES_AT


def window(context: Context) -> timedelta:
    """How long this session's sandbox is kept; a cancelled one is not."""
    outcome, keep_alive = context.recorder.session.outcome, context.verifier.spec.keep_alive
    if outcome is Outcome.CANCELLED:
        return timedelta(0)
    if context.request.keep is not None:
        return context.request.keep
    return keep_alive.on_success if outcome is Outcome.PASSED else keep_alive.on_failure


async def keep(context: Context) -> None:
    """Move the deadline in the cluster, then wait; being cancelled ends it early."""
    until = now() + window(context)
    expires = until + timedelta(seconds=TEARDOWN_SECONDS)
    patch = {"metadata": {"annotations": {EXPIRES_AT: expires.isoformat(timespec="seconds")}}}
    await context.cluster.merge(NAMESPACE, context.sandbox, patch)
    context.recorder.update(expires_at=expires)
    await context.recorder.save()
    context.recorder.observer.kept(until)
    await asyncio.sleep((until - now()).total_seconds())
