"""Put all questions to the application: side by side, but for those that need others first."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from provisioner import verdict
from provisioner.checks.answer import NOTHING, Answer, one_line
from provisioner.checks.question import Question
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.away import outlast
from provisioner.deadline import Deadline
from provisioner.errors import CheckUnableError, DeadlineExceededError, ProvisionerError
from provisioner.models.base import format_duration
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState

AT_ONCE = 8
"""Checks that run side by side: enough to be quick, too few to be load."""

RETRY_PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Seconds before a check is put again; each pause is twice the one before."""

Measure = Callable[[Question], Yardstick]


async def run_checks(
    questions: Sequence[Question],
    app: Sandbox,
    measure: Measure,
    on_record: Callable[[CheckRecord], None],
) -> list[CheckRecord]:
    """The records in the order of the questions. Needs must be known, and go round in no circle.

    Every question is put, whatever the others say, unless it needs one that was not passed.
    """
    slots = asyncio.Semaphore(AT_ONCE)
    ends: dict[int, asyncio.Task[CheckRecord]] = {}

    async def one(question: Question) -> CheckRecord:
        before = [ends[i] for i, each in enumerate(questions) if each.entry in question.needs]
        needed = await asyncio.gather(*before)
        if missing := [each for each in needed if each.state is not CheckState.PASSED]:
            record = _skipped(question, missing)
        else:
            async with slots:
                record = await run_check(question, app, measure(question))
        on_record(record)
        return record

    async with asyncio.TaskGroup() as group:
        # None begins before all are there: the first may need the last.
        for index, question in enumerate(questions):
            ends[index] = group.create_task(one(question))
    return [task.result() for task in ends.values()]


async def run_check(question: Question, app: Sandbox, yardstick: Yardstick) -> CheckRecord:
    """Put one question, again as often as it may be, and write down what came.

    Only a cancellation is raised.
    """
    began, earlier, pause = time.monotonic(), list[str](), RETRY_PAUSE
    while True:
        state, answer = await _outcome(question, app, yardstick)
        if state is CheckState.PASSED or len(earlier) == question.retries:
            return _record(question, state, answer, time.monotonic() - began, earlier)
        earlier.append(_told(state, answer))
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _record(
    question: Question, state: CheckState, answer: Answer, seconds: float, earlier: Sequence[str]
) -> CheckRecord:
    return CheckRecord(
        name=question.name,
        kind=question.kind,
        state=state,
        severity=question.severity,
        reads_data=question.reads_data,
        unmeasured=answer.unmeasured,
        expected=answer.expected,
        saw=answer.saw,
        message=answer.message,
        value=answer.value,
        counts=dict(answer.counts),
        trend=answer.trend,
        error=answer.error,
        fingerprint=question.fingerprint,
        earlier=list(earlier),
        seconds=round(seconds, 3),
    )


def _skipped(question: Question, missing: Iterable[CheckRecord]) -> CheckRecord:
    told = ", ".join(f"{one.name} ({one.state.lower()})" for one in missing)
    answer = Answer(False, "", "", f"not put: it needs {told}")
    return _record(question, CheckState.SKIPPED, answer, 0.0, ())


def _told(state: CheckState, answer: Answer) -> str:
    return one_line(f"{state}: {answer.saw or answer.message}")


async def _outcome(
    question: Question, app: Sandbox, yardstick: Yardstick
) -> tuple[CheckState, Answer]:
    try:
        async with Deadline.after(question.timeout).enforce(f"check {question.name}"):
            # A question whose way broke is put again: it was no answer.
            answer = await outlast(lambda: question.ask(app, yardstick))
    except DeadlineExceededError:
        span = format_duration(question.timeout)
        return _unanswered(CheckUnableError(f"it could not be asked in time ({span})"))
    except ProvisionerError as error:
        return _unanswered(error)
    except Exception as error:
        # A fault of ours must not end the other checks, nor read as the data's.
        text = f"{type(error).__name__}: {error}"
        return CheckState.ERRORED, Answer(False, "", "", one_line(f"internal error: {text}"))
    if answer.passed and not answer.saw.strip():
        return CheckState.FAILED, replace(answer, saw=NOTHING)
    return (CheckState.PASSED if answer.passed else CheckState.FAILED), answer


def _unanswered(error: ProvisionerError) -> tuple[CheckState, Answer]:
    hint = f" ({error.hint})" if error.hint else ""
    answer = Answer(False, "", "", f"{error.message}{hint}", error=type(error).__name__)
    return verdict.state_of(error), answer
