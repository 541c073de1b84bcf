"""One session, from the first look at the repositories to the report."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from provisioner import __version__, liveness, verdict
from provisioner.cluster.api import Cluster
from provisioner.deadline import SESSION_HINT, Deadline
from provisioner.errors import ProvisionerError
from provisioner.helm.release import Helm
from provisioner.models.generation import generation_of
from provisioner.models.plan import Plan
from provisioner.models.session import ClusterRecord, Report, Session, Tools, now
from provisioner.models.verified import Verified
from provisioner.models.words import Cleanup, Evidence, PhaseName, PhaseState
from provisioner.phases import attempt
from provisioner.phases.check import check
from provisioner.phases.context import TEARDOWN_SECONDS, Context, Recorder, Request, session_id
from provisioner.phases.install import install
from provisioner.phases.keep import keep, window
from provisioner.phases.outline import Outline, outlining
from provisioner.phases.pinning import drawn_seeds
from provisioner.phases.plan import Plan as Planned
from provisioner.phases.plan import plan
from provisioner.phases.preview import preview as look_ahead
from provisioner.phases.ready import ready, watching_readiness
from provisioner.phases.report import report
from provisioner.phases.restore import restore
from provisioner.phases.sandbox import sandbox
from provisioner.phases.teardown import teardown, unknown
from provisioner.phases.verified import look_back
from provisioner.progress import Nobody, Observer
from provisioner.readiness.state import Observed
from provisioner.scratch import private_folder
from provisioner.store import SessionStore
from provisioner.tasks import both, uninterrupted

logger = logging.getLogger(__name__)

__all__ = ["Request", "preview", "run"]


async def run(request: Request, store: SessionStore, observer: Observer) -> Report | Verified:
    """Run one session to its report, whatever happens on the way.

    Being cancelled is one of the ways: the sandbox is removed, and the report says so. Whoever
    wants to keep the sandbox wants a session, whatever was verified before.

    Raises:
        ClusterError: there is no cluster to speak to; nothing was begun.
    """
    cluster = await Cluster.connect(request.kubeconfig, request.context)
    with private_folder() as folder:
        session = _session(request, cluster, folder)
        context = _context(request, cluster, Recorder(session, store, observer), folder)
        if request.verifier.spec.skip_if_verified and request.keep is None:
            unseen = replace(context, recorder=Recorder(session, store, Nobody()))
            if found := await look_back(unseen, store.list):
                return Verified(found)
        await context.recorder.begin()
        return await _run(context)


async def _run(context: Context) -> Report:
    while await _attempt(context) and attempt.follows(context):
        attempt.begin_anew(context)
    await _to_the_end(_finish(context))
    finished = report(context)
    logger.debug("%d requests to the API server, beside Helm's own", context.cluster.requests)
    await _to_the_end(context.recorder.store(finished))
    await _to_the_end(context.recorder.prune(context.verifier.spec.history_limit))
    return finished


async def _attempt(context: Context) -> bool:
    """One way through all phases, in a sandbox of its own; False when somebody stopped it."""
    await _conclude(context)
    undisturbed = await _to_the_end(context.recorder.save())
    if undisturbed and attempt.is_last(context):
        await _keep(context)
    return await _clean_up(context) and undisturbed


async def preview(request: Request, store: SessionStore) -> Plan:
    """What ``run`` would do now. Nothing is created, and nothing recorded.

    Raises:
        ProvisionerError: what would stand in its way.
    """
    cluster = await Cluster.connect(request.kubeconfig, request.context)
    with private_folder() as folder:
        recorder = Recorder(_session(request, cluster, folder), store, Nobody())
        context = _context(request, cluster, recorder, folder)
        try:
            async with context.deadline.enforce("the plan"):
                return await look_ahead(context, store.list)
        except ProvisionerError as error:
            recorder.mask_error(error)
            raise


async def _verify(context: Context) -> None:
    """The phases that lead to a verdict, each once, in order."""
    phase, spec = context.recorder.phase, context.verifier.spec
    await attempt.back_off(context)
    async with outlining(context) as outlined:
        planned, _ = await both(_plan(context, outlined), _fence(context, outlined))
    async with phase(PhaseName.RESTORE):
        planned = await restore(context, planned)
    if spec.restore_only and spec.required_evidence is Evidence.RESTORED:
        _skip(context, PhaseName.INSTALL, PhaseName.READY, PhaseName.CHECK)
        return
    seen = await _boot(context, planned)
    if not spec.checks:
        _skip(context, PhaseName.CHECK)
        return
    async with phase(PhaseName.CHECK):
        await check(context, planned, seen)


async def _boot(context: Context, planned: Planned) -> Observed | None:
    """The application as it was ready; None where there is none."""
    phase = context.recorder.phase
    if context.verifier.spec.application is None:
        _skip(context, PhaseName.INSTALL, PhaseName.READY)
        return None
    async with watching_readiness(context, planned) as watched:
        async with phase(PhaseName.INSTALL):
            await install(context, planned, watched)
        async with phase(PhaseName.READY):
            return await ready(context, watched)


def _skip(context: Context, *names: PhaseName) -> None:
    for name in names:
        context.recorder.skip(name)


async def _plan(context: Context, outlined: "asyncio.Task[Outline]") -> Planned:
    async with context.recorder.phase(PhaseName.PLAN):
        return await plan(context, outlined)


async def _fence(context: Context, outlined: "asyncio.Task[Outline]") -> None:
    """The sandbox is made while snapshots are still looked for, if nothing is wrong so far."""
    await asyncio.wait({outlined})
    if outlined.exception():
        return  # the plan tells it
    async with context.recorder.phase(PhaseName.SANDBOX):
        await sandbox(context, outlined.result())


async def _conclude(context: Context) -> None:
    """Record the verdict, before anything is kept or removed."""
    found = await _verdict(context)
    context.recorder.update(
        outcome=found.outcome,
        cause=found.cause,
        message=found.message,
        hint=found.hint,
        diagnosis=list(found.diagnosis),
        attempts=attempt.ended(context, found),
        verdict_at=now(),
    )


async def _verdict(context: Context) -> verdict.Verdict:
    try:
        cut_off = partial(_cut_off, context)
        async with context.deadline.enforce("the session", last=cut_off, hint=SESSION_HINT):
            await _verify(context)
        return verdict.of_session(context.recorder.session)
    except ProvisionerError as error:
        # Some work ends with its own error though it was cancelled, e.g. a program's time was over.
        return verdict.of_cancel() if _take_cancel() else verdict.of_error(error)
    except asyncio.CancelledError:
        _take_cancel()
        return verdict.of_cancel()
    except Exception as error:  # a bug must still be cleaned up after
        return verdict.of_bug(error)


def _cut_off(context: Context) -> str:
    """The phases that the session's deadline ended."""
    phases = context.recorder.session.phases
    names = [one.name for one in phases if one.state is PhaseState.FAILED]
    return f"in phase {' and '.join(names)}" if names else ""


