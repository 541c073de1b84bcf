"""Wait until every object of a release is ready, or until it cannot become so."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import containers, terminated, unschedulable, waiting
from provisioner.deadline import SESSION_HINT, Deadline
from provisioner.errors import (
    ApplicationError,
    CapacityError,
    ClusterAwayError,
    ClusterError,
    DeadlineExceededError,
    LateError,
    NothingRunsError,
    OperatorError,
    ProvisionerError,
)
from provisioner.helm.hooks import is_hook
from provisioner.patience import Patience
from provisioner.readiness.diagnosis import diagnose
from provisioner.readiness.lookout import Lookout, lookout
from provisioner.readiness.refusal import of_log
from provisioner.readiness.rules import Status, judge
from provisioner.readiness.settle import Settling
from provisioner.readiness.starts import Starts, held_up
from provisioner.readiness.state import Observed, is_settled
from provisioner.readiness.trouble import find_troubles

TELLING_SECONDS = 5.0
"""What is kept of the session's time for telling what readiness still waited for."""

START_HINT = (
    "readiness.timeout begins before images are pulled and pods are scheduled: give it more, or"
    " run again now that they are"
)

LATE_HINT = "if it is only slow, give it more time by spec.readiness.timeout"

TICK = 1.0
"""Seconds after which the graces are looked at when nothing else changes."""


async def wait_ready(
    cluster: Cluster,
    namespace: str,
    objects: Sequence[Object],
    session: Deadline,
    *,
    span: timedelta | float,
    note: Callable[[str], None],
) -> Observed:
    """Wait for the release's rendered objects; they need not have been created yet.

    Returns what was seen of the namespace when all were ready.

    ``span`` is what they may take, ``session`` is when there is no time left for anything.

    Raises:
        ApplicationError: it ended badly, and will not be ready, or was not in time.
        CapacityError: the cluster or the quota has no room for it.
        ChartError: an image or a setting of it does not exist.
        ClusterError: it was never started, or the API server was away.
        DeadlineExceededError: the session's time ran out first.
        LateError: it runs, and was not ready in time.
        LoginRefusedError: what it asks refuses its login.
        NothingRunsError: no workload of it wants a pod, and none appeared.
        OperatorError: a custom resource was given up, or is not called ready.
    """
    release = released(objects, namespace)
    session = session.before(TELLING_SECONDS)
    limit = session.sooner(span)
    starts = Starts()
    async with lookout(cluster, namespace, release) as here:
        try:
            async with limit.enforce("readiness"):
                return await _until_ready(here, note, starts)
        except DeadlineExceededError:
            error = _overdue(here, limit, starts, is_session=limit is session)
        except ProvisionerError as trouble:
            error = trouble
        error.details = await diagnose(cluster, namespace, here.observed())
        raise of_log(error)


def _overdue(
    here: Lookout, limit: Deadline, starts: Starts, *, is_session: bool
) -> ProvisionerError:
    if not here.current:
        return ClusterAwayError("the API server was away when the time for readiness ran out")
    observed = here.observed()
    error = late(observed, limit.seconds)
    if is_session:
        return cut_short(error, observed, limit.seconds)
    young = starts.cut_off(observed, time.monotonic(), limit.seconds)
    return too_young(error, young, observed, limit.seconds) if young else error


def released(objects: Iterable[Object], namespace: str) -> tuple[Object, ...]:
    """The objects of this namespace that stay: no hooks."""
    return tuple(
        one
        for one in objects
        if not is_hook(one) and one["metadata"].get("namespace", namespace) == namespace
    )


