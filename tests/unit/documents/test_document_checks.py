"""Checks that cannot be meant, with the exact place it is told at."""

from pathlib import Path

import pytest
from document_fakes import VALID, Change, demand_only_fault

from provisioner.documents import load_verifier
from provisioner.models.expect import Baseline

HTTP = "      http: {service: blog}"
EXEC = "      exec: {workload: Deployment/blog, command: [count]}"
EXPECTING = EXEC.replace("[count]}", "[count], expect: {%s}}")

CASES: dict[str, tuple[Change, str]] = {
    "a need that is not there": (
        (HTTP, f"{HTTP}\n      needs: [posts, post]"),
        "24:22: spec.checks[0].needs[1]: 'post'; expected a check of this document, "
        "one of: front page, posts (did you mean posts?)",
    ),
    "a check that needs itself": (
        (HTTP, f"{HTTP}\n      needs: [front page]"),
        "24:15: spec.checks[0].needs[0]: 'front page', which closes a circle: front page needs "
        "front page; expected needs that lead to a check that needs nothing",
    ),
    "a circle of needs": (
        (f"{HTTP}\n    - name: posts", f"{HTTP}\n      needs: [posts]\n    - name: posts\n"
         "      needs: [front page]"),
        "26:15: spec.checks[1].needs[0]: 'front page', which closes a circle: front page needs "
        "posts needs front page; expected needs that lead to a check that needs nothing",
    ),
    "a severity that is none": (
        (HTTP, f"{HTTP}\n      severity: low"),
        "24:17: spec.checks[0].severity: 'low'; expected one of: required, advisory",
    ),
    "retries without an end": (
        (HTTP, f"{HTTP}\n      retries: 1000"),
        "24:16: spec.checks[0].retries: 1000; expected a number of at most 20",
    ),
    "an empty baseline": (
        (EXEC, EXPECTING % "baseline: {}"),
        "25:78: spec.checks[1].exec.expect.baseline: none of them; "
        "expected at least one of: maxDrop, maxGrowth",
    ),
    "a drop without its unit": (
        (EXEC, EXPECTING % "baseline: {maxDrop: 10}"),
        "25:88: spec.checks[1].exec.expect.baseline.maxDrop: a number; "
        "expected a percentage such as 10%",
    ),
    "a drop of more than there is": (
        (EXEC, EXPECTING % "baseline: {maxDrop: 100%}"),
        "25:88: spec.checks[1].exec.expect.baseline.maxDrop: '100%', which even an answer of 0 "
        "fits; expected a drop below 100%",
    ),
    "an age without its unit": (
        (EXEC, EXPECTING % "notOlderThan: 24"),
        "25:82: spec.checks[1].exec.expect.notOlderThan: a number; "
        "expected a duration such as 90s, 15m or 1h30m",
    ),
    "a number that is to be a time": (
        (EXEC, EXPECTING % "notOlderThan: 1d, max: 5"),
        "25:67: spec.checks[1].exec.expect: notOlderThan together with max; "
        "expected a time to be judged by notOlderThan, or a number by the others",
    ),
    "a command that writes": (
        (HTTP, "      redis: {service: queue, command: [FLUSHALL]}"),
        "23:40: spec.checks[0].redis.command: 'FLUSHALL'; "
        "expected a command that reads keys, such as DBSIZE, GET or HGET",
    ),
    "a reply of which nothing is expected": (
        (HTTP, "      redis: {service: queue, command: [DBSIZE], expect: {}}"),
        "23:58: spec.checks[0].redis.expect: no expectation, which a count of 0 fits; expected "
        "at least one of equals, min, max, matches, notOlderThan, baseline; "
        "left out it is min: 1",
    ),
    "a Secret's field": (
        (HTTP, "      kubernetes: {kind: Secret, name: a, jsonPath: .data, expect: {min: 1}}"),
        "23:19: spec.checks[0].kubernetes: a Secret, whose values would stand in the "
        "report; expected any other kind, with its apiVersion unless it is one of the usual",
    ),
    "a path that is none": (
        (HTTP, "      kubernetes: {kind: Pod, name: a, jsonPath: '{.a.[}', expect: {min: 1}}"),
        "23:50: spec.checks[0].kubernetes.jsonPath: '{.a.[}'; "
        "expected a JSONPath such as {.status.readyReplicas}",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), CASES.values(), ids=CASES.keys())
def test_tells_the_fault_at_its_place(document: Path, change: Change, told: str) -> None:
    demand_only_fault(document, change, told)


def test_percentages_are_read_as_shares(document: Path) -> None:
    given = EXPECTING % "baseline: {maxDrop: 12.5%, maxGrowth: 300%}"
    document.write_text(VALID.replace(EXEC, given))
    expect = load_verifier(document).spec.checks[1].question.expect
    assert expect.baseline == Baseline(max_drop=0.125, max_growth=3.0)
    assert expect.baseline.model_dump(by_alias=True) == {"maxDrop": "12.5%", "maxGrowth": "300%"}
