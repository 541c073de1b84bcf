"""``files``: a sample of restored files, against what their snapshot holds.

What is expected is read from the repository beside the pipeline and hashed as it comes: no file
is kept here. What came back is hashed where it lies, by a pod that mounts the claim read-only.
"""

import asyncio
import fnmatch
import hashlib
import posixpath
import secrets
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence

from provisioner.checks import program
from provisioner.checks.answer import Answer, one_line
from provisioner.checks.program import Ended
from provisioner.checks.program_pod import Program
from provisioner.checks.target import Restored, Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.errors import BackupError, CheckUnableError, SnapshotGoneError, UnclearError
from provisioner.models.checks import ProgramClaim
from provisioner.models.files import FilesCheck
from provisioner.models.quantity import bytes_of
from provisioner.repositories.tally import FILE, PRIME, Entry, Sample, lot
from provisioner.tasks import all_or_first_error

MOUNT = "/restored"
AT_ONCE = 2
"""Files that restic reads side by side; most of it is deriving the repository's key."""

SPARE = 4
"""Times as many are drawn as are read, so that others take the place of files too large."""

_SHOWN = 3
_WORDS = {
    "missing": "is not there",
    "other": "is no file any more",
    "unreadable": "cannot be read",
}

Hashes = Mapping[str, str]
"""SHA-256 in hexadecimal digits by the file's path, or a key of ``_WORDS``."""

_PROGRAM = """\
#!/bin/sh
cd {folder} || exit 1
number=0
for path in {paths}; do
  number=$((number + 1))
  if [ -L "$path" ] || [ -e "$path" -a ! -f "$path" ]; then echo "$number other"
  elif [ ! -e "$path" ]; then echo "$number missing"
  elif sum=$(sha256sum < "$path"); then echo "$number ${{sum%% *}}"
  else echo "$number unreadable"
  fi
done
"""


async def ask(question: FilesCheck, check: str, app: Sandbox, _: Yardstick) -> Answer:
    """Draw, hash on both sides, and compare: in every claim that the restore went into."""
    places = [one for one in app.restored if one.name == question.restore]
    if not places:
        raise CheckUnableError(f"no claim was filled by restore {question.restore}")
    seed = secrets.randbelow(PRIME) if question.seed is None else question.seed
    drawn = await draw(question, places[0], seed)
    works = [_held(places[0], drawn), *(_lying(one, drawn, check, app) for one in places)]
    held, *lying = await all_or_first_error(works)
    return judge(held, dict(zip((one.claim for one in places), lying, strict=True)), drawn, seed)


async def _whole(place: Restored, read: Callable[[], Awaitable[None]]) -> None:
    """Let restic read; once more where it misses parts: a prune may just have packed them anew.

    Raises:
        SnapshotGoneError: the snapshot was removed meanwhile.
        ProvisionerError: it cannot be read, by whose fault.
    """
    try:
        await read()
    except (BackupError, UnclearError) as error:
        if not await place.repository.holds(place.snapshot):
            raise SnapshotGoneError(
                f"snapshot {place.snapshot[:8]} is no longer there: it was removed meanwhile",
                hint="keep prune and verification apart in time, and run again",
            ) from error
        await read()


async def draw(question: FilesCheck, place: Restored, seed: int) -> list[Entry]:
    """Files of the snapshot with something in them, by lot.

    Raises:
        CheckUnableError: there is none that the question wants.
    """
    sample = Sample(seed, most=question.sample * SPARE)

    def take(entry: Entry) -> None:
        if entry.look.kind == FILE and entry.size and wanted(question, entry.path):
            sample.add(entry)

    async def read() -> None:
        nonlocal sample
        sample = Sample(seed, most=question.sample * SPARE)
        await place.repository.list_files(place.snapshot, place.folder, take)

    await _whole(place, read)
    return chosen(question, sample)


