"""What is less than it was in the last session that passed, by name. Pure."""

from collections.abc import Iterator, Mapping

FEWEST = 5
"""Losses below this tell nothing: of three rows one is soon gone."""


def shrunk(
    now: Mapping[str, float], before: Mapping[str, float], most: float
) -> Iterator[tuple[str, int, int]]:
    """Each name that lost more than that share of its number, with the number then and now.

    The greatest losses come first. What is new, or has grown, is not looked at.
    """
    pairs = [(name, int(then), int(now.get(name, 0))) for name, then in before.items()]
    lost = [(then - left, name, then, left) for name, then, left in pairs]
    for gone, name, then, left in sorted(lost, key=lambda one: (-one[0], one[1])):
        if gone >= FEWEST and gone > most * then:
            yield name, then, left
