"""How a session is watched: the view that fits the terminal, and never at the session's cost."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from provisioner.cli.live import LiveView
from provisioner.cli.plain import PlainView
from provisioner.cli.terminal import Terminal
from provisioner.models.session import Session
from provisioner.progress import Observer, RestoreProgress

logger = logging.getLogger(__name__)


class View(Observer, Protocol):
    """An observer on a terminal."""

    def start(self) -> None:
        """Begin to show."""

    def stop(self) -> None:
        """Leave the terminal as it was found."""

    def say(self, text: str) -> None:
        """A line that stays."""


class Steady:
    """Forwards to each view until that view fails, then no more.

    The terminal may go away (SIGHUP, a closed pipe) while the sandbox must still be removed.
    """

    def __init__(self, *views: View) -> None:
        self._views = list(views)

    def record(self, session: Session) -> None:
        """Forward a change of the record."""
        self._try(lambda view: view.record(session))

    def restoring(self, progress: RestoreProgress) -> None:
        """Forward a restore's progress."""
        self._try(lambda view: view.restoring(progress))

    def note(self, text: str) -> None:
        """Forward a note."""
        self._try(lambda view: view.note(text))

    def kept(self, until: datetime) -> None:
        """Forward the end of keeping."""
        self._try(lambda view: view.kept(until))

    def say(self, text: str) -> None:
        """Forward a line that stays."""
        self._try(lambda view: view.say(text))

    def start(self) -> None:
        """Begin to show."""
        self._try(lambda view: view.start())

    def stop(self) -> None:
        """End to show."""
        self._try(lambda view: view.stop())

    def _try(self, tell: Callable[[View], None]) -> None:
        for view in list(self._views):
            try:
                tell(view)
            except Exception:  # whatever it is, the session goes on
                self._views.remove(view)
                logger.debug("a view failed and shows no more", exc_info=True)


def view_of(console: Terminal, *, plain: bool, stays: bool) -> View:
    """A live view on a terminal, plain lines anywhere else or when asked for."""
    live = console.is_terminal and not console.is_dumb_terminal and not plain
    return LiveView(console, stays=stays) if live else PlainView(console)


@contextmanager
def watching(*views: View) -> Iterator[Steady]:
    """All of them show the session while the block runs."""
    watch = Steady(*views)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()
