"""``provisioner logs``: the log of a session, and the logs of its sandbox's pods."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.cli.look import View, choose, demand_container, look_into
from provisioner.cli.options import Reach
from provisioner.cli.records import find, own_store
from provisioner.cli.terminal import Terminal, readers_may_leave, stderr, stdout
from provisioner.cli.text import clean
from provisioner.cluster.api import Object
from provisioner.cluster.logs import LogRequest, stream_log
from provisioner.cluster.pods import containers, has_run
from provisioner.cluster.workloads import workloads
from provisioner.errors import UsageError
from provisioner.liveness import Life, life
from provisioner.models.session import Session
from provisioner.store import FolderStore
from provisioner.tasks import all_or_first_error

POLL_SECONDS = 0.2
"""How often a log that is followed is looked at: it is a local file."""


@dataclass(frozen=True)
class Options:
    """The command line of ``logs``."""

    session: str | None = None
    workload: str | None = None
    container: str | None = None
    follow: bool = False
    previous: bool = False
    tail: int | None = None
    reach: Reach = field(default_factory=Reach)


def print_logs(options: Options) -> int:
    """Print the session's log, or the logs of what runs in its sandbox.

    Raises:
        ProvisionerError: there is no such log.
    """
    with readers_may_leave():
        if options.workload is not None:
            asyncio.run(_of_workload(options))
        else:
            _of_session(options)
    return 0


def _of_session(options: Options) -> None:
    if options.container or options.previous:
        raise UsageError("--container and --previous are for the logs of a WORKLOAD")
    store = own_store()
    session = find(store, options.session)
    path = store.log_path(session.id)
    if not path.is_file():
        raise UsageError(
            f"session {session.id} has no log here",
            hint=f"what is recorded of it: provisioner show {session.id}",
        )
    _print_log(path, options.tail, store, session, follow=options.follow)


def _print_log(
    path: Path, tail: int | None, store: FolderStore, session: Session, *, follow: bool
) -> None:
    out = stdout().file
    with path.open(encoding="utf-8", errors="replace") as file:
        over = not follow or _is_over(session)
        lines = file.readlines()
        out.writelines(lines if tail is None else lines[max(len(lines) - tail, 0) :])
        while not over:
            out.flush()
            time.sleep(POLL_SECONDS)
            # Asked before it is read: all that a session wrote until its end is read, too.
            over = _is_over(store.load(session.id))
            out.write(file.read())
    if follow and life(store.load(session.id)) is Life.GONE:
        stderr().tell(f"session {session.id}: its process is gone")


def _is_over(session: Session) -> bool:
    return life(session) in (Life.FINISHED, Life.GONE)


async def _of_workload(options: Options) -> None:
    view = await look_into(options.session, options.reach)
    chosen = choose(await workloads(view.cluster, view.namespace), options.workload)
    request = LogRequest(options.follow, options.previous, options.tail)
    streams = [(pod, name) for pod in chosen.pods for name in _wanted(pod, options)]
    if not streams:
        before = " before this run" if options.previous else " yet"
        raise UsageError(f"no container of {chosen.ref} has run{before}")
    out = stdout()
    works = [_print(view, *one, request, out, named=len(streams) > 1) for one in streams]
    if options.follow:
        await all_or_first_error(works)
    else:
        for work in works:
            await work


def _wanted(pod: Object, options: Options) -> Sequence[str]:
    """The container that is named, or all that have run, in the order they start in."""
    if options.container is not None:
        return [demand_container(pod, options.container)]
    ran = [one for one in containers(pod) if has_run(one)]
    again = [one for one in ran if one.get("restartCount")]
    return [one["name"] for one in (again if options.previous else ran)]


async def _print(
    view: View, pod: Object, container: str, request: LogRequest, out: Terminal, *, named: bool
) -> None:
    name = str(pod["metadata"]["name"])
    prefix = f"[{name}/{container}] " if named else ""
    async for line in stream_log(view.cluster, view.namespace, name, container, request):
        out.file.write(f"{prefix}{clean(line)}\n")
        if request.follow:
            out.file.flush()
