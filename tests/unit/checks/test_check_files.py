"""``files``: which are drawn, what their pod says of them, and what is made of it."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from provisioner import process
from provisioner.checks import files, program
from provisioner.checks.answer import Answer
from provisioner.checks.expect import UNKNOWN
from provisioner.checks.kinds import questions
from provisioner.checks.program import Ended
from provisioner.checks.program_pod import Program
from provisioner.checks.target import Restored, Sandbox
from provisioner.errors import BackupError, CheckUnableError, SnapshotGoneError
from provisioner.models.checks import Check
from provisioner.models.files import FilesCheck
from provisioner.repositories.tally import FILE, FOLDER, Entry, Look, Sample

CONTENTS = {"a b.txt": b"one", "sub/'quoted'.txt": b"two", "sub/cache/c": b"three", "$(id)": b"4"}


class Repository:
    """One that holds what a test says, in a folder of its snapshot."""

    async def list_files(self, _: str, folder: str, on_entry: Callable[[Entry], None]) -> None:
        assert folder == "/data"
        on_entry(Entry("sub", Look(FOLDER, 0, 0, 0o755), 0))
        on_entry(Entry("empty", Look(FILE, 0, 0, 0o644), 0))
        for path, content in CONTENTS.items():
            on_entry(Entry(path, Look(FILE, 0, 0, 0o644), len(content)))

    async def read_file(self, _: str, path: str, take: Callable[[bytes], None]) -> None:
        take(CONTENTS[path.removeprefix("/data/")])

    async def holds(self, _: str) -> bool:
        return True


class Damaged(Repository):
    """One whose packs are not there at some tries; ``there``: the snapshot is still listed."""

    def __init__(self, tries: int, *, there: bool = True) -> None:
        self.tries = tries
        self.there = there

    async def read_file(self, _: str, path: str, take: Callable[[bytes], None]) -> None:
        if path.endswith("b.txt") and self.tries:
            self.tries -= 1
            take(b"half of it")
            raise BackupError("pack ab is damaged")
        await super().read_file(_, path, take)

    async def holds(self, _: str) -> bool:
        return self.there


def question(**more: Any) -> FilesCheck:
    return FilesCheck.model_validate({"restore": "uploads", "seed": 1, **more})


def place(claim: str = "uploads", repository: Repository | None = None) -> Restored:
    given = cast("Any", repository or Repository())
    return Restored("uploads", claim, "site", given, "ab" * 32, "/data", "restic", 3)


@pytest.fixture
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A claim that holds the same; the pod's program runs here."""
    for path, content in CONTENTS.items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_bytes(content)

    async def run(asked: Program, *_: Any) -> Ended:
        source = asked.source.replace("/restored/site", str(tmp_path / "site"))
        assert asked.claims[0].path == files.MOUNT
        done = await process.run(["sh", "-c", source])
        said = done.stdout.decode().splitlines()[-asked.lines :]
        return Ended(asked.word, {"exitCode": done.exit_code}, said)

    monkeypatch.setattr(program, "run", run)
    return tmp_path / "site"


async def put(
    asked: FilesCheck, claims: Sequence[str] = ("uploads",), repository: Repository | None = None
) -> Answer:
    nothing = cast("Any", None)
    app = Sandbox(nothing, "ns", "blog", nothing, [place(claim, repository) for claim in claims])
    return await files.ask(asked, "uploads are whole", app, UNKNOWN)


async def test_the_same_content_passes_and_says_how_much_was_compared(volume: Path) -> None:
    answer = await put(question())
    assert answer.passed, answer
    assert answer.expected == "the content of 4 files as the snapshot holds it (seed 1)"
    assert answer.saw == "4 files, 12 bytes: all the same"


def overwritten(folder: Path) -> None:
    (folder / "a b.txt").write_bytes(b"ONE")


def replaced_by_a_folder(folder: Path) -> None:
    (folder / "a b.txt").unlink()
    (folder / "a b.txt").mkdir()


