"""Phase 6: questions that only the right data can answer."""

from provisioner import verdict
from provisioner.checks.runner import run_checks
from provisioner.checks.target import Sandbox
from provisioner.phases.context import Context


async def check(context: Context) -> verdict.Verdict:
    """Put all checks, side by side; every one runs even if another failed."""
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
    return verdict.of_checks(records)
