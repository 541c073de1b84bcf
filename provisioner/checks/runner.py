"""Put all checks to the application. Every one is asked, whatever the others say."""

import asyncio
import time
from collections.abc import Callable, Sequence

from provisioner.checks import exec as exec_check
from provisioner.checks import helm_test, http, script, sql, tcp
from provisioner.checks.answer import Answer, one_line
from provisioner.checks.target import Sandbox
from provisioner.cluster.away import outlast
from provisioner.deadline import Deadline
from provisioner.errors import (
    CheckRefusedError,
    CheckUnableError,
    DeadlineExceededError,
    ProvisionerError,
)
from provisioner.models.base import format_duration
from provisioner.models.checks import Check, Expect
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState

AT_ONCE = 8
"""Checks that run side by side: enough to be quick, too few to be load."""


def reads_data(check: Check) -> bool:
    """Whether a pass of such a check can only come from restored data, by the check's kind.

    ========  =======================================================================
    sql       yes: the answer is a row
    exec      when its output is judged; without an expectation ``echo ok`` would pass
    script    when it mounts a claim or gets a Secret; without, it cannot reach the data
    http      when it expects a text; an installer has a status, too
    tcp       no: ports are open on an empty application
    helmTest  no: charts' tests ask whether the application answers, not what
    ========  =======================================================================
    """
    if check.script is not None:
        return bool(check.script.claims or check.script.secrets)
    if check.http is not None:
        return check.http.expect.contains is not None or check.http.expect.matches is not None
    if check.exec is not None:
        return check.exec.expect not in (None, Expect())
    return check.sql is not None


async def run_checks(
    checks: Sequence[Check], app: Sandbox, on_record: Callable[[CheckRecord], None]
) -> list[CheckRecord]:
    """All checks side by side; the records in the order of the document."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(check: Check) -> CheckRecord:
        async with slots:
            record = await run_check(check, app)
        on_record(record)
        return record

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(check)) for check in checks]
    return [task.result() for task in tasks]


async def run_check(check: Check, app: Sandbox) -> CheckRecord:
    """Put one check and write down what came. Only a cancellation is raised."""
    began = time.monotonic()
    state, answer = await _outcome(check, app)
    return CheckRecord(
        name=check.name,
        kind=check.kind,
        state=state,
        reads_data=reads_data(check),
        expected=answer.expected,
        saw=answer.saw,
        message=answer.message,
        seconds=round(time.monotonic() - began, 3),
    )


async def _outcome(check: Check, app: Sandbox) -> tuple[CheckState, Answer]:
    try:
        async with Deadline.after(check.timeout).enforce(f"check {check.name}"):
            # A question whose way broke is put again: it was no answer.
            answer = await outlast(lambda: _ask(check, app))
    except CheckRefusedError as error:
        return CheckState.INCONCLUSIVE, _unanswered(error)
    except DeadlineExceededError:
        span = format_duration(check.timeout)
        return CheckState.ERRORED, _unanswered(
            CheckUnableError(f"it could not be asked in time ({span})")
        )
    except ProvisionerError as error:
        return CheckState.ERRORED, _unanswered(error)
    except Exception as error:
        # A fault of ours must not end the other checks, nor read as the data's.
        text = f"{type(error).__name__}: {error}"
        return CheckState.ERRORED, Answer(False, "", "", one_line(f"internal error: {text}"))
    return (CheckState.PASSED if answer.passed else CheckState.FAILED), answer


def _unanswered(error: ProvisionerError) -> Answer:
    hint = f" ({error.hint})" if error.hint else ""
    return Answer(False, "", "", f"{error.message}{hint}")


async def _ask(check: Check, app: Sandbox) -> Answer:
    if check.sql is not None:
        return await sql.ask(check.sql, app)
    if check.http is not None:
        return await http.ask(check.http, app)
    if check.tcp is not None:
        return await tcp.ask(check.tcp, app)
    if check.exec is not None:
        return await exec_check.ask(check.exec, app)
    if check.script is not None:
        return await script.ask(check.script, app, check.name)
    return await helm_test.ask(check.question, app)
