"""What people read: a line for each case while it runs, ``results.md``, and the last line."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.sabotage.case import Case
from tests.sabotage.judge import CONFIGURATIONS, EXAMPLE, STANDARD, Judged, Seen
from tests.sabotage.places import RUNS

STANDARD_GOAL = 0.9


@dataclass(frozen=True)
class Count:
    """How many of the bad ones each configuration found, and how often a good one was blamed."""

    judged: Sequence[Judged]

    @property
    def bad(self) -> list[Judged]:
        """Those that must not pass."""
        return [one for one in self.judged if not one.case.good]

    @property
    def good(self) -> list[Judged]:
        """Those that must."""
        return [one for one in self.judged if one.case.good]

    def found(self, configuration: str) -> int:
        """Of the bad ones, those with a verdict that is expected."""
        return sum(one.right(configuration) for one in self.bad)

    @property
    def false_alarms(self) -> int:
        """Good ones that did not pass, in either configuration."""
        return sum(one.blamed(each) for one in self.good for each in CONFIGURATIONS)

    @property
    def line(self) -> str:
        """The result, in one line."""
        bad, good = len(self.bad), len(self.good) * len(CONFIGURATIONS)
        return (
            f"sabotage: standard={self.found(STANDARD)}/{bad} example={self.found(EXAMPLE)}/{bad}"
            f" false_alarms={self.false_alarms}/{good}"
        )

    @property
    def reached(self) -> bool:
        """Whether all goals are met."""
        return (
            self.found(STANDARD) >= STANDARD_GOAL * len(self.bad)
            and self.found(EXAMPLE) == len(self.bad)
            and self.false_alarms == 0
        )


def progress(judged: Judged) -> str:
    """Return the line of one case."""
    mark = {True: "ok  ", False: "MISS"}
    marks = " ".join(f"{each}: {mark[judged.right(each)]}" for each in CONFIGURATIONS)
    told = judged.problem or _told(judged.seen[EXAMPLE])
    return f"{marks} {judged.seconds:5.0f} s  {judged.case.name}: {told}"


def _told(seen: Seen) -> str:
    by = f" by {len(seen.by)} checks" if seen.by else ""
    return f"{seen.verdict}{by}; {seen.message}"


def listing(cases: Iterable[Case]) -> str:
    """Return what `--list` prints."""
    return "\n".join(f"{one.name:40}{' or '.join(one.expected):30}{one.story}" for one in cases)


def results(judged: Sequence[Judged]) -> str:
    """Return ``results.md``."""
    count = Count(judged)
    return "\n".join(
        [
            "# Sabotaged backups",
            "",
            "Written by `make sabotage`. Each case takes a good backup, changes one thing in it,"
            " and verifies it by a session of its own. **standard** is what the shipped standard"
            " sets find by themselves, **example** what is found with the application's own"
            " checks.",
            "",
            f"`{count.line}`",
            "",
            "## Bad backups",
            *_table(count.bad),
            "",
            "## Good backups that look unusual",
            *_table(count.good),
            "",
            "## What no standard set can find",
            "",
            *(f"- **{one.case.name}**: {one.case.unseen}." for one in count.bad if one.case.unseen),
            "",
        ]
    )


def _table(judged: Iterable[Judged]) -> list[str]:
    head = ["", "| case | what happened | expected | standard | example | found by |"]
    return [*head, "|---|---|---|---|---|---|", *(_row(one) for one in judged)]


def _row(one: Judged) -> str:
    expected = " or ".join(one.case.expected)
    seen = [_seen(one, each) for each in CONFIGURATIONS]
    cells = [one.case.name, one.case.story, expected, *seen, _found_by(one)]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _seen(one: Judged, configuration: str) -> str:
    if configuration not in one.seen:
        return "**not verified**"
    verdict = one.seen[configuration].verdict
    return verdict if one.right(configuration) else f"**{verdict}**"


def _found_by(one: Judged) -> str:
    if one.problem:
        return one.problem.splitlines()[0][:200]
    seen = one.seen[EXAMPLE]
    return "; ".join(seen.by) or ("" if one.case.good else _anywhere(seen.message))


def _anywhere(message: str) -> str:
    """The same without the folder of this checkout and of this run."""
    return re.sub(rf"{re.escape(str(RUNS))}/\w+/", "", message)
