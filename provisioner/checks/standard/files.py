"""``standard: files``, for restores of plain files. Here is what a walk over them means."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.checks.answer import Answer, one_line
from provisioner.checks.expect import FIRST
from provisioner.checks.standard.part import listed
from provisioner.checks.standard.shrinkage import FEWEST, shrunk
from provisioner.checks.standard.survey import Found
from provisioner.checks.yardstick import Former, trend
from provisioner.models.expect import format_percent

MOST_LOST = 0.05
"""The share of files, bytes, kinds and rights that may be gone since the last session that passed,
and of files that may be damaged: users upload broken ones, too."""

_HALF, _NEARLY_ALL = 0.5, 0.9


@dataclass(frozen=True)
class Measured:
    """What one claim is judged by: what it was in the last session that passed, if there is one."""

    found: Found
    former: Former | None
    most: float

    @property
    def before(self) -> dict[str, int]:
        """The numbers of then; empty when there were none of this restore."""
        prefix = f"{self.found.name}: "
        then = self.former.counts if self.former else {}
        return {
            name.removeprefix(prefix): int(number)
            for name, number in then.items()
            if name.startswith(prefix)
        }

    @property
    def session(self) -> str:
        """Where that was, in words."""
        return f"as in session {self.former.session}" if self.former else ""


@dataclass(frozen=True)
class FilesPart:
    """One check of the set, of each claim alone. ``covers`` is what a pass of it says, in words.

    In it ``{most}`` is the share that may be gone. ``numbers`` are what it looks back at, the first
    of them is its value; none of a part that does not. ``faults`` and ``saw`` are of one claim.
    """

    title: str
    covers: str
    numbers: Callable[[Found], Mapping[str, int]] | None
    faults: Callable[[Measured], Iterator[str]]
    saw: Callable[[Found], str]
    reads_data: bool = False
    tells: Callable[[Found], bool] = lambda found: not found.was_empty
    """Whether a pass says anything of the data."""


def judge(part: FilesPart, found: Sequence[Found], former: Former | None, most: float) -> Answer:
    """Judge each claim by itself: what one lost another may not make up for."""
    faults = [
        f"{one.name}: {fault}"
        for one in found
        for fault in part.faults(Measured(one, former, most))
    ]
    saw = one_line("; ".join(f"{one.name}: {part.saw(one)}" for one in found))
    answer = Answer(
        not faults,
        part.covers.format(most=format_percent(most)),
        one_line(listed(faults)) if faults else saw,
        "\n".join(faults) if len(faults) > 1 else "",
        unmeasured=not any(part.tells(one) for one in found),
    )
    return _with_numbers(answer, part, found, former) if part.numbers else answer


def _with_numbers(
    answer: Answer, part: FilesPart, found: Sequence[Found], former: Former | None
) -> Answer:
    """The same with what later sessions look back at."""
    numbers = {one.name: part.numbers(one) if part.numbers else {} for one in found}
    value = float(sum(next(iter(one.values()), 0) for one in numbers.values()))
    return replace(
        answer,
        message=answer.message or ("" if former or not answer.passed else FIRST),
        value=value,
        counts={f"{name}: {of}": n for name, one in numbers.items() for of, n in one.items()},
        trend=trend(value, former) if former and former.value else None,
    )


def _lost(measured: Measured, numbers: Mapping[str, int]) -> Iterator[str]:
    """What is less than it was, of these numbers."""
    for name, then, left in shrunk(numbers, measured.before, measured.most):
        yield f"{left} {name}, not {then} {measured.session}"


def _amount(found: Found) -> dict[str, int]:
    return {"files": found.number("files"), "bytes": found.number("bytes")}


def _amount_faults(measured: Measured) -> Iterator[str]:
    if not measured.found.number("files") and not measured.found.was_empty:
        yield "no file is there"
        return
    yield from _lost(measured, _amount(measured.found))


def _kinds(found: Found) -> dict[str, int]:
    return {"files": found.number("files"), **found.features}


def _kinds_faults(measured: Measured) -> Iterator[str]:
    """Kinds and folders of which more than half is gone, and that is many among all."""
    before = measured.before
    few = measured.most * before.pop("files", 0)
    for name, then, left in shrunk(measured.found.features, before, _HALF):
        if then - left > few:
            yield f"{left} {name}, not {then} {measured.session}"


def _access_faults(measured: Measured) -> Iterator[str]:
    found = measured.found
    if count := found.number("unreadable"):
        shown = listed(found.examples.get("unreadable", ()))
        yield f"{count} of {found.number('entries')} cannot be read by {_who(found)}: {shown}"


def _who(found: Found) -> str:
    return " or ".join(map(str, found.users)) or "their own owner"


def _access_saw(found: Found) -> str:
    return f"{_who(found)} may read all {found.number('entries')} files and folders"


def _writable(found: Found) -> dict[str, int]:
    return {"writable": found.number("writable"), "entries": found.number("entries")}


def _writable_faults(measured: Measured) -> Iterator[str]:
    """By shares: that there are fewer is another part's matter."""
    found, before = measured.found, measured.before
    then = _share(before.get("writable", 0), before.get("entries", 0))
    now = _share(found.number("writable"), found.number("entries"))
    if then - now > measured.most and not found.read_only:
        yield (
            f"{_who(found)} may write to {format_percent(round(now, 3))} of the files and folders,"
            f" not to {format_percent(round(then, 3))} {measured.session}"
        )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _writable_saw(found: Found) -> str:
    if found.read_only:
        return "mounted for reading only"
    return f"{_who(found)} may write to {found.number('writable')} of {found.number('entries')}"


