"""The local terminal, as a program in a container needs it."""

import asyncio
import os
import signal
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from provisioner.cluster.exec import CHUNK, STDERR


class ReaderGoneError(Exception):
    """Nobody reads the output any more."""


class Input:
    """Stdin, read in a thread of its own: nothing else can wait for a key and be left."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=8)
        threading.Thread(target=self._pump, daemon=True).start()

    async def read(self) -> bytes:
        """The next piece; empty at the end."""
        return await self._queue.get()

    def _pump(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: the program has ended
            while True:
                try:
                    data = os.read(sys.stdin.fileno(), CHUNK)
                except OSError:  # the terminal is gone
                    data = b""
                put = self._queue.put(data)
                asyncio.run_coroutine_threadsafe(put, self._loop).result()
                if not data:
                    return


class Sizes:
    """The terminal's size, now and whenever it changes."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._changed.set()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGWINCH, self._changed.set)

    async def next(self) -> tuple[int, int]:
        """Columns and rows, when they are others than before."""
        await self._changed.wait()
        self._changed.clear()
        size = os.get_terminal_size(sys.stdout.fileno())
        return size.columns, size.lines


@contextmanager
def raw_terminal() -> Iterator[None]:
    """Every key goes through, and the terminal is as before afterwards."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def write(channel: int, data: bytes) -> None:
    """Pass output on, as it came.

    Raises:
        ReaderGoneError: nobody takes it.
    """
    stream = sys.stderr if channel == STDERR else sys.stdout
    try:
        stream.buffer.write(data)
        stream.buffer.flush()
    except OSError as error:
        raise ReaderGoneError from error
