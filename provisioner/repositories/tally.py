"""What a tree of files holds, counted as it passes by: a sample of it is all that is kept."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

FILE, FOLDER, SYMLINK, OTHER = "file", "folder", "symlink", "other"

MOST = 2000
"""Entries of a sample; a tree that holds no more is in it whole."""

PRIME = 2**31 - 1
SHIFT, STIR, TAIL, GRAM = 65599, 3999971, 24, 3
"""How names are drawn, see ``lot``. All products fit into a double: awk knows no other numbers."""

_ODD = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ufffd]")


class Look(NamedTuple):
    """What an entry is, and whose. ``mode`` holds the twelve bits of chmod; 0 for a symlink."""

    kind: str
    uid: int
    gid: int
    mode: int


class Entry(NamedTuple):
    """One name of a tree. ``path`` is relative to it; only files have a size, in bytes."""

    path: str
    look: Look
    size: int


class Amount(NamedTuple):
    """How many, and their bytes."""

    entries: int
    bytes: int


def lot(path: str, seed: int) -> int:
    """A number below ``PRIME`` that a path draws; ``walk.sh`` draws the same.

    It depends on nothing but the last bytes of the path and the seed: two sides that have not
    spoken to each other draw the same names.
    """
    tail = path.encode()[-TAIL:]
    drawn = seed
    for at in range(0, len(tail), GRAM):
        drawn = (drawn * SHIFT + int.from_bytes(tail[at : at + GRAM], "big")) % PRIME
    # Names in a row differ by little: twice stirred, they do not lie side by side.
    return drawn * STIR % PRIME * STIR % PRIME


def is_odd(path: str) -> bool:
    """Whether a name does not pass through logs as it is: it is counted, and never drawn."""
    return _ODD.search(path) is not None


@dataclass
class Sample:
    """The entries with the lowest lots. ``below`` is halved whenever they are too many."""

    seed: int
    most: int = MOST
    below: int = PRIME
    drawn: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Take it in when its lot is low enough."""
        if is_odd(entry.path) or lot(entry.path, self.seed) >= self.below:
            return
        self.drawn[entry.path] = entry
        while len(self.drawn) > self.most:
            self.below //= 2
            self.drawn = self.until(self.below)

    def until(self, below: int) -> dict[str, Entry]:
        """Those with a lot under that number, by path."""
        kept = self.drawn.items()
        return {path: one for path, one in kept if lot(path, self.seed) < below}


@dataclass
class Tally:
    """All entries, counted by what they are and whose, and a sample of them."""

    sample: Sample
    looks: dict[Look, Amount] = field(default_factory=lambda: defaultdict(lambda: Amount(0, 0)))

    def add(self, entry: Entry) -> None:
        """Count one, and draw."""
        self.add_looks(entry.look, Amount(1, entry.size))
        self.sample.add(entry)

    def add_looks(self, look: Look, more: Amount) -> None:
        """Count several that look alike."""
        before = self.looks[look]
        self.looks[look] = Amount(before.entries + more.entries, before.bytes + more.bytes)

    def of(self, *kinds: str) -> Amount:
        """All of these kinds."""
        found = [amount for look, amount in self.looks.items() if look.kind in kinds]
        return Amount(sum(one.entries for one in found), sum(one.bytes for one in found))

    def seen_as(self, change: Callable[[Look], Look]) -> dict[Look, Amount]:
        """The counts as they are when looks are told apart by less."""
        changed = Tally(self.sample)
        for look, amount in self.looks.items():
            changed.add_looks(change(look), amount)
        return dict(changed.looks)
