"""Phase 6: questions that only the right data can answer."""

from collections.abc import Sequence

from provisioner import verdict
from provisioner.checks.kinds import questions
from provisioner.checks.question import Question
from provisioner.checks.runner import Measure, run_checks
from provisioner.checks.standard.on_data import engines
from provisioner.checks.target import Restored, Sandbox
from provisioner.checks.yardstick import Former, Yardstick
from provisioner.cluster.api import Object
from provisioner.cluster.resources import POD
from provisioner.errors import ApplicationError, ClusterError, ProvisionerError
from provisioner.history import baseline, former, of_no_newer
from provisioner.models.checks import Check
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState, Evidence
from provisioner.phases.context import Context
from provisioner.phases.plan import Plan
from provisioner.readiness.losses import ended_since, lost
from provisioner.readiness.state import Observed
from provisioner.readiness.wait import released, wait_ready

STILL_READY_SECONDS = 60.0
"""What an application may take to be ready again after a check found it away."""


async def check(context: Context, plan: Plan, ready: Observed | None) -> None:
    """Put all checks, side by side where none needs another; no failure ends the others.

    ``ready`` is what was seen of the application when it became so; None where there is none.

    Raises:
        ApplicationError: a check could not be put because the application runs no longer.
        CapacityError: one was not passed, and a pod was evicted or killed for memory meanwhile.
        ClusterError: one was not passed, and a pod was removed meanwhile.
    """
    sandbox = Sandbox(
        cluster=context.cluster,
        namespace=context.sandbox,
        release=plan.release.name if plan.release else "",
        helm_test=lambda release: context.helm.test(
            release, context.sandbox, context.deadline.left()
        ),
        restored=_restored(context, plan),
        databases=_databases(context.verifier.spec.checks),
    )
    asked = questions(context.verifier.spec.checks)
    measure = await _measuring(context)
    async with engines(sandbox):
        records = await run_checks(asked, sandbox, measure, context.recorder.put_check)
    before = Evidence.BOOTED if ready else Evidence.RESTORED
    context.recorder.update(checks=records, evidence=verdict.evidence_of(records, before))
    if ready:
        decisive = verdict.decisive(records)
        await _blame_the_cluster_first(context, ready, decisive)
        await _blame_a_crash_first(context, plan, ready, decisive)


async def _measuring(context: Context) -> Measure:
    """What each answer is measured against: this session's snapshots, and what came before."""
    session = context.recorder.session
    sessions = of_no_newer(session, former(session, await context.recorder.former()))

    def measure(question: Question) -> Yardstick:
        found = baseline(question.name, question.fingerprint, sessions)
        before = None
        if found and (value := found[1].value) is not None:
            before = Former(session=found[0].id, value=value, counts=found[1].counts)
        return Yardstick(session.snapshots, session.started_at, before)

    return measure


def _databases(checks: Sequence[Check]) -> frozenset[str]:
    return frozenset(
        one.standard.claim for one in checks if one.standard is not None and one.standard.claim
    )


def _restored(context: Context, plan: Plan) -> list[Restored]:
    """What came back, and from where in its snapshot."""
    records = {one.label: one for one in context.recorder.session.restores}
    return [
        Restored(
            name=one.restore.name,
            claim=one.target.name,
            sub_path=one.target.sub_path,
            repository=plan.repositories[one.repository.name],
            snapshot=one.snapshot.id,
            folder=records[one.label].folder,
            image=one.repository.restic.image,
            files=records[one.label].files,
        )
        for one in plan.restores
    ]


async def _blame_the_cluster_first(
    context: Context, ready: Observed, records: Sequence[CheckRecord]
) -> None:
    """An application that lost a pod for lack of room answers wrongly, or not at all.

    One look, without waiting: of a healthy application a wrong answer counts at once.
    """
    if all(one.state is CheckState.PASSED for one in records):
        return
    try:
        pods = await context.cluster.list_all(POD, context.sandbox)
    except ClusterError:
        return  # what this look could not see changes no answer
    if error := lost(ready, pods):
        raise error


async def _blame_a_crash_first(
    context: Context, plan: Plan, ready: Observed, records: Sequence[CheckRecord]
) -> None:
    """What crashed after it was ready leaves its checks without an answer: say that instead."""
    if not _lacks_an_answer(records):
        return
    note = context.recorder.observer.note
    objects = _still_running(plan.objects, context.sandbox)
    if not objects:
        return
    try:
        await wait_ready(
            context.cluster,
            context.sandbox,
            objects,
            context.deadline,
            span=STILL_READY_SECONDS,
            note=note,
        )
    except ApplicationError:
        # One that is only slow says nothing: it had been ready.
        if not ended_since(ready, await context.cluster.list_all(POD, context.sandbox)):
            return
        context.recorder.update(evidence=Evidence.RESTORED)
        raise
    except ProvisionerError:
        # It was ready before: what this second look could not see changes no answer.
        return


def _lacks_an_answer(records: Sequence[CheckRecord]) -> bool:
    """One that failed has the last word; and where all answered there is nothing to explain."""
    states = {one.state for one in records}
    return CheckState.FAILED not in states and bool(states - {CheckState.PASSED})


def _still_running(objects: Sequence[Object], namespace: str) -> list[Object]:
    """What has to run yet: a Job that is done may have been removed by its TTL."""
    return [one for one in released(objects, namespace) if one["kind"] != "Job"]