async def _keep(context: Context) -> None:
    if not window(context) or not liveness.has_sandbox(context.recorder.session):
        context.recorder.skip(PhaseName.KEEP)
        return
    try:
        async with context.recorder.phase(PhaseName.KEEP):
            await _keep_until_cancelled(context)
    except asyncio.CancelledError:
        _take_cancel()
    except Exception as error:  # whatever it is, the sandbox has to be removed
        context.recorder.observer.note(f"the sandbox cannot be kept: {error}")


async def _keep_until_cancelled(context: Context) -> None:
    """Being cancelled ends the keeping as its owner wishes: that is no failure."""
    try:
        await keep(context)
    except asyncio.CancelledError:
        _take_cancel()


async def _clean_up(context: Context) -> bool:
    """Remove the sandbox; nothing stops this once it has begun. False when somebody tried."""
    if not liveness.has_sandbox(context.recorder.session):
        context.recorder.skip(PhaseName.TEARDOWN)
        context.recorder.update(cleanup=Cleanup.CLEAN)
        return True
    return await _to_the_end(_teardown(context))


async def _teardown(context: Context) -> None:
    try:
        async with context.recorder.phase(PhaseName.TEARDOWN):
            await teardown(context)
    except Exception as error:  # whatever it is, the report has to name what may be left
        context.recorder.update(cleanup=Cleanup.LEAKED, leftovers=unknown(context, error))


async def _finish(context: Context) -> None:
    async with context.recorder.phase(PhaseName.REPORT):
        context.recorder.update(finished_at=now())


async def _to_the_end(work: Coroutine[Any, Any, None]) -> bool:
    """Run what must not be stopped; False when somebody tried meanwhile."""
    try:
        await uninterrupted(work)
    except asyncio.CancelledError:
        _take_cancel()
        return False
    return True


def _take_cancel() -> bool:
    """The cancellation, if there was one, is dealt with: what follows may wait again."""
    task, cancelled = asyncio.current_task(), False
    while task is not None and task.cancelling():
        task.uncancel()
        cancelled = True
    return cancelled


def _session(request: Request, cluster: Cluster, folder: Path) -> Session:
    metadata, spec = request.verifier.metadata, request.verifier.spec
    name, begun = session_id(metadata.name), now()
    return Session(
        id=name,
        verifier=metadata.name,
        document=str(request.document),
        generation=generation_of(spec),
        data_only=spec.application is None,
        source_namespace=metadata.namespace or cluster.namespace,
        sandbox=f"verify-{name}",
        started_at=begun,
        expires_at=begun + spec.timeout + timedelta(seconds=TEARDOWN_SECONDS),
        required_evidence=spec.required_evidence,
        tools=Tools(provisioner=__version__),
        process=liveness.this_process(folder),
        cluster=ClusterRecord(
            server=cluster.server,
            kubeconfig=str(request.kubeconfig.absolute()) if request.kubeconfig else "",
            context=request.context or "",
        ),
    )


def _context(request: Request, cluster: Cluster, recorder: Recorder, folder: Path) -> Context:
    helm = Helm(request.helm, cluster, folder)
    spec = request.verifier.spec
    deadline, seeds = Deadline.after(spec.timeout), drawn_seeds(spec.restores)
    return Context(request, cluster, helm, recorder, deadline, folder, seeds)
