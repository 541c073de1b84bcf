"""What a session would do, from its plan alone."""

import asyncio
import statistics
from collections.abc import Callable, Sequence
from contextlib import suppress

from provisioner.checks.kinds import questions
from provisioner.cluster.api import Object
from provisioner.helm.hooks import hook_events
from provisioner.models import plan as models
from provisioner.models.quantity import bytes_of
from provisioner.models.session import Session
from provisioner.models.words import PhaseName, PhaseState
from provisioner.phases.context import Context
from provisioner.phases.outline import outlining
from provisioner.phases.plan import plan
from provisioner.phases.sandbox import fence
from provisioner.phases.verified import verified
from provisioner.restores.claims.chart import name_of
from provisioner.restores.inplace.planned import PlannedInplace
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.stream.pod import PlannedStream

MOST_SESSIONS = 10
"""The latest sessions that an estimate rests on: data grows, older ones say less."""

_NOT_WORK = {PhaseName.KEEP}

_PUT = (PhaseState.DONE, PhaseState.SKIPPED)
"""Checks are skipped where the document has none; then the session is as long as it gets."""


async def preview(context: Context, former: Callable[[], Sequence[Session]]) -> models.Plan:
    """Plan the session and tell it; ``former`` reads the sessions before.

    Raises:
        ProvisionerError: what would stand in the session's way, by whose fault.
    """
    async with outlining(context) as outlined:
        planned = await plan(context, outlined)
    fenced = await context.helm.render(fence(context))
    session = context.recorder.session
    sessions = await asyncio.to_thread(former)
    told = models.Plan(
        verifier=session.verifier,
        document=session.document,
        source_namespace=session.source_namespace,
        data_only=session.data_only,
        planned_at=session.started_at,
        chart=session.chart,
        snapshots=session.snapshots,
        skew_seconds=session.skew_seconds,
        enlarged=session.enlarged,
        restores=[
            *map(_claim, planned.restores),
            *(told for one in planned.inplace for told in _inplace(one)),
            *map(_service, planned.streams),
        ],
        objects=[_object(one) for one in planned.rendered],
        quota=_quota(fenced.objects),
        checks=[
            models.PlannedCheck(name=one.name, kind=one.kind, reads_data=one.reads_data)
            for one in questions(context.verifier.spec.checks)
        ],
        required_evidence=session.required_evidence,
        targets=session.targets,
        verified=_verified(context, sessions),
        estimate=estimate(session, sessions),
        tools=session.tools,
    )
    return context.recorder.masked(told)


def _verified(context: Context, former: Sequence[Session]) -> models.VerifiedBefore | None:
    if (found := verified(context.recorder.session, former)) is None:
        return None
    at = found.verdict_at or found.finished_at
    skips = context.verifier.spec.skip_if_verified
    return models.VerifiedBefore(session=found.id, at=at, skips=skips)


def estimate(session: Session, former: Sequence[Session]) -> models.Estimate | None:
    """How long this session will take, by former ones' medians; None without any.

    Phases overlap, so their sum would be too much: it is the time to the verdict and teardown's.
    """
    like = [one for one in former if _alike(one, session)][:MOST_SESSIONS]
    if not like:
        return None
    phases = [
        models.PhaseEstimate(name=name, seconds=round(statistics.median(seconds), 1))
        for name in PhaseName
        if name not in _NOT_WORK and (seconds := _seconds(like, name))
    ]
    to_verdict = [
        (one.verdict_at - one.started_at).total_seconds() for one in like if one.verdict_at
    ]
    ends = _seconds(like, PhaseName.TEARDOWN) or [0.0]
    total = round(statistics.median(to_verdict) + statistics.median(ends), 1)
    return models.Estimate(sessions=len(like), seconds=total, phases=phases)


def _alike(one: Session, session: Session) -> bool:
    """Whether it is of the same verifier and came by all its phases to a verdict."""
    return (
        one.verifier == session.verifier
        and one.source_namespace == session.source_namespace
        and one.verdict_at is not None
        and len(one.attempts) <= 1  # more of them took longer than a session does
        and any(it.name is PhaseName.CHECK and it.state in _PUT for it in one.phases)
    )


def _seconds(sessions: Sequence[Session], name: PhaseName) -> list[float]:
    return [
        phase.seconds
        for session in sessions
        for phase in session.phases
        if phase.name is name and phase.state is PhaseState.DONE and phase.seconds is not None
    ]


def _claim(planned: PlannedRestore) -> models.PlannedClaim:
    requested = str(planned.target.requested)
    size = None
    with suppress(ValueError):  # the API server will say so, in its own words
        size = bytes_of(requested)
    return models.PlannedClaim(
        restore=planned.restore.name,
        snapshot=planned.snapshot.id,
        strategy=planned.strategy,
        claim=planned.target.name,
        replica=planned.target.replica,
        storage_class=planned.target.spec.get("storageClassName"),
        sub_path=planned.target.sub_path,
        requested=requested,
        requested_bytes=size,
        snapshot_bytes=planned.snapshot.bytes,
    )


def _inplace(planned: PlannedInplace) -> list[models.PlannedClaim]:
    """Its claims, as far as the chart tells of them; else where they will be looked for."""
    if planned.known:
        return [_claim(one) for one in planned.known]
    into = planned.restore.into
    place = into.volume or into.claim
    return [
        models.PlannedClaim(
            restore=planned.restore.name,
            snapshot=planned.snapshot.id,
            strategy="inplace",
            claim=into.claim.name if into.claim else "",
            workload=into.volume.workload if into.volume else "",
            volume=into.volume.name if into.volume else "",
            replica=into.volume.replica if into.volume else None,
            sub_path=(place and place.sub_path) or "",
            snapshot_bytes=planned.snapshot.bytes,
        )
    ]


def _service(planned: PlannedStream) -> models.PlannedClaim:
    return models.PlannedClaim(
        restore=planned.restore.name,
        snapshot=planned.snapshot.id,
        strategy="stream",
        workload=planned.stream.workload,
        snapshot_bytes=planned.size,
    )


def _object(one: Object) -> models.PlannedObject:
    return models.PlannedObject(kind=one["kind"], name=name_of(one), hooks=hook_events(one))


def _quota(objects: Sequence[Object]) -> dict[str, str]:
    found = [one["spec"]["hard"] for one in objects if one["kind"] == "ResourceQuota"]
    return {name: str(limit) for hard in found for name, limit in hard.items()}
