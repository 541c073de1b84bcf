"""The shipped sets, and how their parts become checks of their own."""

from collections.abc import Iterator
from functools import partial

from provisioner.checks import mysql
from provisioner.checks import postgres as psql
from provisioner.checks.answer import Answer
from provisioner.checks.question import Question
from provisioner.checks.standard import mariadb, on_data, postgres, redis
from provisioner.checks.standard.engine import Understanding, reach
from provisioner.checks.standard.part import Part, judge
from provisioner.checks.standard.redis import MOST_LOST_ELEMENTS
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
    for part in PARTS[standard.set]:
        yield Question(
            name=f"{check.name}: {part.title}",
            entry=check.name,
            kind="standard",
            reads_data=part.reads_data,
            ask=partial(_ask, standard, part),
            timeout=check.timeout,
            retries=check.retries,
            severity=check.severity,
            needs=(*check.needs, *([start.entry] if start else [])),
            fingerprint=f"{standard.set} {standard.database}",
        )


async def _ask(standard: StandardCheck, part: Part, app: Sandbox, yardstick: Yardstick) -> Answer:
    understand = UNDERSTAND[standard.set]
    if standard.image:
        engine = on_data.reach(standard, app, understand)
        findings = await on_data.asked(part.ask, engine)
        if isinstance(findings, Answer):
            return findings
    else:
        findings = await part.ask(await reach(standard, app, understand))
    answer = judge(part, findings, expectation(part, standard), yardstick)
    if part.counts == MOST_LOST_ELEMENTS and standard.max_drop is None and answer.trend:
        _doubt(answer)
    return answer


def _doubt(answer: Answer) -> None:
    """Of Redis it cannot be told whether what is gone was lost, or worked off."""
    if not answer.passed:
        raise CheckRefusedError(
            f"{answer.saw}: {answer.message}",
            hint="standard: {set: redis, maxDrop: ...} says how much may be gone",
        )


def expectation(part: Part, standard: StandardCheck) -> Expect | None:
    """What a part's number is judged by; None of a part that has none."""
    if part.counts is None:
        return None
    drop = part.counts if standard.max_drop is None else standard.max_drop
    return Expect(min=1, baseline=Baseline(max_drop=drop))
