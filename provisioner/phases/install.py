"""Phase 4: the user's chart, onto its own data."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from provisioner.errors import ChartError
from provisioner.phases.context import Context
from provisioner.phases.plan import Plan


async def install(context: Context, plan: Plan, ready: "asyncio.Task[None]") -> None:
    """Install while readiness is already watched: Helm waits for hooks, and they may never end.

    Raises:
        ChartError: Helm gave up.
        ProvisionerError: the application is in trouble that hooks would wait for in vain.
    """
    helm = asyncio.create_task(_helm(context, plan))
    try:
        await asyncio.wait({helm, ready}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
        await helm
    except ChartError as error:
        await _blame_the_workloads_first(ready, error)
        raise
    finally:
        helm.cancel()
        await asyncio.gather(helm, return_exceptions=True)


def _helm(context: Context, plan: Plan) -> Coroutine[Any, Any, None]:
    release = replace(context.release, patches=plan.patches)
    return context.helm.install(release, context.deadline.left())


async def _blame_the_workloads_first(ready: "asyncio.Task[None]", error: ChartError) -> None:
    """A hook often fails because a workload does: that error says more than Helm's."""
    if ready.done() and not ready.cancelled() and (trouble := ready.exception()):
        raise trouble from error
