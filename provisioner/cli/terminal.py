"""Where output goes, and how it behaves when nobody reads it any more."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import IO, NoReturn

from rich.console import Console


class Terminal(Console):
    """A console that takes text as it is: names and answers are no markup."""

    def __init__(self, file: IO[str] | None = None, *, width: int | None = None) -> None:
        super().__init__(file=file, width=width, markup=False, highlight=False, emoji=False)

    def tell(self, text: str, style: str = "") -> None:
        """One line, not wrapped: commands and paths must stay whole."""
        self.print(text, style=style, soft_wrap=True)

    def on_broken_pipe(self) -> NoReturn:
        """Rich would end the process here, and with it a session that must be cleaned up."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def stdout() -> Terminal:
    """The console of results."""
    return Terminal(sys.stdout)


def stderr() -> Terminal:
    """The console of everything that is said along the way."""
    return Terminal(sys.stderr)


@contextlib.contextmanager
def readers_may_leave() -> Iterator[None]:
    """Writing to a reader that has gone changes nothing about the outcome.

    ``| head`` closes the pipe; a terminal that was closed answers with an I/O error.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO):
            raise
        # The interpreter flushes again at its end, and would fail then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
