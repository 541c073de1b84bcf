"""What no schema can say: references, names, places, and files beside the document.

Read from the plain values, not from the models, so that these faults show together with
those of the shape. What has the wrong shape is left to the schema.
"""

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from provisioner.documents.shape import nearest, one_of
from provisioner.documents.source import Path, Source
from provisioner.errors import Problem
from provisioner.models.application import PLACES, Chart, misfit
from provisioner.models.base import parse_duration
from provisioner.models.verifier import conflict

REPOSITORIES: Path = ("spec", "repositories")
RESTORES: Path = ("spec", "restores")
CHECKS: Path = ("spec", "checks")
CHART: Path = ("spec", "application", "chart")
CHART_PATH: Path = (*CHART, "path")

_CHART_SHAPES = "path; or release; or repo with name and version; or oci with version"

NUMBERED = "StatefulSet/"
"""How a workload begins whose replicas have numbers."""


def problems_of_sense(source: Source, folder: File) -> list[Problem]:
    """Everything that is well formed and still cannot be meant."""
    return [
        *_twice(source, REPOSITORIES, "repository"),
        *_twice(source, RESTORES, "restore"),
        *_twice(source, CHECKS, "check"),
        *_dangling(source),
        *_two_ways(source),
        *_no_replicas(source),
        *_same_place(source),
        *_no_inplace(source),
        *_outside(source),
        *_no_time(source),
        *_misfit(source),
        *_another_namespace(source),
        *_no_chart(source, folder),
    ]


def at(value: Any, path: Path) -> Any:
    """The value at the path; None where there is none."""
    for part in path:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def items(source: Source, path: Path) -> Iterator[Path]:
    """The paths of the mappings in a list."""
    found = at(source.value, path)
    for index, item in enumerate(found if isinstance(found, list) else []):
        if isinstance(item, dict):
            yield (*path, index)


def text_at(source: Source, path: Path) -> str | None:
    """The text at the path; None where there is none."""
    value = at(source.value, path)
    return value if isinstance(value, str) else None


def _twice(source: Source, path: Path, what: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for item in items(source, path):
        where = where_named(source, item)
        name = text_at(source, where)
        if name is None:
            continue
        if name in seen:
            found = f"{name!r}, the name of a {what} on line {seen[name]}"
            yield source.problem(where, found, f"a name for each {what} of its own")
        seen.setdefault(name, source.marks[where].line)


def where_named(source: Source, item: Path) -> Path:
    """Where the name of an item stands; a standard set is its own."""
    places = ((*item, "name"), (*item, "standard"), (*item, "standard", "set"))
    return next((one for one in places if text_at(source, one) is not None), places[0])


def _dangling(source: Source) -> Iterator[Problem]:
    froms: list[Path] = [(*item, "from") for item in items(source, RESTORES)]
    yield from _unknown(source, froms, REPOSITORIES, "repository")
    restores: list[Path] = [(*item, "files", "restore") for item in items(source, CHECKS)]
    for item in items(source, CHECKS):
        named = (*item, "standard", "restores")
        restores += [(*named, index) for index, _ in enumerate(at(source.value, named) or ())]
    yield from _unknown(source, restores, RESTORES, "restore")


def _unknown(source: Source, named: list[Path], among: Path, what: str) -> Iterator[Problem]:
    names = (text_at(source, (*item, "name")) for item in items(source, among))
    known = list(dict.fromkeys(name for name in names if name))
    for where in named:
        name = text_at(source, where)
        if name is not None and known and name not in known:
            expected = f"a {what} of this document, " + one_of(known)
            yield source.problem(where, repr(name), expected, suggestion=nearest(name, known))


def _two_ways(source: Source) -> Iterator[Problem]:
    for item in items(source, RESTORES):
        select = at(source.value, (*item, "select"))
        if isinstance(select, dict) and (found := conflict(select)):
            expected = "tags, host and paths with at most one of asOf, random; or id alone"
            yield source.problem((*item, "select"), found, expected)


def _no_replicas(source: Source) -> Iterator[Problem]:
    for item in items(source, RESTORES):
        volume: Path = (*item, "into", "volume")
        workload, where = text_at(source, (*volume, "workload")), (*volume, "replica")
        known = workload is not None and "/" in workload and not workload.startswith(NUMBERED)
        if known and at(source.value, where) is not None:
            found = f"the number of a replica, which {workload} does not have"
            yield source.problem(where, found, "no replica, or a StatefulSet")


def _no_inplace(source: Source) -> Iterator[Problem]:
    """A stream has a way of its own, and holds back what might make a claim meanwhile."""
    restores = list(items(source, RESTORES))
    streamed = [one for one in restores if at(source.value, (*one, "into", "stream")) is not None]
    for item in restores:
        where = (*item, "strategy")
        if item in streamed and at(source.value, where) is not None:
            yield source.problem(where, "a strategy beside a stream", "none: it is streamed")
        elif streamed and text_at(source, where) == "inplace":
            line = source.marks[(*streamed[0], "into", "stream")].line
            found = f"inplace, and a restore is streamed on line {line}"
            yield source.problem(where, found, "one of the two in a document")


def _place(source: Source, into: Path) -> tuple[str, ...] | None:
    for kind, fields in (("volume", ("workload", "name")), ("claim", ("name",))):
        parts = [text_at(source, (*into, kind, name)) for name in fields]
        if all(parts):
            below = text_at(source, (*into, kind, "subPath")) or ""
            inside = posixpath.normpath("/" + below)
            return (kind, *(part for part in parts if part), inside)
    return None


def _same_place(source: Source) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], dict[int | None, int]] = {}
    for item in items(source, RESTORES):
        where = (*item, "into")
        place = _place(source, where)
        replica = at(source.value, (*where, "volume", "replica"))
        if place is None or not isinstance(replica, int | None):
            continue
        lines = seen.setdefault(place, {})
        if (line := _line_of_same(lines, replica)) is not None:
            found = f"the same place as the restore on line {line}"
            yield source.problem(where, found, "a place for each restore of its own")
        lines.setdefault(replica, source.marks[where].line)


