"""``provisioner logs ID WORKLOAD``: the logs of a sandbox's pods."""

import asyncio
from collections.abc import Sequence

from provisioner.cli.logs import Options
from provisioner.cli.look import View, choose, demand_container, look_into
from provisioner.cli.terminal import Terminal, readers_may_leave, stdout
from provisioner.cli.text import clean
from provisioner.cluster.api import Object
from provisioner.cluster.logs import LogRequest, stream_log
from provisioner.cluster.pods import containers, has_run
from provisioner.cluster.workloads import workloads
from provisioner.errors import UsageError
from provisioner.tasks import all_or_first_error


def print_pod_logs(options: Options) -> None:
    """Print them, one after another, or as they come when they are followed.

    Raises:
        UsageError: there is no such workload, or nothing of it has run.
        ClusterError: the cluster does not answer.
    """
    with readers_may_leave():
        asyncio.run(_print_all(options))


async def _print_all(options: Options) -> None:
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
