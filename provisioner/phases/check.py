"""Phase 6: questions that only the right data can answer."""

from collections.abc import Sequence

from provisioner import verdict
from provisioner.checks.runner import run_checks
from provisioner.checks.target import Sandbox
from provisioner.errors import ApplicationError
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState, Evidence
from provisioner.phases.context import Context
from provisioner.phases.plan import Plan
from provisioner.readiness.wait import wait_ready

STILL_READY_SECONDS = 60.0
"""What an application may take to be ready again after a check found it away."""

_ANSWERED = {CheckState.PASSED, CheckState.FAILED}


async def check(context: Context, plan: Plan) -> verdict.Verdict:
    """Put all checks, side by side; every one runs even if another failed.

    Raises:
        ApplicationError: a check could not be put because the application runs no longer.
    """
    sandbox = Sandbox(
        cluster=context.cluster,
        namespace=context.sandbox,
        release=context.release.name,
        helm_test=lambda release: context.helm.test(
            release, context.sandbox, context.deadline.left()
        ),
        deadline=context.deadline,
    )
    records = await run_checks(context.verifier.spec.checks, sandbox, context.recorder.put_check)
    context.recorder.update(checks=records, evidence=verdict.evidence_of(records))
    await _blame_a_crash_first(context, plan, records)
    return verdict.of_checks(records)


async def _blame_a_crash_first(
    context: Context, plan: Plan, records: Sequence[CheckRecord]
) -> None:
    """What crashed after it was ready leaves its checks without an answer: say that instead."""
    if all(one.state in _ANSWERED for one in records):
        return
    deadline = context.deadline.sooner(STILL_READY_SECONDS)
    note = context.recorder.observer.note
    try:
        await wait_ready(context.cluster, context.sandbox, plan.objects, deadline, note)
    except ApplicationError:
        context.recorder.update(evidence=Evidence.RESTORED)
        raise
