"""One deadline, handed down, instead of loose timeouts."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from provisioner.errors import DeadlineExceededError

SESSION_HINT = "spec.timeout is what a whole session may take"


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock, and the span it was made from, in seconds."""

    at: float
    seconds: float

    @classmethod
    def after(cls, span: timedelta | float) -> Self:
        """The deadline that many seconds from now."""
        seconds = span.total_seconds() if isinstance(span, timedelta) else span
        return cls(time.monotonic() + seconds, seconds)

    def left(self) -> float:
        """Seconds that are left, never below zero."""
        return max(0.0, self.at - time.monotonic())

    def sooner(self, span: timedelta | float) -> "Deadline":
        """This deadline, or the one that span from now, whichever comes first."""
        other = Deadline.after(span)
        return other if other.at < self.at else self

    def before(self, seconds: float) -> "Deadline":
        """The same span, ended that many seconds earlier."""
        return replace(self, at=self.at - seconds)

    @asynccontextmanager
    async def enforce(
        self, what: str, *, last: Callable[[], str] = str, hint: str = ""
    ) -> AsyncIterator[None]:
        """Cancel the body when time runs out.

        Raises:
            DeadlineExceededError: the body was cut off; ``what`` names it, ``last`` what it did.
        """
        try:
            async with asyncio.timeout(self.left()) as timeout:
                yield
        except TimeoutError as error:
            if timeout.expired():
                raise DeadlineExceededError(what, self.seconds, last(), hint=hint) from error
            raise
