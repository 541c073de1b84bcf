"""Patience with an API server that is away: one that restarts is there again in a minute or two."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from provisioner.deadline import Deadline
from provisioner.errors import ClusterAwayError

AWAY_SECONDS = 120.0
"""How long it is tried again, from the first time that there was no answer."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0

T = TypeVar("T")


def is_away(error: Exception) -> bool:
    """Whether the API server may answer another time."""
    return isinstance(error, ClusterAwayError)


async def outlast(
    ask: Callable[[], Awaitable[T]], away: Callable[[Exception], bool] = is_away
) -> T:
    """Ask, and ask again while ``away`` says of the error that nobody was there.

    Raises:
        Exception: what ``ask`` raised, when it is of another kind or the patience is over.
    """
    until: Deadline | None = None
    pause = _FIRST_PAUSE
    while True:
        try:
            return await ask()
        except Exception as error:
            until = until or Deadline.after(AWAY_SECONDS)
            if not away(error) or not until.left():
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