def _line_of_same(lines: Mapping[int | None, int], replica: int | None) -> int | None:
    """One without a replica is into all of them."""
    both = lines.values() if replica is None else map(lines.get, (replica, None))
    return next((line for line in both if line is not None), None)


def _outside(source: Source) -> Iterator[Problem]:
    for item in items(source, RESTORES):
        for kind in ("volume", "claim"):
            where = (*item, "into", kind, "subPath")
            below = text_at(source, where) or ""
            if below.startswith("/") or ".." in below.split("/"):
                expected = "a folder inside the claim, without / or .."
                yield source.problem(where, repr(below), expected)


def _no_time(source: Source) -> Iterator[Problem]:
    paths: list[Path] = [("spec", "timeout"), ("spec", "readiness", "timeout")]
    paths += [(*item, "timeout") for item in items(source, CHECKS)]
    for path in paths:
        if _seconds(text_at(source, path)) == 0:
            yield source.problem(path, "no time at all", "a duration above zero")


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else parse_duration(text).total_seconds()
    except ValueError:
        return None


def _misfit(source: Source) -> Iterator[Problem]:
    """A chart in one place with what belongs to another; the number of places the schema tells."""
    chart = at(source.value, CHART)
    if not isinstance(chart, dict) or set(chart) - set(Chart.model_fields):
        return  # what is missing may be there under a mistyped name
    if len(set(PLACES) & set(chart)) == 1 and (found := misfit(chart)):
        yield source.problem(CHART, found, _CHART_SHAPES)


def _another_namespace(source: Source) -> Iterator[Problem]:
    """Secrets, and Helm's records are some, are read from the verifier's own namespace alone."""
    where = (*CHART, "release", "namespace")
    own, other = text_at(source, ("metadata", "namespace")), text_at(source, where)
    if own and other and own != other:
        found = f"{other!r}, another namespace than the verifier's"
        yield source.problem(where, found, f"{own}, as metadata.namespace has it")


def _no_chart(source: Source, folder: File) -> Iterator[Problem]:
    name = text_at(source, CHART_PATH)
    if name is None:
        return
    chart = folder / name
    try:
        fault = _fault_of_chart(chart)
    except (OSError, ValueError) as error:
        fault = f"{name!r}, which cannot be read: {getattr(error, 'strerror', None) or error}"
    if fault:
        expected = "a chart's folder or .tgz, relative to the document"
        yield source.problem(CHART_PATH, fault, expected)


def _fault_of_chart(chart: File) -> str:
    if not chart.exists():
        return f"{chart}, which does not exist"
    if chart.is_dir() and not (chart / "Chart.yaml").is_file():
        return f"{chart}, a folder without a Chart.yaml"
    if chart.is_file() and not chart.name.endswith((".tgz", ".tar.gz")):
        return f"{chart}, a file that is no .tgz"
    return ""
