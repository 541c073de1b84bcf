"""What a check got to hear, before it becomes a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.models.session import Trend

LINE_LIMIT = 200

NOTHING = "nothing: the check returned nothing"
"""What is seen of an answer that is empty: it never passes."""


@dataclass(frozen=True)
class Answer:
    """An answer of the application and what was expected of it, each in one short line."""

    passed: bool
    expected: str
    saw: str
    message: str = ""
    value: float | None = None
    """The answer itself, when it is a number."""
    counts: Mapping[str, float] = field(default_factory=dict)
    """What it is made of, by names that stay the same."""
    trend: Trend | None = None
    unmeasured: bool = False
    """It passed, and 0 would have passed, too: by a condition, or as the first of a baseline."""
    error: str = ""
    """The kind of error that came instead of an answer."""


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """A text for a person's eye: one line, not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def last_line(text: str) -> str:
    """The last line that is not blank."""
    lines = [line for line in text.splitlines() if line.strip()]
    return one_line(lines[-1]) if lines else ""
