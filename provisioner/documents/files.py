"""Which documents the files of a command line hold."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File

from provisioner.documents.load import load
from provisioner.documents.source import Source, Stream, parse
from provisioner.errors import DocumentError, Problem
from provisioner.models.base import GROUP
from provisioner.models.verifier import BackupVerifier

STDIN = File("-")
STDIN_NAME = "<stdin>"
KIND = "BackupVerifier"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Document:
    """A verifier's document: where it begins, and what it says, or what is wrong with it."""

    file: str
    line: int
    verifier: BackupVerifier | None
    problems: Sequence[Problem] = ()


@dataclass
class Examined:
    """All that was found: documents, faults of whole files, and what is no verifier."""

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def all_problems(self) -> list[Problem]:
        """Every fault, by files in the order they were given."""
        own = [problem for one in self.documents for problem in one.problems]
        found = [*own, *self.problems]
        return sorted(found, key=lambda one: (self.files.index(one.file), one.line, one.column))


@dataclass(frozen=True)
class _File:
    """A file, its documents, and the folder that their paths are relative to."""

    name: str
    folder: File
    stream: Stream
    content: bytes = b""

    @property
    def verifiers(self) -> list[Source]:
        return [one for one in self.stream.sources if _is_verifier(one)]

    @property
    def others(self) -> list[Source]:
        return [one for one in self.stream.sources if not _is_verifier(one)]

    @property
    def mentions_one(self) -> bool:
        """Whether it is about a verifier, as far as it can be read."""
        unread = bool(self.stream.problems)
        may_be = not self.content or f"kind: {KIND}".encode() in self.content
        return bool(self.verifiers) or (unread and may_be)


def load_verifier(path: File) -> BackupVerifier:
    """The one verifier of a file; ``-`` is stdin. Other documents beside it are passed over.

    Raises:
        DocumentError: with every fault, also when there is none or more than one.
    """
    examined = Examined()
    _examine_file(path, examined)
    if len(examined.documents) > 1:
        examined.problems.append(_too_many(examined.documents))
    if problems := examined.all_problems:
        raise DocumentError(problems)
    (document,) = examined.documents
    assert document.verifier is not None  # it has no problem  # noqa: S101
    return document.verifier


def examine(paths: Iterable[File]) -> Examined:
    """Every verifier of files, of the files of folders, and of stdin (``-``)."""
    examined = Examined()
    for path in dict.fromkeys(paths):
        if path != STDIN and path.is_dir():
            _examine_folder(path, examined)
        else:
            _examine_file(path, examined)
    return examined


def _examine_folder(folder: File, examined: Examined) -> None:
    examined.files.append(str(folder))
    before = len(examined.documents) + len(examined.problems)
    try:
        there = sorted(folder.iterdir())
    except OSError as error:
        examined.problems.append(_unreadable(str(folder), error))
        return
    files = [one for one in there if one.suffix in SUFFIXES and one.is_file()]
    for path in files:
        _examine_file(path, examined, wanted=False)
    if len(examined.documents) + len(examined.problems) == before:
        found = f"no {KIND} among its *.yaml and *.yml ({len(files)} of them)"
        examined.problems.append(
            Problem(str(folder), 1, 1, "folder", found, "at least one in itself")
        )


def _examine_file(path: File, examined: Examined, *, wanted: bool = True) -> None:
    file = _read(path)
    examined.files.append(file.name)
    if wanted or file.mentions_one:
        _examine(file, examined)
    else:
        examined.passed_over.append(file.name)


def _examine(file: _File, examined: Examined) -> None:
    examined.problems += file.stream.problems
    chosen = file.verifiers or _sole(file, examined)
    examined.documents += [_document(one, file.folder) for one in chosen]
    if file.verifiers:
        examined.passed_over += [_named(one) for one in file.others]


def _sole(file: _File, examined: Examined) -> Iterator[Source]:
    """Without a verifier the one document is the one that was meant."""
    sources = file.stream.sources
    if file.stream.problems:
        return
    if len(sources) == 1:
        yield sources[0]
    elif sources:
        found = f"{len(sources)} documents, and none is a {KIND}"
        examined.problems.append(sources[0].problem((), found, f"a {KIND}"))
    else:
        problem = Problem(file.name, 1, 1, "document", "an empty file", f"a {KIND}")
        examined.problems.append(problem)


def _document(source: Source, folder: File) -> Document:
    try:
        return Document(source.file, source.start.line, load(source, folder))
    except DocumentError as error:
        return Document(source.file, source.start.line, None, error.problems)


def _is_verifier(source: Source) -> bool:
    """By its kind or by its group: one of the two may be mistyped."""
    value = source.value if isinstance(source.value, dict) else {}
    return value.get("kind") == KIND or str(value.get("apiVersion")).startswith(f"{GROUP}/")


def _named(source: Source) -> str:
    value = source.value if isinstance(source.value, dict) else {}
    return f"{source.file}:{source.start.line} ({value.get('kind') or 'no kind'})"


def _too_many(documents: Sequence[Document]) -> Problem:
    second = documents[1]
    found = f"{len(documents)} {KIND}s, the second begins here"
    return Problem(second.file, second.line, 1, "document", found, "one in the file")


def _read(path: File) -> _File:
    name = STDIN_NAME if path == STDIN else str(path)
    folder = File.cwd() if path == STDIN else path.absolute().parent
    try:
        content = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    except (OSError, ValueError) as error:
        return _File(name, folder, Stream(problems=[_unreadable(name, error)]))
    return _File(name, folder, parse(name, content), content)


def _unreadable(name: str, error: Exception) -> Problem:
    found = getattr(error, "strerror", None) or str(error)
    return Problem(name, 1, 1, "document", found.lower(), "a file that can be read")
