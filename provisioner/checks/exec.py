"""``exec``: a command in a running container of the application."""

from dataclasses import replace

from provisioner.checks.answer import Answer, last_line, one_line
from provisioner.checks.expect import UNKNOWN, describe, judge
from provisioner.checks.target import Sandbox, ready_pod
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.exec import (
    KILLED_EXIT_CODES,
    NOT_EXECUTABLE_EXIT_CODE,
    NOT_FOUND_EXIT_CODE,
    Executed,
    execute,
)
from provisioner.errors import CheckUnableError
from provisioner.models.checks import ExecCheck
from provisioner.models.expect import Expect


async def ask(question: ExecCheck, app: Sandbox, yardstick: Yardstick) -> Answer:
    """Run the command and judge what it printed."""
    pod = await ready_pod(app, question.workload)
    done = await execute(
        app.cluster, app.namespace, pod, question.container, list(question.command)
    )
    return judge_end(question, done, yardstick)


def judge_end(question: ExecCheck, done: Executed, yardstick: Yardstick = UNKNOWN) -> Answer:
    """Exit code 0 is needed, and an output: a check that returned nothing is never a pass.

    Raises:
        CheckUnableError: the command could not be started, or was killed.
    """
    if done.exit_code in (NOT_FOUND_EXIT_CODE, NOT_EXECUTABLE_EXIT_CODE):
        said = one_line(done.stderr) or f"exit code {done.exit_code}"
        raise CheckUnableError(f"{question.command[0]} cannot be run: {said}")
    if done.exit_code in KILLED_EXIT_CODES:
        raise CheckUnableError(f"{question.command[0]} was killed (exit code {done.exit_code})")
    expect = question.expect or Expect()
    expected = f"exit code 0, {describe(expect, yardstick)}"
    if done.exit_code != 0:
        said = last_line(done.stderr) or last_line(done.stdout) or "no output"
        return Answer(False, expected, f"exit code {done.exit_code}: {said}")
    return replace(judge(expect, done.stdout, yardstick), expected=expected)
