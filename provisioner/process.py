"""Child processes: argv and never a shell, a process group each, ended when cancelled."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from provisioner.tasks import uninterrupted

TERMINATE_SECONDS = 10.0
"""What a program gets to end by itself after SIGTERM; Helm records its release in that time."""


@dataclass(frozen=True)
class Finished:
    """How a program ended, and all that it wrote."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class OverdueError(Exception):
    """A program took too long and was ended; ``stderr`` is what it wrote until then."""

    def __init__(self, stderr: bytes) -> None:
        super().__init__()
        self.stderr = stderr


async def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    seconds: float | None = None,
) -> Finished:
    """Run a program to its end, or for so many seconds.

    When the caller is cancelled the whole process group gets SIGTERM, then SIGKILL.

    Raises:
        FileNotFoundError: there is no such program.
        OverdueError: its time ran out.
    """
    process = await _started(argv, env, stdin)
    talk = asyncio.create_task(process.communicate(stdin))
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await asyncio.shield(talk)
    except asyncio.CancelledError:
        await _end(process, talk)
        raise
    except TimeoutError as error:
        await _end(process, talk)
        raise OverdueError(talk.result()[1] if talk.done() else b"") from error
    return Finished(process.returncode or 0, stdout, stderr)


async def _started(
    argv: Sequence[str], env: Mapping[str, str] | None, stdin: bytes | None
) -> asyncio.subprocess.Process:
    """Start it; cancelled meanwhile, asyncio would end the program and not its children."""
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(env) if env is not None else None,
            start_new_session=True,
        )
    )
    try:
        return await uninterrupted(_result(starting))
    except asyncio.CancelledError:
        if not starting.cancelled() and starting.done() and not starting.exception():
            process = starting.result()
            await _end(process, asyncio.create_task(process.communicate(stdin)))
        raise


async def _result(
    task: "asyncio.Task[asyncio.subprocess.Process]",
) -> asyncio.subprocess.Process:
    return await task


async def _end(
    process: asyncio.subprocess.Process, talk: "asyncio.Task[tuple[bytes, bytes]]"
) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        # A second cancellation, too, must not leave the program behind.
        with suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(TERMINATE_SECONDS):
                await asyncio.shield(talk)
        if talk.done():
            return
