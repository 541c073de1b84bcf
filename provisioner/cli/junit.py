"""A report as JUnit's XML, which every CI system reads."""

from collections.abc import Iterator
from datetime import UTC
from xml.etree import ElementTree

from provisioner.cli.text import clean
from provisioner.models.session import CheckRecord, PhaseRecord, Report
from provisioner.models.targets import TargetRecord
from provisioner.models.words import (
    STOPPED,
    CheckState,
    Cleanup,
    Outcome,
    PhaseName,
    PhaseState,
    Severity,
)

FAILURE, ERROR, SKIPPED = "failure", "error", "skipped"


def junit(report: Report) -> str:
    """The report as one test suite: a case for each phase and each check.

    A session that is no clean pass always has a failure or an error: what no phase and no
    check shows gets a case of its own.
    """
    cases = [*_phases(report), *(_check(report, one) for one in report.checks)]
    if not any(_bad(case) for case in cases) and _is_bad(report):
        cases.append(_verdict(report))
    suite = ElementTree.Element("testsuite", _totals(report, cases))
    suite.append(_properties(report))
    suite.extend(cases)
    if report.diagnosis:
        ElementTree.SubElement(suite, "system-out").text = clean("\n".join(report.diagnosis))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _is_bad(report: Report) -> bool:
    return report.outcome is not Outcome.PASSED or report.cleanup is not Cleanup.CLEAN


def _bad(case: ElementTree.Element) -> bool:
    return case.find(FAILURE) is not None or case.find(ERROR) is not None


def _totals(report: Report, cases: list[ElementTree.Element]) -> dict[str, str]:
    totals = {
        name: str(sum(case.find(kind) is not None for case in cases))
        for name, kind in (("failures", FAILURE), ("errors", ERROR), ("skipped", SKIPPED))
    }
    return {
        "name": clean(report.verifier),
        "tests": str(len(cases)),
        **totals,
        "time": _seconds((report.finished_at - report.started_at).total_seconds()),
        # JUnit's own schema knows no time zone: UTC.
        "timestamp": report.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
    }


def _properties(report: Report) -> ElementTree.Element:
    told = {
        "session": report.id,
        "outcome": report.outcome,
        "cause": report.cause,
        "evidence": report.evidence,
        "cleanup": report.cleanup,
        "requiredEvidence": report.required_evidence,
        "dataOnly": "true" if report.data_only else None,
        "readsData": ", ".join(one.name for one in report.checks if one.reads_data),
        **{f"snapshot.{one.restore}": one.id for one in report.snapshots},
        **{f"target.{one.name}": _target(one) for one in report.targets},
        **_attempts(report),
    }
    properties = ElementTree.Element("properties")
    for name, value in told.items():
        if value:
            properties.append(
                ElementTree.Element("property", {"name": clean(name), "value": clean(value)})
            )
    return properties


def _target(target: TargetRecord) -> str:
    return f"{'met' if target.met else 'missed'}: {target.message}"


def _attempts(report: Report) -> dict[str, str]:
    """Each one, where there were several."""
    told = enumerate(report.attempts if len(report.attempts) > 1 else [], 1)
    return {f"attempt.{number}": f"{one.outcome}: {one.message}" for number, one in told}


def _phases(report: Report) -> Iterator[ElementTree.Element]:
    order = list(PhaseName)
    for phase in sorted(report.phases, key=lambda one: order.index(one.name)):
        yield _phase(report, phase)


def _phase(report: Report, phase: PhaseRecord) -> ElementTree.Element:
    case = _case(report, "phase", phase.name, phase.seconds or 0.0)
    if phase.state is PhaseState.SKIPPED or _stopped_by_another(report, phase):
        ElementTree.SubElement(case, SKIPPED)
    elif phase.name is PhaseName.TEARDOWN and report.cleanup is Cleanup.LEAKED:
        _add(case, ERROR, Cleanup.LEAKED, *_leaks(report))
    elif phase.state is not PhaseState.DONE:
        _add(case, _kind(report), report.cause or report.outcome, phase.message, report.hint)
    return case


def _stopped_by_another(report: Report, phase: PhaseRecord) -> bool:
    """Whether the error is another phase's, which ran beside it."""
    return phase.message == STOPPED and any(
        one.state is PhaseState.FAILED and one.message != STOPPED for one in report.phases
    )


def _check(report: Report, check: CheckRecord) -> ElementTree.Element:
    case = _case(report, "check", check.name, check.seconds)
    said = (check.message, f"expected: {check.expected}", f"saw: {check.saw}")
    if check.state is CheckState.SKIPPED or _is_only_told(check):
        ElementTree.SubElement(case, SKIPPED, {"message": clean("; ".join(filter(None, said)))})
    elif check.state is CheckState.FAILED:
        _add(case, FAILURE, check.kind, *said)
    elif check.state is not CheckState.PASSED:
        _add(case, ERROR, check.kind, *said)
    return case


def _is_only_told(check: CheckRecord) -> bool:
    """JUnit knows no warning: an advisory check that was not passed must not be red."""
    return check.severity is Severity.ADVISORY and check.state is not CheckState.PASSED


def _verdict(report: Report) -> ElementTree.Element:
    case = _case(report, "session", "verdict", 0.0)
    if report.outcome is Outcome.PASSED:
        _add(case, ERROR, report.cleanup, *_leaks(report))
    else:
        _add(case, _kind(report), report.cause or report.outcome, report.message, report.hint)
    return case


def _leaks(report: Report) -> list[str]:
    commands = [f"{one.kind} {one.name}: {one.command}" for one in report.leftovers]
    return [f"{len(commands)} left in the cluster", *commands]


def _kind(report: Report) -> str:
    """A bad backup is a failure; everything else stood in the way of knowing."""
    return FAILURE if report.outcome is Outcome.FAILED else ERROR


def _case(report: Report, group: str, name: str, seconds: float) -> ElementTree.Element:
    where = f"{report.verifier}.{group}"
    attributes = {"classname": clean(where), "name": clean(name), "time": _seconds(seconds)}
    return ElementTree.Element("testcase", attributes)


def _add(case: ElementTree.Element, kind: str, type_: str, *lines: str) -> None:
    told = [clean(line) for line in lines if line] or [str(type_)]
    found = ElementTree.SubElement(case, kind, {"type": type_, "message": told[0]})
    found.text = "\n".join(told)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
