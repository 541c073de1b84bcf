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
from provisioner.cli.text import clean, one_line
from provisioner.cluster.api import Object
from provisioner.cluster.exec import running_container
from provisioner.cluster.interactive import Ended, Program, Streams, interact
from provisioner.cluster.workloads import ready_first, workloads

SHELL = ("sh", "-c", "exec $(command -v bash || command -v sh)")
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
LONGEST = 1000
"""Characters of what a container runtime says; what counts stands at its end."""

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
    there = await workloads(view.cluster, view.namespace)
    chosen = choose([one for one in there if one.lives], options.workload)
    program = _program(view, ready_first(chosen.pods)[0], options)
    ended = await _run(view, program, announced=not options.command)
    if ended.refused:
        _tell_refused(program, ended.refused)
    return ended.exit_code


async def _run(view: View, program: Program, *, announced: bool) -> Ended:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        read = None if sys.stdin.isatty() else tty.Input().read
        return await interact(view.cluster, program, Streams(tty.write, read))
    if announced:
        stderr().tell(f"{_where(program)}; exit or Ctrl-D ends it", "dim")
    return await _on_the_terminal(view, program)


def _tell_refused(program: Program, said: str) -> None:
    console = stderr()
    name = clean(program.command[0])
    console.tell(f"error: {name} cannot be started in {_where(program)}: {one_line(said, LONGEST)}")
    if program.command is SHELL:
        console.tell("hint: name what it has: provisioner shell WORKLOAD -- PROGRAM")


def _where(program: Program) -> str:
    return clean(f"container {program.container} of pod {program.pod}")


def _program(view: View, pod: Object, options: Options) -> Program:
    wanted = options.container
    if wanted is not None:
        demand_container(pod, wanted)
    else:
        wanted = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
    name = running_container(pod, wanted)
    command = options.command or SHELL
    return Program(view.namespace, str(pod["metadata"]["name"]), name, command)


async def _on_the_terminal(view: View, program: Program) -> Ended:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # a coroutine always runs in a task  # noqa: S101
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)  # the terminal has to be put back
    with tty.raw_terminal():
        streams = Streams(tty.write, tty.Input().read, tty.Sizes().next)
        return await interact(view.cluster, program, streams)
