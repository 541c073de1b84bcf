"""Judge an answer. Pure: the same answer always gets the same verdict."""

import re
from collections.abc import Iterator
from decimal import Decimal

from provisioner.checks.answer import Answer, one_line
from provisioner.errors import CheckUnableError
from provisioner.models.checks import Expect

NOTHING = "nothing: the check returned nothing"

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def judge(expect: Expect, answer: str) -> Answer:
    """Whether the answer is what was expected. An answer that is empty never is.

    Raises:
        CheckUnableError: ``matches`` is no regular expression.
    """
    text = answer.strip()
    expected = describe(expect)
    if not text:
        return Answer(False, expected, NOTHING)
    faults = list(_faults(expect, text))
    return Answer(not faults, expected, one_line(text), "; ".join(faults))


def describe(expect: Expect) -> str:
    """What is expected, in words."""
    parts = []
    if expect.equals is not None:
        parts.append(f"exactly {expect.equals}")
    if expect.min is not None:
        parts.append(f"at least {_plain(expect.min)}")
    if expect.max is not None:
        parts.append(f"at most {_plain(expect.max)}")
    if expect.matches is not None:
        parts.append(f"matches /{expect.matches}/")
    return " and ".join(parts) or "any answer"


def finds(pattern: str, text: str) -> bool:
    """Whether a user's regular expression is found in the text.

    Raises:
        CheckUnableError: it is none.
    """
    try:
        return re.search(pattern, text) is not None
    except re.error as error:
        raise CheckUnableError(f"matches: {pattern!r} is no regular expression: {error}") from error


def _faults(expect: Expect, text: str) -> Iterator[str]:
    if expect.equals is not None and not _equal(expect.equals, text):
        yield "it is not equal"
    if expect.min is not None or expect.max is not None:
        yield from _range_faults(expect, text)
    if expect.matches is not None and not finds(expect.matches, text):
        yield "the pattern is not found"


def _range_faults(expect: Expect, text: str) -> Iterator[str]:
    number = _number(text)
    if number is None:
        yield "it is no number"
        return
    if expect.min is not None and number < Decimal(str(expect.min)):
        yield "it is too small"
    if expect.max is not None and number > Decimal(str(expect.max)):
        yield "it is too large"


def _equal(wanted: str | float, text: str) -> bool:
    """Numbers are compared as numbers, so that 5 and 5.0 are equal; texts to the letter."""
    if isinstance(wanted, str):
        return text == wanted.strip()
    return _number(text) == Decimal(str(wanted))


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
