"""``helmTest``: the chart's own tests."""

import re

from provisioner.checks.answer import Answer, last_line
from provisioner.checks.target import Sandbox
from provisioner.errors import CheckUnableError
from provisioner.helm.release import TestResult
from provisioner.models.checks import HelmTestCheck

LOG_LINES = 20

_NO_TESTS = re.compile(r"^TEST SUITE:\s+None\s*$", re.MULTILINE)


async def ask(_question: HelmTestCheck, app: Sandbox) -> Answer:
    """Run the release's tests."""
    return judge_result(await app.helm_test(app.release))


def judge_result(result: TestResult) -> Answer:
    """What the tests said; a chart without tests says nothing.

    Raises:
        CheckUnableError: the chart has no tests.
    """
    if _NO_TESTS.search(result.log):
        raise CheckUnableError("the chart has no tests", hint="leave the helmTest check out")
    tail = "\n".join(result.log.splitlines()[-LOG_LINES:])
    saw = last_line(result.log) or "no output"
    if result.passed:
        return Answer(True, "helm test succeeds", saw)
    return Answer(False, "helm test succeeds", saw, tail)
