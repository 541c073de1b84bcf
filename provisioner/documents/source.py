"""YAML as plain values, with the line and column of every value and key.

YAML 1.1 as ``kubectl`` and ``helm`` read it (``yes`` is true), so that a document means the
same here and in the cluster; without dates and base-60 numbers, which they leave as text.
"""

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from provisioner import kubeyaml
from provisioner.errors import DocumentError, Problem

Path = tuple[str | int, ...]

MOST_VALUES = 100_000
"""A document that unfolds into more by its aliases is an attack or a mistake."""

_KINDS = {"null": "null", "bool": "true or false", "int": "a number", "float": "a number"}
_TEXT = "tag:yaml.org,2002:str"


class Mark(NamedTuple):
    """A place in the file, counted from 1."""

    line: int
    column: int


START = Mark(1, 1)


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the numbers that the Kubernetes world knows."""

    yaml_implicit_resolvers = kubeyaml.resolvers()


@dataclass
class Source:
    """A file's value, and where each part of it stands."""

    file: str
    value: Any = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def start(self) -> Mark:
        """Where the document begins."""
        return self.marks.get((), START)

    def problem(
        self, path: Path, found: str, expected: str, *, suggestion: str = "", key: bool = False
    ) -> Problem:
        """A fault at that path: at its value, or at its key."""
        mark = self._mark(path, key)
        return Problem(
            self.file, mark.line, mark.column, written(path), found, expected, suggestion
        )

    def _mark(self, path: Path, key: bool) -> Mark:
        mark = self.keys.get(path) if key else None
        return mark or self.marks.get(path) or (self._mark(path[:-1], key) if path else START)


def written(path: Path) -> str:
    """A path as people write it: ``spec.restores[1].into``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "document"


@dataclass
class Stream:
    """The documents of a file, and why what comes after them cannot be read, if so."""

    sources: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def parse(file: str, content: bytes) -> Stream:
    """Read the documents of a file as far as they can be read; empty ones are left out."""
    stream = Stream()
    try:
        for node in _nodes(file, _decode(file, content)):
            source = Source(file)
            _Builder(source).build(node)
            stream.sources.append(source)
    except DocumentError as error:
        stream.problems += error.problems
    except RecursionError:
        found = "lists or mappings nested hundreds deep"
        stream.problems += _refused(file, START, found, "a document of usual depth").problems
    return stream


def _refused(file: str, mark: Mark, found: str, expected: str) -> DocumentError:
    return DocumentError([Problem(file, mark.line, mark.column, "document", found, expected)])


def _decode(file: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        found = f"the byte 0x{error.object[error.start]:02x}, which is not UTF-8"
        raise _refused(file, Mark(line, column), found, "a text file in UTF-8") from error


def _nodes(file: str, text: str) -> Iterator[yaml.Node]:
    try:
        loader = _Loader(text)
        while (node := _next(loader)) is not None:
            if not _is_empty(node):
                yield node
    except yaml.MarkedYAMLError as error:
        found = f"no valid YAML: {_told(error)}"
        raise _refused(file, _at(error.problem_mark), found, "YAML") from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        found = f"the control character {error.character:#04x}"
        raise _refused(file, mark, found, "text") from error


def _next(loader: _Loader) -> yaml.Node | None:
    return loader.get_node() if loader.check_node() else None


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None


def _told(error: yaml.MarkedYAMLError) -> str:
    told = ", ".join(filter(None, (error.context, error.problem)))
    if "'\\t'" in told:
        return "a tab where only spaces may indent"
    return told


def _at(mark: yaml.Mark | None) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else START


class _Builder:
    """Turns nodes into plain values and notes where each stood."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: yaml.Node) -> None:
        """Fill the source from the document's node."""
        self._source.value = self._value(node, ())

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self._source.marks[path] = _at(node.start_mark)
        self._count += 1
        if self._count > MOST_VALUES:
            found = f"more than {MOST_VALUES} values, aliases unfolded"
            raise DocumentError([self._source.problem(path, found, "a document of usual size")])
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        return self._collection(node, path)

    def _collection(self, node: yaml.Node, path: Path) -> Any:
        if id(node) in self._open:
            raise DocumentError(
                [self._source.problem(path, "an alias to what it stands in", "an end to it")]
            )
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self._value(one, (*path, i)) for i, one in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.remove(id(node))

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                merged = self._merge(value, path) | merged
            elif (name := self._key(key, path, own)) is not None:
                self._source.keys[(*path, name)] = _at(key.start_mark)
                own[name] = value
        # Merged keys first: what is written here replaces them, places included.
        return merged | {name: self._value(one, (*path, name)) for name, one in own.items()}

    def _merge(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for one in nodes:
            value = self._collection(one, path) if isinstance(one, yaml.MappingNode) else None
            if value is None:
                self._fault(one, path, "a merge (<<) of something else", "a mapping to merge")
            merged = (value or {}) | merged
        return merged

    def _key(self, node: yaml.Node, path: Path, seen: dict[str, Any]) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._fault(node, path, "a key that is a list or a mapping", "a key that is text")
            return None
        name = str(node.value)
        if name in seen:
            first = self._source.keys[(*path, name)].line
            found = f"the key {name!r} a second time (first on line {first})"
            self._fault(node, (*path, name), found, "each key once")
            return None
        return name

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Hashable:
        if node.tag == _TEXT:
            return str(node.value)
        kind = node.tag.rpartition(":")[2]
        if kind not in _KINDS or not node.tag.startswith("tag:yaml.org"):
            self._fault(node, path, f"the tag {node.tag}", "a plain value, without a tag")
            return str(node.value)
        try:
            value: Hashable = self._scalars.construct_object(node)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(value)
        except (ValueError, KeyError):
            self._fault(node, path, f"a value that cannot be read as {kind}", _KINDS[kind])
            return str(node.value)
        return value

    def _fault(self, node: yaml.Node, path: Path, found: str, expected: str) -> None:
        line, column = _at(node.start_mark)
        self._source.problems.append(
            Problem(self._source.file, line, column, written(path), found, expected)
        )
