"""``provisioner shell``: a program in a container of the sandbox."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioner.cli import tty
from provisioner.cli.exits import CANCELLED
from provisioner.cli.look import View, choose, demand_container, look_into
from provisioner.cli.options import Reach
from provisioner.cli.terminal import stderr
from provisioner.cli.text import clean
from provisioner.cluster.api import Object
from provisioner.cluster.exec import NOT_FOUND_EXIT_CODE, running_container
from provisioner.cluster.interactive import Program, Streams, interact
from provisioner.cluster.workloads import ready_first, workloads
from provisioner.errors import ProvisionerError

SHELL = ("sh", "-c", "exec $(command -v bash || command -v sh)")
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
PIPE_BROKEN = 128 + signal.SIGPIPE


@dataclass(frozen=True)
class Options:
    """The command line of ``shell``; without a command it is a shell."""

    workload: str | None = None
    command: Sequence[str] = ()
    session: str | None = None
    container: str | None = None
    reach: Reach = field(default_factory=Reach)


def execute(options: Options) -> int:
    """Run it; its exit code.

    Raises:
        ProvisionerError: there is nothing that it can run in.
    """
    try:
        return asyncio.run(_shell(options))
    except asyncio.CancelledError:
        return CANCELLED
    except tty.ReaderGoneError:
        # The interpreter flushes again at its end, and would fail then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_BROKEN


async def _shell(options: Options) -> int:
    view = await look_into(options.session, options.reach)
    chosen = choose(await workloads(view.cluster, view.namespace), options.workload)
    program = _program(view, ready_first(chosen.pods)[0], options)
    if sys.stdin.isatty() and sys.stdout.isatty():
        if not options.command:
            where = f"container {program.container} of pod {program.pod}"
            stderr().tell(f"{clean(where)}; exit or Ctrl-D ends it", "dim")
        code = await _on_the_terminal(view, program)
    else:
        read = None if sys.stdin.isatty() else tty.Input().read
        code = await interact(view.cluster, program, Streams(tty.write, read))
    if code == NOT_FOUND_EXIT_CODE and not options.command:
        raise ProvisionerError(
            f"container {program.container} of pod {program.pod} has no shell",
            hint="name a program that it has: provisioner shell WORKLOAD -- PROGRAM",
        )
    return code


def _program(view: View, pod: Object, options: Options) -> Program:
    wanted = options.container
    if wanted is not None:
        demand_container(pod, wanted)
    else:
        wanted = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
    name = running_container(pod, wanted)
    command = options.command or SHELL
    return Program(view.namespace, str(pod["metadata"]["name"]), name, command)


async def _on_the_terminal(view: View, program: Program) -> int:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # a coroutine always runs in a task  # noqa: S101
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)  # the terminal has to be put back
    with tty.raw_terminal():
        streams = Streams(tty.write, tty.Input().read, tty.Sizes().next)
        return await interact(view.cluster, program, streams)