async def _until_ready(here: Lookout, note: Callable[[str], None], starts: Starts) -> Observed:
    patience, settling, finished, told = Patience(), Settling(), set[tuple[str, str]](), ""
    await here.complete()
    while True:
        if not here.current:
            # What was seen last grows old, and no trouble lasts because nobody sees it end.
            patience = Patience()
            await here.next_change(TICK)
            continue
        observed, now = here.observed(), time.monotonic()
        starts.look(observed, now)
        statuses = judge(observed)
        # A finished Job may be removed by its TTL before the rest is ready.
        finished |= {(one.kind, one.name) for one in statuses if one.ready and one.kind == "Job"}
        pending = [s for s in statuses if not s.ready and (s.kind, s.name) not in finished]
        young = settling.unsettled(observed, now)
        silent = not finished and not something_ran(observed)
        if not pending and not young and not silent:
            return observed
        if error := patience.worn_out(find_troubles(observed), now):
            raise error
        young = young or "the first pod of the application to be ready"
        if (text := waiting_for(pending) if pending else f"waiting for {young}") != told:
            told = text
            note(text)
        await here.next_change(TICK)


def something_ran(observed: Observed) -> bool:
    """Whether any pod of the application is ready or ended well.

    A release of nothing but, say, an operator's resources has no object to wait for.
    """
    return any(is_settled(one) for one in observed.pods())


def waiting_for(pending: list[Status]) -> str:
    """What is being waited for, for a person who watches."""
    first, *others = pending
    more = f" (and {len(others)} more)" if others else ""
    return f"waiting for {first}{more}"


def late(observed: Observed, seconds: float) -> ProvisionerError:
    """What it means that time ran out.

    What never started was not tried on the restored data, so that is no fault of the backup. What
    runs and never ended badly may be slow, or wait for what the data lacks: nobody can tell.
    """
    pending = [one for one in judge(observed) if not one.ready]
    text = f"the application was not ready within {seconds:.0f} s: {_told(pending)}"
    unsettled = [one for one in observed.pods() if not is_settled(one)]
    if homeless := [one for one in unsettled if unschedulable(one)]:
        return CapacityError(f"{text}; {unschedulable(homeless[0])}")
    if idle := [one for one in unsettled if held_up(one)]:
        name = idle[0]["metadata"]["name"]
        return ClusterError(f"{text}; pod {name} never started: {_why_idle(idle[0], observed)}")
    if not observed.pods() and all(one.ready for one in judge(observed)):
        return NothingRunsError(
            f"nothing of the application ran within {seconds:.0f} s",
            hint="no workload of the release wants a pod: does what makes them run here?",
        )
    if not observed.pods():
        return ClusterError(f"{text}; no pod of it was ever created")
    if not unsettled and pending and all(one.custom for one in pending):
        return OperatorError(f"{text}; all its pods run")
    crashed = any(map(_ended_badly, observed.pods()))
    return ApplicationError(text) if crashed else LateError(text, hint=LATE_HINT)


def _ended_badly(pod: Object) -> bool:
    """Whether a container of it did, or ended at all and was started anew."""
    return any(
        one.get("restartCount") or terminated(one).get("exitCode") for one in containers(pod)
    )


def cut_short(error: ProvisionerError, observed: Observed, seconds: float) -> ProvisionerError:
    """What it means that the session's time ran out before the application had had its own.

    Who was not given the time that it may take has not failed.
    """
    if not isinstance(error, ApplicationError | OperatorError):
        return error
    pending = [one for one in judge(observed) if not one.ready]
    return DeadlineExceededError("the session", seconds, _told(pending), hint=SESSION_HINT)


def too_young(
    error: ProvisionerError, pod: str, observed: Observed, seconds: float
) -> ProvisionerError:
    """The same of the application's own time, when that pod's containers started late in it."""
    if not isinstance(error, ApplicationError):
        return error
    pending = [one for one in judge(observed) if not one.ready]
    what = f"pod {pod} started late, and readiness"
    return DeadlineExceededError(what, seconds, _told(pending), hint=START_HINT)


def _told(pending: Sequence[Status]) -> str:
    return "; ".join(map(str, pending)) or "its containers did not keep running"


def _why_idle(pod: Object, observed: Observed) -> str:
    warnings = observed.warnings("Pod", pod["metadata"]["name"])
    if warnings:
        return str(warnings[-1].get("message", ""))
    reasons = [waiting(one).get("reason") for one in containers(pod)]
    return next((str(one) for one in reasons if one), "no reason given")
