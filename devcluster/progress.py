"""Progress for people, on standard error: anything over two seconds says what it does."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_REPEAT = 20.0


def say(text: str) -> None:
    """Print one line, so that standard output stays for results."""
    print(f"devcluster: {text}", file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Tell of a long step: at its start, every twenty seconds, and at its end."""
    start = time.monotonic()
    done = threading.Event()

    def remind() -> None:
        while not done.wait(_REPEAT):
            say(f"{text}: {time.monotonic() - start:.0f} s so far")

    say(f"{text} ...")
    thread = threading.Thread(target=remind, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    say(f"{text}: done in {time.monotonic() - start:.0f} s")
