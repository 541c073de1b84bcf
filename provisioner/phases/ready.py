"""Phase 5: the application really runs, by our own rules and by name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from provisioner.models.words import Evidence
from provisioner.phases.context import Context
from provisioner.phases.plan import Plan
from provisioner.readiness.state import Observed
from provisioner.readiness.wait import wait_ready


@asynccontextmanager
async def watching_readiness(
    context: Context, plan: Plan
) -> AsyncIterator["asyncio.Task[Observed]"]:
    """Watch the release's objects from the install on; the task ends when all are ready."""
    span = context.verifier.spec.readiness.timeout
    note = context.recorder.observer.note
    where = (context.cluster, context.sandbox, plan.objects, context.deadline)
    work = wait_ready(*where, span=span, note=note)
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ready(context: Context, watched: "asyncio.Task[Observed]") -> Observed:
    """Wait until every object of the release is ready, and say what was seen then.

    Raises:
        ApplicationError: it cannot run on the restored data, or did not in time.
        ProvisionerError: something else keeps it from running.
    """
    seen = await watched
    context.recorder.update(evidence=Evidence.BOOTED)
    return seen
