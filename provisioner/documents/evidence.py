"""Whether what a document asks for can be told by what it lets be done.

Without an application nothing boots: the data is restored, and proven by a check that reads it.
"""

from collections.abc import Iterator

from provisioner.documents.data_only import SPEC, is_data_only
from provisioner.documents.sense import CHECKS, at
from provisioner.documents.shape import nearest
from provisioner.documents.source import Path, Source
from provisioner.errors import Problem
from provisioner.models.words import Evidence

RESTORE_ONLY: Path = (*SPEC, "restoreOnly")
REQUIRED: Path = (*SPEC, "requireEvidence")


def problems_of_evidence(source: Source) -> Iterator[Problem]:
    """No checks without a word for it, and evidence that no session could give."""
    spec = at(source.value, SPEC)
    if not isinstance(spec, dict):
        return
    required = at(source.value, REQUIRED)
    if at(source.value, RESTORE_ONLY) is True:
        yield from _beside_restore_only(source, required)
    elif not any(nearest(name, ["checks"]) for name in spec):  # a mistyped one is told already
        expected = "at least one check; or restoreOnly: true, when nothing is to be asked"
        yield source.problem(CHECKS, "nothing", expected)
    elif is_data_only(source):
        yield from _never_booted(source, required, "restored or proven, or an application")
    elif required == Evidence.RESTORED:
        found = "'restored' beside checks, which an application has to be ready for"
        expected = "booted or proven; or restoreOnly: true and no checks"
        yield source.problem(REQUIRED, found, expected)


def _beside_restore_only(source: Source, required: object) -> Iterator[Problem]:
    if at(source.value, CHECKS) is not None:
        expected = "no checks, or no restoreOnly"
        yield source.problem(CHECKS, "checks beside restoreOnly: true", expected, key=True)
    alone = is_data_only(source)
    if required == Evidence.PROVEN:
        found = "'proven' beside restoreOnly: true, without a check to prove it"
        yield source.problem(REQUIRED, found, "restored" if alone else "restored or booted")
    elif alone:
        yield from _never_booted(source, required, "restored, or an application")


def _never_booted(source: Source, required: object, expected: str) -> Iterator[Problem]:
    if required == Evidence.BOOTED:
        found = "'booted', and there is no spec.application that could boot"
        yield source.problem(REQUIRED, found, expected)
