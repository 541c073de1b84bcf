"""The shipped sets, and how their parts become checks of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial

from provisioner.checks import mysql
from provisioner.checks import postgres as psql
from provisioner.checks.answer import Answer
from provisioner.checks.question import Ask, Question
from provisioner.checks.standard import files, mariadb, on_data, postgres, redis
from provisioner.checks.standard.engine import Understanding, reach
from provisioner.checks.standard.files import FilesPart
from provisioner.checks.standard.part import Finding, Part, judge
from provisioner.checks.standard.redis import MOST_LOST_ELEMENTS
from provisioner.checks.standard.survey import Survey
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.errors import CheckRefusedError
from provisioner.models.checks import Check
from provisioner.models.expect import Baseline, Expect
from provisioner.models.standard import StandardCheck

PARTS: dict[str, tuple[Part, ...]] = {
    "postgres": postgres.PARTS,
    "mariadb": mariadb.PARTS,
    "redis": redis.PARTS,
}

UNDERSTAND: dict[str, Understanding] = {
    "postgres": psql.understand,
    "mariadb": mysql.understand,
    "redis": redis.understand,
}


def questions(check: Check, standard: StandardCheck) -> Iterator[Question]:
    """One question for each part of a set, in the set's order.

    Where an engine has to be started for them, the first asks whether it starts.
    """
    start = on_data.start_question(check, standard) if standard.image else None
    if start:
        yield start
    for part, ask in _asks(check, standard):
        yield Question(
            name=f"{check.name}: {part.title}",
            entry=check.name,
            kind="standard",
            reads_data=part.reads_data,
            ask=ask,
            timeout=check.timeout,
            retries=check.retries,
            severity=check.severity,
            needs=(*check.needs, *([start.entry] if start else [])),
            fingerprint=_fingerprint(standard),
        )


def _asks(check: Check, standard: StandardCheck) -> Iterator[tuple[Part | FilesPart, Ask]]:
    if standard.set == "files":
        survey = Survey(standard, check.name)
        for each in files.PARTS:
            yield each, partial(_ask_files, standard, each, survey)
        return
    for part in PARTS[standard.set]:
        yield part, partial(_ask, standard, part)


async def _ask_files(
    standard: StandardCheck, part: FilesPart, survey: Survey, app: Sandbox, yardstick: Yardstick
) -> Answer:
    found = await survey.get(app, part.title)
    most = files.MOST_LOST if standard.max_drop is None else standard.max_drop
    return files.judge(part, found, yardstick.former, most)


def _fingerprint(standard: StandardCheck) -> str:
    said = (standard.set, standard.database, standard.claim, *standard.restores, *standard.exclude)
    return " ".join(map(str, said))


async def _ask(standard: StandardCheck, part: Part, app: Sandbox, yardstick: Yardstick) -> Answer:
    findings = await _findings(standard, part, app)
    if isinstance(findings, Answer):
        return replace(findings, expected=part.covers, saw=f"it ended: {findings.saw}")
    counted = without(findings, standard.exclude)
    expect = expectation(part, standard)
    answer = judge(part, counted, expect, yardstick, of_each(part, standard))
    if part.counts == MOST_LOST_ELEMENTS and standard.max_drop is None and answer.trend:
        _doubt(answer)
    return answer


async def _findings(
    standard: StandardCheck, part: Part, app: Sandbox
) -> Sequence[Finding] | Answer:
    understand = UNDERSTAND[standard.set]
    if standard.image:
        return await on_data.asked(part.ask, on_data.reach(standard, app, understand))
    return await part.ask(await reach(standard, app, understand))


def without(findings: Sequence[Finding], exclude: Sequence[str]) -> list[Finding]:
    """The same without what comes and goes, e.g. the rows of a table of sessions."""
    return [_without(one, exclude) if one.counts and exclude else one for one in findings]


def _without(finding: Finding, exclude: Sequence[str]) -> Finding:
    counts = {
        name: count
        for name, count in finding.counts.items()
        if not any(fnmatchcase(name, pattern) for pattern in exclude)
    }
    gone = len(finding.counts) - len(counts)
    text = f"{finding.text}, {gone} of them not counted" if gone else finding.text
    return replace(finding, text=text, count=sum(counts.values()), counts=counts)


def of_each(part: Part, standard: StandardCheck) -> float | None:
    """Which share may be gone of each thing that a part's number is made of."""
    if part.each is None:
        return None
    return part.each if standard.max_drop is None else standard.max_drop


def _doubt(answer: Answer) -> None:
    """Of Redis it cannot be told whether what is gone was lost, or worked off.

    But where nothing at all is left it was not only a queue that came to its end.
    """
    if not answer.passed and answer.value:
        raise CheckRefusedError(
            f"{answer.saw}: {answer.message}",
            hint="standard: {set: redis, maxDrop: ...} says how much may be gone",
        )


def expectation(part: Part, standard: StandardCheck) -> Expect | None:
    """What a part's number is judged by; None of a part that has none."""
    if part.counts is None:
        return None
    drop = part.counts if standard.max_drop is None else standard.max_drop
    # A cache of keys with a time to live alone has no other elements, and is whole.
    least = None if part.counts == MOST_LOST_ELEMENTS else 1
    return Expect(min=least, baseline=Baseline(max_drop=drop))
