"""Checks that are well formed and cannot be meant: what they expect, and what they need."""

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from pydantic.alias_generators import to_camel

from provisioner.documents.sense import CHECKS, at, items, text_at, where_named
from provisioner.documents.shape import nearest, one_of
from provisioner.documents.source import Path, Source
from provisioner.errors import Problem
from provisioner.models.expect import PERCENT_PATTERN, Expect
from provisioner.models.kubernetes import object_fault, standard_path
from provisioner.models.redis import reads_keys
from provisioner.models.standard import OF_FILES

ALWAYS_JUDGED = ("sql", "redis")
"""Kinds whose answer has to be judged: a count of 0 is an answer, too."""

WHOLE = 100
"""Per cent."""

_CONDITIONS = [to_camel(name) for name in Expect.model_fields]


def problems_of_checks(source: Source) -> Iterator[Problem]:
    """Expectations that every answer fits, or none, and needs that nothing can fulfil."""
    yield from _expectations(source)
    yield from _unknown_needs(source)
    yield from _circles(source)
    for item in items(source, CHECKS):
        yield from _no_reading(source, (*item, "redis", "command"))
        yield from _no_object(source, (*item, "kubernetes"))
        yield from _no_path(source, (*item, "kubernetes", "jsonPath"))
        yield from _of_another_set(source, (*item, "standard"))


def _of_another_set(source: Source, where: Path) -> Iterator[Problem]:
    """Engines have a workload and a login, files have restores."""
    given = at(source.value, where)
    if not isinstance(given, dict):
        return
    kind = given.get("set")
    for name in given:
        if kind == "files" and name not in OF_FILES:
            expected = f"nothing but {', '.join(OF_FILES)}"
            yield source.problem((*where, name), f"{name} with set: files", expected)
        elif kind != "files" and name == "restores":
            found = f"restores with set: {kind}"
            yield source.problem((*where, name), found, "restores with set: files alone")


def _no_reading(source: Source, where: Path) -> Iterator[Problem]:
    command = text_at(source, (*where, 0))
    if command is not None and not reads_keys(command):
        expected = "a command that reads keys, such as DBSIZE, GET or HGET"
        yield source.problem(where, repr(command), expected)


def _no_object(source: Source, where: Path) -> Iterator[Problem]:
    kind = text_at(source, (*where, "kind"))
    if kind and (found := object_fault(kind, text_at(source, (*where, "apiVersion")))):
        expected = "any other kind, with its apiVersion unless it is one of the usual"
        yield source.problem(where, found, expected)


def _no_path(source: Source, where: Path) -> Iterator[Problem]:
    path = text_at(source, where)
    if not path:
        return
    import jsonpath  # noqa: PLC0415 - heavy

    try:
        jsonpath.compile(standard_path(path))
    except jsonpath.JSONPathError:
        yield source.problem(where, repr(path), "a JSONPath such as {.status.readyReplicas}")


def _needs(source: Source, item: Path) -> Iterator[tuple[Path, str]]:
    """Where each need of a check stands, and what it names."""
    found = at(source.value, (*item, "needs"))
    for index in range(len(found) if isinstance(found, list) else 0):
        where = (*item, "needs", index)
        if (name := text_at(source, where)) is not None:
            yield where, name


def _names(source: Source) -> dict[str, Path]:
    """The checks' names, and where each check stands."""
    found = ((text_at(source, where_named(source, item)), item) for item in items(source, CHECKS))
    return {name: item for name, item in found if name is not None}


def _unknown_needs(source: Source) -> Iterator[Problem]:
    known = _names(source)
    for item in items(source, CHECKS):
        for where, name in _needs(source, item):
            if name not in known:
                expected = "a check of this document, " + one_of(known)
                yield source.problem(where, repr(name), expected, suggestion=nearest(name, known))


def _circles(source: Source) -> Iterator[Problem]:
    """One circle at a time, told at the need that closes it."""
    known = _names(source)
    graph = {name: [one for _, one in _needs(source, item)] for name, item in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # The library lists what is needed before what needs it.
        circle = list(reversed(error.args[1]))
        last, first = circle[-2], circle[-1]
        where = next(where for where, name in _needs(source, known[last]) if name == first)
        found = f"{first!r}, which closes a circle: {' needs '.join(circle)}"
        yield source.problem(where, found, "needs that lead to a check that needs nothing")


def _expectations(source: Source) -> Iterator[Problem]:
    for item in items(source, CHECKS):
        for kind in at(source.value, item):
            where = (*item, kind, "expect")
            if kind in ALWAYS_JUDGED:
                yield from _nothing_expected(source, where)
            yield from _range(source, where)
            yield from _number_or_time(source, where)
            yield from _any_drop(source, (*where, "baseline", "maxDrop"))
            yield from _pattern(source, (*where, "matches"))


def _nothing_expected(source: Source, where: Path) -> Iterator[Problem]:
    """Left out it is ``min: 1``; given and empty, a count of 0 would pass."""
    expect = at(source.value, where)
    if isinstance(expect, dict) and all(value is None for value in expect.values()):
        expected = f"at least one of {', '.join(_CONDITIONS)}; left out it is min: 1"
        yield source.problem(where, "no expectation, which a count of 0 fits", expected)


def _range(source: Source, where: Path) -> Iterator[Problem]:
    least, most = (at(source.value, (*where, bound)) for bound in ("min", "max"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        found = f"min {least} above max {most}, which no answer fits"
        yield source.problem((*where, "min"), found, "min of at most max")


def _number_or_time(source: Source, where: Path) -> Iterator[Problem]:
    expect = at(source.value, where)
    if not isinstance(expect, dict) or "notOlderThan" not in expect:
        return
    if others := [name for name in ("min", "max", "baseline") if name in expect]:
        found = f"notOlderThan together with {', '.join(others)}"
        expected = "a time to be judged by notOlderThan, or a number by the others"
        yield source.problem(where, found, expected)


def _any_drop(source: Source, where: Path) -> Iterator[Problem]:
    text = text_at(source, where) or ""
    if re.fullmatch(PERCENT_PATTERN, text) and float(text.rstrip("%")) >= WHOLE:
        found = f"{text!r}, which even an answer of 0 fits"
        yield source.problem(where, found, f"a drop below {WHOLE}%")


def _pattern(source: Source, where: Path) -> Iterator[Problem]:
    pattern = text_at(source, where)
    if not pattern:
        return  # the schema tells it
    try:
        fits_nothing = re.search(pattern, "")
    except (re.error, OverflowError, RecursionError) as error:
        yield source.problem(where, f"{pattern!r}: {error}", "a regular expression")
        return
    if fits_nothing:
        found = f"{pattern!r}, which is found in an empty text, too"
        yield source.problem(where, found, "a pattern that not every answer fits")