def _full(found: Found) -> dict[str, int]:
    """Files with something in them; how many hold zeros alone is known of those looked into."""
    full = found.number("files") - found.number("empty")
    zeros = _share(found.number("zeros"), found.number("looked"))
    return {"files with something in them": round(full * (1 - zeros))}


def _full_faults(measured: Measured) -> Iterator[str]:
    yield from _lost(measured, _full(measured.found))
    files, (full,) = measured.found.number("files"), _full(measured.found).values()
    if not measured.before and files >= FEWEST and files - full > _NEARLY_ALL * files:
        yield f"{files - full} of {files} files are empty, or hold nothing but zeros"


def _full_saw(found: Found) -> str:
    empty, zeros, looked = (found.number(name) for name in ("empty", "zeros", "looked"))
    return f"{empty} files are empty; {zeros} of {looked} hold nothing but zeros"


def _links(found: Found) -> dict[str, int]:
    return {"dangling": found.number("dangling"), "links": found.number("followed")}


def _links_faults(measured: Measured) -> Iterator[str]:
    found = measured.found
    dangling, links = found.number("dangling"), found.number("followed")
    before = measured.before.get("dangling")
    shown = listed(found.examples.get("dangling", ()))
    if before is not None and dangling - before > measured.most * links:
        yield f"{dangling} of {links} links lead nowhere, and {before} did before: {shown}"
    elif before is None and dangling > _HALF * (links + found.number("files")):
        yield f"most of what is there are links that lead nowhere ({dangling}): {shown}"


def _links_saw(found: Found) -> str:
    return f"{found.number('dangling')} of {found.number('followed')} links lead out, or nowhere"


def _whole_faults(measured: Measured) -> Iterator[str]:
    found = measured.found
    broken, known = found.number("broken"), found.number("known")
    if broken > max(measured.most * known, 1 if measured.most else 0):
        shown = listed(found.examples.get("broken", ()))
        yield f"{broken} of {known} are damaged: {shown}"


def _whole_saw(found: Found) -> str:
    broken = "; ".join(found.examples.get("broken", ()))
    known = f"{found.number('looked')} looked into, {found.number('known')} of known formats"
    return f"{known}: {f'whole but for {broken}' if broken else 'all whole'}"


PARTS = (
    FilesPart(
        "there are files",
        "files are there; at most {most} fewer, and fewer bytes, than before",
        _amount,
        _amount_faults,
        lambda found: f"{found.number('files')} files, {found.number('bytes')} bytes",
        reads_data=True,
    ),
    FilesPart(
        "nothing is left out",
        "no kind of files, folder or spelling of names with more than {most} of all is gone",
        _kinds,
        _kinds_faults,
        lambda found: f"{len(found.features)} kinds, folders and ways of writing names",
    ),
    FilesPart(
        "all can be read",
        "the application's own user may read every file and enter every folder",
        None,
        _access_faults,
        _access_saw,
    ),
    FilesPart(
        "all stayed writable",
        "the application's own user may write to at most {most} of all less than before",
        _writable,
        _writable_faults,
        _writable_saw,
    ),
    FilesPart(
        "files are not empty",
        "at most {most} fewer files with something in them than before",
        _full,
        _full_faults,
        _full_saw,
    ),
    FilesPart(
        "links lead somewhere",
        "at most {most} of the symbolic links lost their target since",
        _links,
        _links_faults,
        _links_saw,
    ),
    FilesPart(
        "files are whole",
        "pictures, PDFs, archives and texts begin and end as their format has it, but {most}",
        None,
        _whole_faults,
        _whole_saw,
        reads_data=True,
        tells=lambda found: not found.was_empty and found.number("known") > 0,
    ),
)
