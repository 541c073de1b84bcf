"""A short patience with an application that has only just become ready.

Ready comes before the Service's rules, and an application may answer 5xx while its database is
still coming up: neither is a verdict.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from provisioner.deadline import Deadline
from provisioner.errors import ProvisionerError

SPAN = 5.0
"""Seconds after which "not yet" counts as "no"; the rules of a Service take under one."""

PAUSE = 0.25

T = TypeVar("T")


class NotYetError(Exception):
    """No answer yet; ``final`` is what to raise when none comes."""

    def __init__(self, final: ProvisionerError) -> None:
        super().__init__(final.message)
        self.final = final


async def patiently(ask: Callable[[bool], Awaitable[T]], span: float = SPAN) -> T:
    """Ask again while the answer is "not yet". ``ask`` is told whether it is the last time.

    Raises:
        ProvisionerError: the last "not yet", when the span is over.
    """
    until = Deadline.after(span)
    while True:
        last = not until.left()
        try:
            return await ask(last)
        except NotYetError as error:
            if last:
                raise error.final from None
        await asyncio.sleep(min(PAUSE, span))
