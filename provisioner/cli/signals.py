"""Signals: the first one stops the session, and none abandons the cleanup."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPING = "stopping: removing the sandbox"
ALREADY = "already stopping: the sandbox is being removed, and that is not abandoned"


class Stopper:
    """Cancels what the session is doing; its cleanup goes on all the same."""

    def __init__(self, task: asyncio.Task[Any], say: Callable[[str], None]) -> None:
        self._task = task
        self._say = say
        self._asked = False

    def __call__(self) -> None:
        """Deal with one signal."""
        self._say(ALREADY if self._asked else STOPPING)
        self._asked = True
        # Each time: one may have come while something could not be interrupted, and then the
        # sandbox is being kept. The cleanup itself cannot be cancelled.
        self._task.cancel()


async def supervise(session: Coroutine[Any, Any, T], say: Callable[[str], None]) -> T:
    """Run the session to its end, and hand signals to it as a cancellation.

    Raises:
        asyncio.CancelledError: it was stopped before it had begun anything.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(session)
    stop = Stopper(task, say)
    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
