"""Judge an answer. Pure: the same answer and the same yardstick always get the same verdict."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from provisioner.checks.answer import NOTHING, Answer, one_line
from provisioner.checks.times import parse_time
from provisioner.checks.yardstick import Former, Yardstick, trend
from provisioner.errors import CheckUnableError
from provisioner.models.base import format_duration
from provisioner.models.expect import Baseline, Expect, format_percent
from provisioner.models.session import SnapshotRecord

FIRST = "no baseline yet: once this session passes, this answer is it"
ZERO = "the baseline is 0, and there is no ratio to it"
HOLLOW = "an answer of 0, which an empty application gives, would have passed as well"

UNKNOWN = Yardstick()

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def judge(expect: Expect, answer: str, yardstick: Yardstick = UNKNOWN) -> Answer:
    """Whether the answer is what was expected. An answer that is empty never is.

    Raises:
        CheckUnableError: ``matches`` is no regular expression, or the answer cannot be from a
            backup, so that it says nothing of one.
    """
    text = answer.strip()
    expected = describe(expect, yardstick)
    if not text:
        return Answer(False, expected, NOTHING)
    given = _Given(expect, text, yardstick)
    faults = [fault for rule in _RULES for fault in rule(given)]
    # Of a time, even of one in seconds, there is no more and no less.
    value = _number(text) if expect.not_older_than is None else None
    former = yardstick.former
    open_end = "" if expect.baseline is None or faults else _open_end(former)
    hollow = HOLLOW if value is not None and not faults and _takes_nothing(given) else ""
    return Answer(
        not faults,
        expected,
        one_line(text),
        open_end or hollow or "; ".join(faults),
        value=None if value is None else float(value),
        trend=None if value is None or former is None else trend(float(value), former),
        unmeasured=bool(hollow),
    )


def _takes_nothing(given: "_Given") -> bool:
    """Whether what is expected is met by the count of what is not there.

    Where nothing is expected, something else has judged, e.g. an exit code.
    """
    nothing = replace(given, text="0")
    return given.expect != Expect() and not any(fault for rule in _RULES for fault in rule(nothing))


def _open_end(former: Former | None) -> str:
    """Why a baseline measures nothing."""
    if former is None:
        return FIRST
    return "" if former.value else ZERO


def describe(expect: Expect, yardstick: Yardstick = UNKNOWN) -> str:
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
    if expect.not_older_than is not None:
        parts.append(_describe_age(expect.not_older_than, yardstick.oldest))
    if expect.baseline is not None:
        parts.append(_describe_baseline(expect.baseline, yardstick.former))
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


def _describe_age(most: timedelta, snapshot: SnapshotRecord | None) -> str:
    if snapshot is None:
        return f"at most {format_duration(most)} older than the snapshot"
    whose = f"snapshot {snapshot.restore} of {_moment(snapshot.time)}"
    return f"at most {format_duration(most)} older than {whose}"


def _describe_baseline(baseline: Baseline, former: Former | None) -> str:
    than = f"{_plain(former.value)}, seen by {former.session}" if former else "the baseline"
    if baseline.max_drop == 0 and baseline.max_growth is None:
        return f"not less than {than}"
    limits = []
    if baseline.max_drop is not None:
        limits.append(f"{format_percent(baseline.max_drop)} less")
    if baseline.max_growth is not None:
        limits.append(f"{format_percent(baseline.max_growth)} more")
    return f"at most {' and '.join(limits)} than {than}"


@dataclass(frozen=True)
class _Given:
    """An answer, what is expected of it, and what it is measured against."""

    expect: Expect
    text: str
    yardstick: Yardstick


def _equality_faults(given: _Given) -> Iterator[str]:
    if given.expect.equals is not None and not _equal(given.expect.equals, given.text):
        yield "it is not equal"


def _pattern_faults(given: _Given) -> Iterator[str]:
    if given.expect.matches is not None and not finds(given.expect.matches, given.text):
        yield "the pattern is not found"


def _range_faults(given: _Given) -> Iterator[str]:
    expect = given.expect
    if expect.min is None and expect.max is None and expect.baseline is None:
        return
    number = _number(given.text)
    if number is None:
        yield "it is no number"
        return
    if expect.min is not None and number < Decimal(str(expect.min)):
        yield "it is too small"
    if expect.max is not None and number > Decimal(str(expect.max)):
        yield "it is too large"
    if expect.baseline is not None and given.yardstick.former is not None:
        yield from _baseline_faults(expect.baseline, given.yardstick.former, float(number))


def _baseline_faults(baseline: Baseline, former: Former, number: float) -> Iterator[str]:
    """Of 0 there is no share: what was empty may have begun to fill."""
    if not former.value:
        return
    change = (number - former.value) / abs(former.value)
    told = f"{format_percent(round(abs(change), 4))} {'more' if change > 0 else 'less'}"
    if baseline.max_drop is not None and -change > baseline.max_drop:
        yield f"it is {told} than in session {former.session}"
    if baseline.max_growth is not None and change > baseline.max_growth:
        yield f"it is {told} than in session {former.session}"


def _age_faults(given: _Given) -> Iterator[str]:
    most, snapshot = given.expect.not_older_than, given.yardstick.oldest
    if most is None:
        return
    moment = parse_time(given.text)
    if moment is None:
        yield "it is no time"
        return
    if snapshot is None:
        raise CheckUnableError("notOlderThan: no snapshot is known to measure the answer against")
    _demand_from_backup(moment, given.yardstick)
    if moment < snapshot.time - most:
        yield f"it is {format_duration(snapshot.time - moment)} older than the snapshot"


def _demand_from_backup(moment: datetime, yardstick: Yardstick) -> None:
    """What the application has written since the restore says nothing of the backup."""
    if yardstick.began is not None and moment > yardstick.began:
        raise CheckUnableError(
            f"the answer is {_moment(moment)}, after this session began: it is from no backup",
            hint="ask for what the restored application does not write itself; a time without a "
            "zone counts as UTC",
        )


_RULES: tuple[Callable[[_Given], Iterator[str]], ...] = (
    _equality_faults,
    _range_faults,
    _pattern_faults,
    _age_faults,
)


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def _equal(wanted: str | float, text: str) -> bool:
    """Numbers are compared as numbers, so that 5 and 5.0 are equal; texts to the letter."""
    if isinstance(wanted, str):
        return text == wanted.strip()
    return _number(text) == Decimal(str(wanted))


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
