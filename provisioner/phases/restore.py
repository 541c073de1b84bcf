"""Phase 3: the data comes back, before the application exists or before it begins to work."""

from provisioner.errors import BackupError, RepositoryError, SnapshotGoneError, UnclearError
from provisioner.models.words import Evidence, PhaseState
from provisioner.phases import inplace, late
from provisioner.phases.context import Context
from provisioner.phases.plan import Plan
from provisioner.phases.sandbox import close_to_privileged, make_claims
from provisioner.restores.preseed import Preseed


async def restore(context: Context, plan: Plan) -> Plan:
    """Fill every claim, side by side; then what an installed application has, or takes.

    Returns the plan with all that was learnt.

    Raises:
        SnapshotGoneError: a pinned snapshot vanished while it was read.
        ProvisionerError: what else went wrong, by whose fault.
    """
    await make_claims(context, [one.target for one in plan.restores if one.target.scratch])
    preseed = Preseed(
        cluster=context.cluster,
        namespace=context.sandbox,
        release=plan.release.name if plan.release else "",
        credentials=plan.credentials_of([*plan.restores, *plan.inplace]),
        repositories=plan.repositories,
        deadline=context.deadline,
        on_progress=context.recorder.observer.restoring,
        on_record=context.recorder.put_restore,
    )
    try:
        if plan.restores:
            await preseed.run(plan.restores)
        await close_to_privileged(context)
        if plan.streams:
            await late.load(context, plan)
        done = await inplace.fill(context, plan, preseed) if plan.inplace else plan
    except (BackupError, UnclearError) as error:
        await _raise_if_gone(context, plan, error)
        raise
    context.recorder.update(evidence=Evidence.RESTORED)
    return done


async def _raise_if_gone(context: Context, plan: Plan, error: Exception) -> None:
    """A snapshot that was pruned meanwhile reads like a damaged one: look again before blaming.

    Only at what failed: that another snapshot vanished, too, makes no damaged one good. A restore
    that was stopped since one beside it failed has nothing to say.
    """
    records = context.recorder.session.restores
    failed = {one.name for one in records if one.state is PhaseState.FAILED and one.message}
    for one in plan.readings:
        if one.restore.name not in failed:
            continue
        try:
            there = await plan.repositories[one.repository.name].holds(one.snapshot.id)
        except RepositoryError as unreadable:
            raise unreadable from error
        if not there:
            raise SnapshotGoneError(
                f"snapshot {one.snapshot.id[:8]} of repository {one.repository.name} is no longer"
                " there: it was removed while it was being restored",
                hint="keep prune and verification apart in time, and run again",
            ) from error
