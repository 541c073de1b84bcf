"""Restores into claims that the installed application makes: it is stopped meanwhile.

What it wrote before is removed, and it starts again on its own data. So an install's hooks, and
Jobs that end by themselves, have run on an empty application.
"""

from dataclasses import replace

from provisioner.errors import ChartError, HookError
from provisioner.phases.context import Context
from provisioner.phases.hooks import last_words
from provisioner.phases.mapping import placed, refuse_block_devices
from provisioner.phases.plan import Plan
from provisioner.phases.sandbox import close_to_privileged, open_to_repositories
from provisioner.restores.claims.chart import title
from provisioner.restores.claims.targets import refuse_conflicts, targets_of
from provisioner.restores.inplace.appearing import TELLING_SECONDS, Appearing
from provisioner.restores.inplace.growing import Growing
from provisioner.restores.inplace.live import Live, look
from provisioner.restores.inplace.stopping import Stopping
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.preseed import Preseed
from provisioner.tasks import beside

_STOPPING = "stopping the application for a restore in place"
_STOPPING_HINT = "a pod may take its terminationGracePeriodSeconds to end, and finalizers hold it"


async def fill(context: Context, plan: Plan, preseed: Preseed) -> Plan:
    """Install, stop, and fill; the plan with its claims, and with what has to be started again.

    Raises:
        ProvisionerError: what kept a restore from ending well, by whose fault.
    """
    await _install(context, plan)
    where, note = (context.cluster, context.sandbox), context.recorder.observer.note
    live = await Appearing(*where, plan.inplace, note).wait(context.deadline)
    planned = _mapped(plan, live)
    stopping = Stopping(*where, {one.target.name for one in planned}, note)
    async with context.deadline.before(TELLING_SECONDS).enforce(_STOPPING, hint=_STOPPING_HINT):
        stopped = await stopping.stop(live, set(map(title, plan.rendered)))
    _refuse_the_failed(plan, await look(*where))
    grown = await Growing(*where, planned).grow()
    context.recorder.update(enlarged=[*context.recorder.session.enlarged, *grown])
    await open_to_repositories(context)
    async with beside(stopping.stay(stopped)):
        await preseed.fill(planned)
    await close_to_privileged(context)
    return replace(plan, restores=[*plan.restores, *planned], stopped=stopped)


async def _install(context: Context, plan: Plan) -> None:
    """What a hook fails on here has no fault of the backup's: nothing was restored yet."""
    try:
        await context.helm.install(plan.installed, context.deadline.left())
    except HookError as error:
        raise ChartError(
            f"before anything was restored: {error.message}",
            hint="with strategy inplace hooks run on an empty application: switch this one off"
            " under spec.application.values, or use preseed",
            details=await last_words(context.cluster, context.sandbox),
        ) from error


def _refuse_the_failed(plan: Plan, live: Live) -> None:
    """What ended badly before anything was restored does not run again, and must not be blamed."""
    failed = [name for name in map(title, plan.objects) if name in live.failed]
    if failed:
        raise ChartError(
            f"before anything was restored: {failed[0]} failed, and does not run again",
            hint="with strategy inplace it runs on an empty application: switch it off under"
            " spec.application.values, or use preseed",
        )


def _mapped(plan: Plan, live: Live) -> list[PlannedRestore]:
    """The claims as they were made, in the order of the document.

    Raises:
        ConfigurationError: two restores are in each other's way, or a claim holds no files.
    """
    planned = [
        one.into(target) for one in plan.inplace for target in targets_of(one.restore, live.made)
    ]
    every = [*plan.restores, *planned]
    restores = {one.restore.name: one.restore for one in every}
    claims = {name: [one.target for one in every if one.restore.name == name] for name in restores}
    refuse_conflicts(claims, list(restores.values()))
    refuse_block_devices(planned)
    return placed(planned)
