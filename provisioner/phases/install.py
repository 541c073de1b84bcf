"""Phase 4: the user's chart, onto its own data."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from provisioner.errors import ChartError, HookError
from provisioner.phases import late
from provisioner.phases.context import Context
from provisioner.phases.hooks import last_words
from provisioner.phases.plan import Plan
from provisioner.readiness.state import Observed
from provisioner.restores.held import start

TROUBLE_SECONDS = 10.0
"""What a workload may take to show the trouble that a hook has already failed on."""


async def install(context: Context, plan: Plan, ready: "asyncio.Task[Observed]") -> None:
    """Install while readiness is already watched: Helm waits for hooks, and they may never end.

    Raises:
        ChartError: Helm gave up.
        HookError: a hook ran and failed, and no workload is in trouble.
        ProvisionerError: the application is in trouble that hooks would wait for in vain.
    """
    helm = asyncio.create_task(_helm(context, plan))
    try:
        await asyncio.wait({helm, ready}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
        await helm
    except ChartError as error:
        _blame_the_workloads_first(ready, error)
        raise
    except HookError as error:
        await asyncio.wait({ready}, timeout=TROUBLE_SECONDS)
        _blame_the_workloads_first(ready, error)
        error.details = await last_words(context.cluster, context.sandbox)
        raise
    finally:
        helm.cancel()
        await asyncio.gather(helm, return_exceptions=True)


def _helm(context: Context, plan: Plan) -> Coroutine[Any, Any, None]:
    if plan.inplace:
        return start(context.cluster, context.sandbox, plan.stopped)
    if plan.streams:
        return late.let_go(context, plan)
    return context.helm.install(plan.installed, context.deadline.left())


def _blame_the_workloads_first(
    ready: "asyncio.Task[Observed]", error: ChartError | HookError
) -> None:
    """A hook often fails because a workload does: that error says more than Helm's."""
    if ready.done() and not ready.cancelled() and (trouble := ready.exception()):
        raise trouble from error