def linked(folder: Path) -> None:
    (folder / "a b.txt").rename(folder / "other")
    (folder / "a b.txt").symlink_to("other")


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (overwritten, "a b.txt: has another content"),
        (lambda folder: (folder / "a b.txt").unlink(), "a b.txt: is not there"),
        (replaced_by_a_folder, "a b.txt: is no file any more"),
        (linked, "a b.txt: is no file any more"),
        (lambda folder: (folder / "a b.txt").write_bytes(b""), "a b.txt: has another content"),
    ],
)
async def test_a_file_that_is_not_the_snapshots_fails(
    volume: Path, tamper: Callable[[Path], object], said: str
) -> None:
    tamper(volume)
    answer = await put(question())
    assert (answer.passed, answer.saw) == (False, f"1 of 4 differ: {said}")
    assert answer.message == said


async def test_every_claim_of_the_restore_is_read(volume: Path) -> None:
    answer = await put(question(), ("data-0", "data-1"))
    assert answer.saw == "4 files, 12 bytes in each of 2 claims: all the same"
    overwritten(volume)
    answer = await put(question(), ("data-0", "data-1"))
    assert answer.saw.startswith("2 of 8 differ: data-0: a b.txt: has another content; data-1: ")


async def test_what_the_application_writes_to_can_be_left_out(volume: Path) -> None:
    (volume / "sub/cache/c").write_bytes(b"written since")
    assert not (await put(question())).passed
    assert (await put(question(exclude=["sub/cache/*"]))).saw.startswith("3 files")
    assert (await put(question(include=["*.txt"]))).saw.startswith("2 files")


async def test_a_check_that_compared_nothing_is_no_pass(volume: Path) -> None:
    for nothing in ({"include": ["none"]}, {"exclude": ["*"]}, {"maxBytes": "0"}):
        with pytest.raises(CheckUnableError, match="no file may be compared"):
            await put(question(**nothing))
    with pytest.raises(CheckUnableError, match="no claim was filled by restore other"):
        await put(question(restore="other"))


async def test_a_snapshot_whose_packs_are_damaged_is_a_bad_backup(volume: Path) -> None:
    with pytest.raises(BackupError, match="damaged"):
        await put(question(), repository=Damaged(2))


async def test_packs_that_a_prune_moved_meanwhile_are_read_again(volume: Path) -> None:
    assert (await put(question(), repository=Damaged(1))).passed


async def test_a_snapshot_that_is_removed_meanwhile_blames_no_backup(volume: Path) -> None:
    with pytest.raises(SnapshotGoneError, match="snapshot abababab is no longer there"):
        await put(question(), repository=Damaged(1, there=False))


async def test_a_claim_without_its_folder_was_not_compared(volume: Path) -> None:
    shutil.rmtree(volume)
    with pytest.raises(CheckUnableError, match=r"could not be hashed \(exit code 1\)"):
        await put(question())


def test_a_program_that_broke_off_compared_nothing() -> None:
    with pytest.raises(CheckUnableError, match="exit code 0"):
        files.hashes(Ended("reader", {"exitCode": 0}, ["1 abc"]), ["a", "b"])
    with pytest.raises(CheckUnableError, match="exit code 127"):
        files.hashes(Ended("reader", {"exitCode": 127}, []), ["a"])


def test_files_too_large_give_way_to_others() -> None:
    sample = Sample(seed=1)
    for size, path in ((100, "large"), (1, "a"), (2, "b"), (3, "c")):
        sample.add(Entry(path, Look(FILE, 0, 0, 0), size))
    found = files.chosen(question(sample=2, maxBytes="5"), sample)
    assert len(found) == 2
    assert "large" not in {entry.path for entry in found}


def test_the_hash_is_sha256_and_the_check_reads_data(volume: Path) -> None:
    script = files.script(str(volume), ["a b.txt"])
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == f"1 {hashlib.sha256(b'one').hexdigest()}\n"
    asked = {"name": "x", "files": {"restore": "uploads"}}
    (put,) = questions([Check.model_validate(asked)])
    assert put.reads_data