def chosen(question: FilesCheck, sample: Sample) -> list[Entry]:
    """Those with the lowest lots that may be read."""
    left = bytes_of(question.max_bytes)
    found: list[Entry] = []
    for entry in sorted(sample.drawn.values(), key=lambda one: lot(one.path, sample.seed)):
        if entry.size <= left and len(found) < question.sample:
            found.append(entry)
            left -= entry.size
    if not found:
        raise CheckUnableError(
            f"of restore {question.restore} no file may be compared",
            hint="does its snapshot hold files with something in them that include, exclude and"
            f" maxBytes ({question.max_bytes}) leave?",
        )
    return found


def wanted(question: FilesCheck, path: str) -> bool:
    """Whether the patterns leave a path in."""
    inside = not question.include or any(fnmatch.fnmatchcase(path, one) for one in question.include)
    return inside and not any(fnmatch.fnmatchcase(path, one) for one in question.exclude)


async def _held(place: Restored, drawn: Sequence[Entry]) -> Hashes:
    """What the snapshot holds."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(entry: Entry) -> tuple[str, str]:
        digest = hashlib.sha256()

        async def read() -> None:
            nonlocal digest
            digest = hashlib.sha256()
            path = posixpath.join(place.folder, entry.path)
            await place.repository.read_file(place.snapshot, path, digest.update)

        async with slots:
            await _whole(place, read)
        return entry.path, digest.hexdigest()

    return dict(await all_or_first_error(one(each) for each in drawn))


async def _lying(place: Restored, drawn: Sequence[Entry], check: str, app: Sandbox) -> Hashes:
    """What lies in the claim."""
    paths = [entry.path for entry in drawn]
    reader = Program(
        word="reader",
        image=place.image,
        source=script(posixpath.join(MOUNT, place.sub_path), paths),
        claims=[ProgramClaim(name=place.claim, path=MOUNT)],
        lines=len(paths),
    )
    return hashes(await program.run(reader, check, app), paths)


def script(folder: str, paths: Sequence[str]) -> str:
    """Shell that prints a line for each path: its number from 1, and a hash or a word."""
    quoted = " ".join(shlex.quote(f"./{path}") for path in paths)
    return _PROGRAM.format(folder=shlex.quote(folder), paths=quoted)


def hashes(ended: Ended, paths: Sequence[str]) -> Hashes:
    """What the program said of each path.

    Raises:
        CheckUnableError: it did not come to its end.
    """
    said = dict(line.split(" ", 1) for line in ended.log if " " in line)
    numbers = [str(number) for number in range(1, len(paths) + 1)]
    code = ended.state.get("exitCode")
    if code != 0 or any(number not in said for number in numbers):
        words = one_line(" ".join(ended.log)) or ended.state.get("message") or "no output"
        raise CheckUnableError(
            f"the files could not be hashed (exit code {code}): {words}",
            hint="the repository's image has to hold sh and sha256sum",
        )
    return {path: said[number] for path, number in zip(paths, numbers, strict=True)}


def judge(held: Hashes, lying: Mapping[str, Hashes], drawn: Sequence[Entry], seed: int) -> Answer:
    """Whether every claim holds what the snapshot does; ``lying`` goes by the claim's name."""
    expected = f"the content of {_count(len(drawn))} as the snapshot holds it (seed {seed})"
    several = len(lying) > 1
    faults = [
        f"{f'{claim}: ' if several else ''}{path}: {_WORDS.get(seen, 'has another content')}"
        for claim, found in lying.items()
        for path, seen in found.items()
        if seen != held[path]
    ]
    total = sum(entry.size for entry in drawn)
    if not faults:
        claims = f" in each of {len(lying)} claims" if several else ""
        return Answer(True, expected, f"{_count(len(drawn))}, {total} bytes{claims}: all the same")
    of = len(drawn) * len(lying)
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    saw = f"{len(faults)} of {of} differ: {'; '.join(faults[:_SHOWN])}{more}"
    return Answer(False, expected, one_line(saw), "\n".join(faults))


def _count(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
