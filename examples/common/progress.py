"""Progress for whoever watches, on standard error: what is done now, and how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """Write one line."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def detail(text: str) -> None:
    """Write one line that belongs to the step before it."""
    say(f"    {text}")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, and say how long it took when it went well."""
    start = time.monotonic()
    say(f"==> {title}")
    yield
    detail(f"done in {time.monotonic() - start:.1f} s")
