"""Child processes: argv and never a shell, a process group each, ended when cancelled."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from provisioner.tasks import uninterrupted

TERMINATE_SECONDS = 10.0
"""What a program gets to end by itself after SIGTERM; Helm records its release in that time."""

CHUNK = 64 * 1024
"""Bytes that are taken at once: others of the loop's tasks wait for so long."""

_LEASH = ("setpriv", "--pdeathsig", "TERM", "--")
"""Execs a program that gets SIGTERM when we are killed: a Helm would go on in its own session."""


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
    take: Callable[[bytes], None] | None = None,
) -> Finished:
    """Run a program to its end, or for so many seconds.

    ``take`` gets what it writes as it comes, however much that is, and must not raise; ``stdout``
    stays empty then. When the caller is cancelled the whole process group gets SIGTERM, then
    SIGKILL.

    Raises:
        FileNotFoundError: there is no such program.
        OverdueError: its time ran out.
    """
    process = await _started(argv, env, stdin)
    talk = asyncio.create_task(_pour(process, take) if take else process.communicate(stdin))
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


async def _pour(
    process: asyncio.subprocess.Process, take: Callable[[bytes], None]
) -> tuple[bytes, bytes]:
    assert process.stdout is not None and process.stderr is not None  # both are pipes  # noqa: S101, PT018
    said = asyncio.create_task(process.stderr.read())
    while chunk := await process.stdout.read(CHUNK):
        take(chunk)
    await process.wait()
    return b"", await said


async def _started(
    argv: Sequence[str], env: Mapping[str, str] | None, stdin: bytes | None
) -> asyncio.subprocess.Process:
    """Start it; cancelled meanwhile, asyncio would end the program and not its children."""
    _demand_program(argv[0], env)
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *_leash(),
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


def _demand_program(name: str, env: Mapping[str, str] | None) -> None:
    """What the leash would only tell by an exit code."""
    if shutil.which(name, path=(os.environ if env is None else env).get("PATH")) is None:
        raise FileNotFoundError(name)


@cache
def _leash() -> tuple[str, ...]:
    """Nothing where there is no such program (macOS), or an older one (BusyBox).

    Not a ``preexec_fn``: that runs Python between fork and exec, which may block for ever while
    other threads hold locks. The signal comes when the thread ends that started the program: that
    is the loop's own, which ends after its programs.
    """
    try:
        tried = subprocess.run([*_LEASH, "true"], capture_output=True, check=False)
    except OSError:
        return ()
    return _LEASH if tried.returncode == 0 else ()


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
