"""Restores into a service that runs: the rest of the application waits until they are done.

The chart is installed with everything held back but the services that are loaded. Helm's hooks run
when they would see the data: those before an install at once, those after it in the end.
"""

from dataclasses import replace

from provisioner.errors import ApplicationError, ChartError
from provisioner.helm.hooks import AFTER, runs_hooks
from provisioner.phases.context import Context
from provisioner.phases.plan import Plan
from provisioner.phases.sandbox import close_to_privileged, open_to_repositories
from provisioner.readiness.wait import wait_ready
from provisioner.restores.claims.chart import title
from provisioner.restores.held import Held, held, start
from provisioner.restores.stream.load import Streams


async def load(context: Context, plan: Plan) -> None:
    """Start the services, and stream their dumps into them.

    Raises:
        ProvisionerError: what kept a dump from being loaded, by whose fault.
    """
    hooks = not runs_hooks(plan.rendered, AFTER)
    patches = [*plan.installed.patches, *(one.patch for one in _held(plan))]
    release = replace(plan.installed, patches=patches)
    await context.helm.install(release, context.deadline.left(), hooks=hooks)
    await _wait_for_services(context, plan)
    await open_to_repositories(context)
    streams = Streams(
        cluster=context.cluster,
        namespace=context.sandbox,
        credentials=plan.credentials_of(plan.streams),
        deadline=context.deadline,
        on_progress=context.recorder.observer.restoring,
        on_record=context.recorder.put_restore,
    )
    await streams.run(plan.streams)
    await close_to_privileged(context)


async def let_go(context: Context, plan: Plan) -> None:
    """Let everything start that was held back, and run the hooks that come after an install.

    Raises:
        ProvisionerError: the cluster refuses, or a hook fails.
    """
    await start(context.cluster, context.sandbox, _held(plan))
    if runs_hooks(plan.rendered, AFTER):
        await context.helm.forget(plan.installed)
        await context.helm.install(plan.installed, context.deadline.left())


async def _wait_for_services(context: Context, plan: Plan) -> None:
    """What does not run on no data at all has no fault of the backup's."""
    running = _running(plan)
    services = [one for one in plan.objects if title(one) in running]
    span, note = context.verifier.spec.readiness.timeout, context.recorder.observer.note
    where = (context.cluster, context.sandbox, services, context.deadline)
    try:
        await wait_ready(*where, span=span, note=note)
    except ApplicationError as error:
        raise ChartError(
            f"before anything was loaded: {error.message}",
            hint="is more needed for it to start? name it under into.stream.needs",
            details=error.details,
        ) from error


def _held(plan: Plan) -> list[Held]:
    return held(plan.objects, _running(plan))


def _running(plan: Plan) -> list[str]:
    streams = [one.stream for one in plan.streams]
    return [name for one in streams for name in (one.workload, *one.needs)]
