"""``provisioner plan``: what a run would do, in 80 columns or as JSON."""

import asyncio
import os
import re
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from rich.text import Text

from provisioner.cli.run import Options, log_to, request_of
from provisioner.cli.summary import section
from provisioner.cli.target_views import enlarged_rows, target_row
from provisioner.cli.terminal import Terminal, readers_may_leave, stderr, stdout
from provisioner.cli.text import age, age_of, clean, count, one_line, size, span
from provisioner.models.plan import (
    Estimate,
    Plan,
    PlannedCheck,
    PlannedClaim,
    PlannedObject,
    VerifiedBefore,
)
from provisioner.models.session import SnapshotRecord
from provisioner.models.words import Evidence
from provisioner.store import FolderStore, SessionStore

if TYPE_CHECKING:
    from provisioner.pipeline import Request

SHORT_ID = 8

Pipeline = Callable[["Request", SessionStore], Coroutine[Any, Any, Plan]]


def execute(options: Options, pipeline: Pipeline | None = None) -> int:
    """Tell what a run would do.

    Raises:
        ProvisionerError: what would stand in its way.
    """
    request = request_of(options)
    log_to(stderr(), verbose=options.verbose)
    work = (pipeline or _pipeline())(request, FolderStore.default(os.environ))
    found = asyncio.run(work)
    with readers_may_leave():
        out = stdout()
        if options.as_json:
            out.file.write(found.to_json())
        else:
            tell(found, out)
    return 0


def _pipeline() -> Pipeline:
    from provisioner.pipeline import preview  # noqa: PLC0415 - heavy

    return preview


def tell(plan: Plan, console: Terminal) -> None:
    """Print the plan for a person."""
    with console.capture() as capture:
        _print(plan, console)
    # Tables fill their columns with spaces, which nobody wants in a log.
    console.file.write(re.sub(r" +\n", "\n", capture.get()))


def _print(plan: Plan, console: Terminal) -> None:
    console.tell(f"plan for {clean(plan.verifier)}; nothing was created")
    section(console, "chart", [_row([chart.title, chart.source])] if (chart := plan.chart) else [])
    if plan.data_only:
        console.tell("\nno application: data only, into claims of the sandbox")
    section(console, "snapshots", map(_snapshot, plan.snapshots))
    if plan.skew_seconds is not None:
        console.tell(f"  {span(plan.skew_seconds)} from the oldest to the newest")
    if plan.verified:
        console.tell(f"  {_verified(plan.verified)}")
    section(console, "targets", map(target_row, plan.targets))
    section(console, "restores", map(_restore, plan.restores))
    section(console, "claims that are enlarged", enlarged_rows(plan.enlarged, plan.data_only))
    section(console, f"objects of the chart: {len(plan.objects)}", map(_object, plan.objects))
    section(console, "quota of the sandbox", map(_row, plan.quota.items()))
    section(console, "checks", map(_check, plan.checks))
    console.tell("")
    console.print(Text(f"pass  {_pass(plan)}"))
    console.print(Text(f"time  {_time(plan.estimate)}"))


def _row(parts: Iterable[str]) -> list[Text]:
    return [Text(one_line(part)) for part in parts]


def _snapshot(snapshot: SnapshotRecord) -> list[Text]:
    drawn = [] if snapshot.seed is None else [f"drawn by seed {snapshot.seed}"]
    return _row(
        [
            snapshot.restore,
            snapshot.id[:SHORT_ID],
            f"{age(snapshot.age_seconds)} old",
            _size(snapshot.bytes),
            "" if snapshot.files is None else count(snapshot.files, "file"),
            ", ".join([*drawn, *snapshot.tags]),
        ]
    )


def _restore(restore: PlannedClaim) -> list[Text]:
    snapshot, amount = restore.snapshot[:SHORT_ID], _size(restore.snapshot_bytes)
    if restore.strategy == "stream":
        return _row([restore.label, f"{snapshot} streamed into {restore.workload}", amount])
    if restore.requested:
        amount += f" into {restore.requested}"
        amount += f" of class {restore.storage_class}" if restore.storage_class else ""
    return _row([restore.label, f"{snapshot} into {_place(restore)}", amount])


def _place(restore: PlannedClaim) -> str:
    name = restore.claim and f"claim {restore.claim}"
    name = name or f"volume {restore.volume} of {restore.workload}"
    below = f"/{restore.sub_path}" if restore.sub_path else ""
    return f"{name}{below}{', in place' if restore.strategy == 'inplace' else ''}"


def _size(number: int | None) -> str:
    return "size unknown" if number is None else size(number)


def _object(one: PlannedObject) -> list[Text]:
    return _row([f"{one.kind}/{one.name}", f"hook: {', '.join(one.hooks)}" if one.hooks else ""])


def _check(check: PlannedCheck) -> list[Text]:
    return _row([check.name, check.kind, "" if check.reads_data else "reads no data"])


def _verified(before: VerifiedBefore) -> str:
    told = f"verified already: session {clean(before.session)} passed {age_of(before.at)} ago"
    return f"{told}; a run would do nothing" if before.skips else told


def _pass(plan: Plan) -> str:
    """What a pass needs, and what can be told now of whether there can be one."""
    needs = f"needs evidence {plan.required_evidence}"
    if any(not one.met for one in plan.targets):
        return f"{needs}; a target is missed, so there will be none"
    proves = any(one.reads_data for one in plan.checks)
    if plan.required_evidence is Evidence.PROVEN and not proves:
        return f"{needs}; no check reads data, so there will be none"
    return needs


def _time(estimate: Estimate | None) -> str:
    if estimate is None:
        return "not known: there is no former session of this verifier"
    phases = ", ".join(f"{one.name} {span(one.seconds)}" for one in estimate.phases)
    sessions = count(estimate.sessions, "former session")
    return f"about {span(estimate.seconds)}, as {sessions}: {phases}"
