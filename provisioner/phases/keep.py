"""Phase 7: the sandbox stays for a while, so that a person can look."""

import asyncio
from datetime import datetime, timedelta

from provisioner.cluster.api import Object
from provisioner.cluster.mirror import Mirror, mirror
from provisioner.cluster.resources import NAMESPACE
from provisioner.models.session import now
from provisioner.models.words import Outcome
from provisioner.phases.context import TEARDOWN_SECONDS, Context
from provisioner.phases.sandbox import deadline_of, deadline_patch

GRACE = timedelta(seconds=TEARDOWN_SECONDS)
"""Between the end of keeping and the moment when anybody may remove the sandbox."""


def window(context: Context) -> timedelta:
    """How long this session's sandbox is kept; a cancelled one is not."""
    outcome, keep_alive = context.recorder.session.outcome, context.verifier.spec.keep_alive
    if outcome is Outcome.CANCELLED:
        return timedelta(0)
    if context.request.keep is not None:
        return context.request.keep
    return keep_alive.on_success if outcome is Outcome.PASSED else keep_alive.on_failure


async def keep(context: Context) -> None:
    """Put the deadline into the cluster, and stay until it; being cancelled ends it early.

    Whoever moves the deadline there, with ``extend`` or by hand, moves this wait.
    """
    expires = now() + window(context) + GRACE
    await context.cluster.merge(NAMESPACE, context.sandbox, deadline_patch(expires))
    only = f"metadata.name={context.sandbox}"
    async with mirror(context.cluster, NAMESPACE, fields=only) as namespaces:
        while expires - GRACE > now():
            context.recorder.update(expires_at=expires)
            await context.recorder.save()
            context.recorder.observer.kept(expires - GRACE)
            expires = await _next_deadline(namespaces, context.sandbox, expires)


async def _next_deadline(namespaces: Mirror, sandbox: str, expires: datetime) -> datetime:
    """Where the deadline is moved to, or the same one when it has come."""
    try:
        async with asyncio.timeout((expires - GRACE - now()).total_seconds()):
            return await namespaces.wait_for(lambda there: _moved(there.get(sandbox), expires))
    except TimeoutError:
        return expires


def _moved(namespace: Object | None, expires: datetime) -> datetime | None:
    """The deadline in the cluster, if it is another one."""
    if namespace is None:  # somebody removed it: there is nothing to keep any more
        return now()
    found, _ = deadline_of(namespace)
    # In the cluster it is in whole seconds.
    return found if found and found != expires.replace(microsecond=0) else None
