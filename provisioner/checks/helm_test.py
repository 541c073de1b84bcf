"""``helmTest``: the chart's own tests."""

import contextlib
import re
from collections.abc import Sequence

from provisioner.checks.answer import Answer, last_line
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.api import Object
from provisioner.cluster.pods import labels_of, read_log
from provisioner.cluster.resources import POD
from provisioner.errors import CheckUnableError, ClusterError
from provisioner.helm.release import TestResult
from provisioner.models.checks import HelmTestCheck

LOG_LINES = 20

EXPECTED = "helm test succeeds"

_NO_TESTS = re.compile(r"^TEST SUITE:\s+None\s*$", re.MULTILINE)
_SUITE = re.compile(r"^TEST SUITE:\s+(\S+)\s*$", re.MULTILINE)


async def ask(_question: HelmTestCheck, app: Sandbox, _yardstick: Yardstick) -> Answer:
    """Run the release's tests."""
    result = await app.helm_test(app.release)
    pods = await _pods(suites(result), app)
    return judge_result(result, pods, await _logs(pods, app))


def suites(result: TestResult) -> set[str]:
    """Names of the pods or Jobs that were the tests."""
    return set(_SUITE.findall(result.log))


async def _pods(names: set[str], app: Sandbox) -> list[Object]:
    """The tests' pods, as far as their chart leaves them there."""
    with contextlib.suppress(ClusterError):
        found = await app.cluster.list_all(POD, app.namespace)
        return [
            one
            for one in found
            if one["metadata"]["name"] in names or labels_of(one).get("job-name") in names
        ]
    return []


async def _logs(pods: Sequence[Object], app: Sandbox) -> list[str]:
    """What the tests said, best effort."""
    lines: list[str] = []
    for pod in pods:
        for container in pod["spec"]["containers"]:
            with contextlib.suppress(ClusterError):
                lines += await read_log(
                    app.cluster,
                    app.namespace,
                    pod["metadata"]["name"],
                    container["name"],
                    lines=LOG_LINES,
                )
    return lines


def judge_result(
    result: TestResult, pods: Sequence[Object] = (), log: Sequence[str] = ()
) -> Answer:
    """What the tests said; a chart without tests says nothing.

    Raises:
        CheckUnableError: the chart has no tests, or the node ended one.
    """
    if _NO_TESTS.search(result.log):
        raise CheckUnableError("the chart has no tests", hint="leave the helmTest check out")
    said = "\n".join(log) if any(line.strip() for line in log) else result.log
    saw = last_line(said) or "no output"
    if result.passed:
        return Answer(True, EXPECTED, saw)
    for pod in pods:
        # Only who was ended from outside has a reason of its own, e.g. Evicted.
        if reason := pod.get("status", {}).get("reason"):
            raise CheckUnableError(f"the node ended test pod {pod['metadata']['name']}: {reason}")
    return Answer(False, EXPECTED, saw, "\n".join(said.splitlines()[-LOG_LINES:]))
