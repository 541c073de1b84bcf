"""A document without an application: where its restores go, and what can be asked of them."""

import re
from collections.abc import Iterator

from pydantic.alias_generators import to_camel

from provisioner.documents.sense import CHECKS, RESTORES, at, items, text_at
from provisioner.documents.shape import nearest, one_of
from provisioner.documents.source import Path, Source
from provisioner.errors import Problem
from provisioner.models.base import NAME_PATTERN
from provisioner.models.places import PLACES
from provisioner.models.standard import ENGINES, StandardCheck

SPEC: Path = ("spec",)
CLAIMS: Path = (*SPEC, "sandbox", "claims")
READINESS: Path = (*SPEC, "readiness")

OF_AN_APPLICATION = ("sql", "redis", "http", "tcp", "exec", "helmTest")
"""Kinds of checks that ask what runs."""

_ALONE = "files, script, job, kubernetes or a standard set; or spec.application"
_STARTED = ("image", "claim", "folder", "args")
"""What says which engine is started on which data, for a standard set."""

_RUNNING = ("workload", "container", "secret", "userKey", "passwordKey")
"""What says which one runs already, and who is let in."""

_PROGRAMS = ("script", "job")
_KNOWN = {to_camel(name) for name in StandardCheck.model_fields}


def is_data_only(source: Source) -> bool:
    """Whether there is no application, and none under a mistyped name."""
    spec = at(source.value, SPEC)
    return isinstance(spec, dict) and not any(nearest(name, ["application"]) for name in spec)


def problems_of_data_only(source: Source) -> Iterator[Problem]:
    """What needs an application where there is none, and the other way round."""
    if not is_data_only(source):
        yield from _claims_of_the_chart(source)
        for item in items(source, CHECKS):
            yield from _second_engine(source, (*item, "standard"))
        return
    yield from _places(source)
    yield from _claims_of_nobody(source)
    yield from _same_data(source)
    for item in items(source, CHECKS):
        yield from _askers(source, item)
        yield from _no_engine(source, (*item, "standard"))
        yield from _running_engine(source, (*item, "standard"))
        yield from _unknown_claim(source, (*item, "standard", "claim"))
        for kind in _PROGRAMS:
            yield from _unfilled(source, item, kind)
            yield from _secrets(source, (*item, kind, "secrets"))
    if at(source.value, READINESS) is not None:
        found = "the readiness of an application, which this document has none of"
        yield source.problem(READINESS, found, "no readiness, or an application", key=True)


def _claims_of_the_chart(source: Source) -> Iterator[Problem]:
    if at(source.value, CLAIMS):
        found = "claims beside spec.application, which makes its own"
        yield source.problem(CLAIMS, found, "no claims here, or no application", key=True)


def _places(source: Source) -> Iterator[Problem]:
    for item in items(source, RESTORES):
        into = (*item, "into")
        for kind in PLACES:
            if kind != "claim" and at(source.value, (*into, kind)) is not None:
                found = f"a {kind} of an application, which this document has none of"
                expected = "claim: {name: NAME}, which the sandbox then makes; or spec.application"
                yield source.problem((*into, kind), found, expected, key=True)
        yield from _no_name(source, (*into, "claim", "name"))
        if at(source.value, (*item, "strategy")) is not None:
            found = "a strategy, of filling the claims of an application"
            yield source.problem((*item, "strategy"), found, "none, or an application", key=True)


def _no_name(source: Source, where: Path) -> Iterator[Problem]:
    """The chart's claims have their names already; this one is made by it."""
    name = text_at(source, where)
    if name is not None and not re.fullmatch(NAME_PATTERN, name):
        expected = "a name of lower-case letters, digits and '-', such as data"
        yield source.problem(where, repr(name), expected)


def _filled(source: Source) -> list[str]:
    """The claims that restores go into."""
    names = (text_at(source, (*item, "into", "claim", "name")) for item in items(source, RESTORES))
    return list(dict.fromkeys(name for name in names if name))


def _claims_of_nobody(source: Source) -> Iterator[Problem]:
    listed, filled = at(source.value, CLAIMS), _filled(source)
    for name in listed if isinstance(listed, dict) and filled else {}:
        if name not in filled:
            found = f"claim {str(name)!r}, which no restore goes into"
            expected, close = one_of(filled), nearest(name, filled)
            yield source.problem((*CLAIMS, name), found, expected, suggestion=close, key=True)


def _askers(source: Source, item: Path) -> Iterator[Problem]:
    for kind in OF_AN_APPLICATION:
        if at(source.value, (*item, kind)) is not None:
            found = f"{kind}, which asks an application, and this document has none"
            yield source.problem((*item, kind), found, _ALONE, key=True)


def _unfilled(source: Source, item: Path, kind: str) -> Iterator[Problem]:
    for claim in items(source, (*item, kind, "claims")):
        yield from _unknown_claim(source, (*claim, "name"))


def _unknown_claim(source: Source, where: Path) -> Iterator[Problem]:
    name, filled = text_at(source, where), _filled(source)
    if name is not None and filled and name not in filled:
        expected = "a claim that a restore goes into, " + one_of(filled)
        yield source.problem(where, repr(name), expected, suggestion=nearest(name, filled))


def _engine(source: Source, standard: Path) -> str | None:
    """The set, if it is one that asks an engine."""
    name = text_at(source, standard) or text_at(source, (*standard, "set"))
    return name if name in ENGINES else None


def _no_engine(source: Source, standard: Path) -> Iterator[Problem]:
    name = _engine(source, standard)
    given = at(source.value, standard)
    told = given if isinstance(given, dict) else {}
    missing = [one for one in ("image", "claim") if one not in told]
    if name and missing and not any(nearest(one, missing) for one in told if one not in _KNOWN):
        found = f"{name} without {' and '.join(missing)}, and no application runs it"
        expected = f"{{set: {name}, image: IMAGE, claim: CLAIM}}, to start it on the data"
        yield source.problem(standard, found, expected)


def _running_engine(source: Source, standard: Path) -> Iterator[Problem]:
    for field in _RUNNING:
        if at(source.value, (*standard, field)) is not None:
            found = f"{field}, of an engine that an application runs"
            expected = "image and claim: who starts it on the data is let in"
            yield source.problem((*standard, field), found, expected, key=True)


def _second_engine(source: Source, standard: Path) -> Iterator[Problem]:
    for field in _STARTED:
        if at(source.value, (*standard, field)) is not None:
            found = f"{field}, beside spec.application, whose own engine is asked"
            expected = "workload and container, or no application"
            yield source.problem((*standard, field), found, expected, key=True)


def _same_data(source: Source) -> Iterator[Problem]:
    """Two servers on one data directory would break it."""
    seen: dict[tuple[str | None, ...], int] = {}
    for item in items(source, CHECKS):
        standard = (*item, "standard")
        fields = [text_at(source, (*standard, one)) for one in ("claim", "folder")]
        data = (_engine(source, standard), *fields)
        if data[0] is None or data[1] is None:
            continue
        if data in seen:
            found = f"the same data as the set on line {seen[data]}"
            yield source.problem(standard, found, "one engine for each data directory")
        seen.setdefault(data, source.marks[standard].line)


def _secrets(source: Source, where: Path) -> Iterator[Problem]:
    if at(source.value, where):
        found = "Secrets, which application.copySecrets brings into a sandbox"
        yield source.problem(where, found, "no secrets, or an application", key=True)
