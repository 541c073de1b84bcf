"""A check as the runner sees it: whatever its kind, something to ask, and what its end means."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from provisioner.checks.answer import Answer
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.models.words import Severity

Ask = Callable[[Sandbox, Yardstick], Awaitable[Answer]]
"""Asks once. A ``ProvisionerError`` says why there is no answer."""


@dataclass(frozen=True)
class Question:
    """One question. ``entry`` names the document's entry that it came from.

    ``needs`` are names of entries: one that stands for several questions is passed when all are.
    """

    name: str
    entry: str
    kind: str
    reads_data: bool
    ask: Ask
    timeout: timedelta
    retries: int = 0
    severity: Severity = Severity.REQUIRED
    needs: tuple[str, ...] = ()
    fingerprint: str = ""
    """Tells the same question from another of the same name; what is expected does not count."""
