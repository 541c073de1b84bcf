"""What evidence a document may ask for, and what goes with no checks."""

from pathlib import Path

import pytest
from document_fakes import VALID, Change, demand_only_fault, problems

from provisioner.documents import load_verifier
from provisioner.models.words import Evidence

CHECKS = VALID[VALID.index("  checks:") : VALID.index("  timeout:")]

FAULTS = {
    "no checks and not a word of it": (
        (CHECKS, ""),
        "6:3: spec.checks: nothing; expected at least one check; "
        "or restoreOnly: true, when nothing is to be asked",
    ),
    "no checks, and it is said that there should be some": (
        (CHECKS, "  restoreOnly: false\n"),
        "6:3: spec.checks: nothing; expected at least one check; "
        "or restoreOnly: true, when nothing is to be asked",
    ),
    "checks that nobody would put": (
        ("  checks:", "  restoreOnly: true\n  checks:"),
        "22:3: spec.checks: checks beside restoreOnly: true; expected no checks, or no restoreOnly",
    ),
    "a proof without a check": (
        (CHECKS, "  restoreOnly: true\n  requireEvidence: proven\n"),
        "22:20: spec.requireEvidence: 'proven' beside restoreOnly: true, without a check to prove "
        "it; expected restored or booted",
    ),
    "less than the checks need": (
        ("  checks:", "  requireEvidence: restored\n  checks:"),
        "21:20: spec.requireEvidence: 'restored' beside checks, which an application has to be "
        "ready for; expected booted or proven; or restoreOnly: true and no checks",
    ),
    "evidence that there is not": (
        ("  checks:", "  requireEvidence: proved\n  checks:"),
        "21:20: spec.requireEvidence: 'proved'; expected one of: restored, booted, proven "
        "(did you mean proven?)",
    ),
    "an empty list of checks": (
        (CHECKS, "  checks: []\n"),
        "21:11: spec.checks: nothing in it; expected a list that is not empty",
    ),
    "no attempt at all": (
        ("  timeout: 1h", "  retry: {attempts: 0}\n  timeout: 1h"),
        "26:21: spec.retry.attempts: 0; expected a number of at least 1",
    ),
    "attempts without end": (
        ("  timeout: 1h", "  retry: {attempts: 100}\n  timeout: 1h"),
        "26:21: spec.retry.attempts: 100; expected a number of at most 10",
    ),
}


@pytest.mark.parametrize(("change", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_tells_the_fault_at_its_place(document: Path, change: Change, told: str) -> None:
    demand_only_fault(document, change, told)


def test_checks_under_a_mistyped_name_are_one_fault(document: Path) -> None:
    document.write_text(VALID.replace("  checks:", "  cheks:"))
    assert [(one.path, one.suggestion) for one in problems(document)] == [("spec.cheks", "checks")]


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        (("  timeout: 1h", "  timeout: 1h"), Evidence.PROVEN),
        (("  timeout: 1h", "  requireEvidence: booted"), Evidence.BOOTED),
        ((CHECKS, "  restoreOnly: true\n"), Evidence.RESTORED),
        ((CHECKS, "  restoreOnly: true\n  requireEvidence: booted\n"), Evidence.BOOTED),
    ],
)
def test_what_a_pass_needs(document: Path, change: Change, evidence: Evidence) -> None:
    document.write_text(VALID.replace(*change))
    assert load_verifier(document).spec.required_evidence is evidence
