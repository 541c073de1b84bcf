"""PostgreSQL's files as disks, copies and operators leave them."""

import os
import shutil
from pathlib import Path

from tests.sabotage.case import APPLICATION, BACKUP, CHECK, Family
from tests.sabotage.damage import cut, every, flip, overwrite, zero
from tests.sabotage.engines import postgres, run
from tests.sabotage.scene import Scene

FAMILY = Family()
PAGE = 8192
_IN_A_TUPLE = PAGE - 64
"""Rows fill a page from its end: this is within the last column of the first one."""


def relation(scene: Scene, name: str, volume: Path | None = None) -> Path:
    """The file of a table or an index; the server was stopped in between, and all is on disk."""
    volume = volume or scene.part("database")
    query = f"CHECKPOINT; SELECT pg_relation_filepath('{name}')"
    return volume / "pgdata" / postgres(volume, query)


def without_checksums(scene: Scene) -> None:
    """As clusters are that were made before PostgreSQL 18, or by a package that left them out."""
    run("postgresql", "pg_checksums --disable --pgdata=/data/pgdata", scene.part("database"))


@FAMILY.bad("archive", CHECK)
def pg_page_zeroed(scene: Scene) -> None:
    """A page in the middle of a table came back from the disk as zeros, which PostgreSQL takes for
    a page that was never used."""
    zero(relation(scene, "notes"), 40 * PAGE, PAGE)


@FAMILY.bad("archive", CHECK)
def pg_page_flipped(scene: Scene) -> None:
    """A bit of a table turned round on the disk; the cluster has page checksums."""
    flip(relation(scene, "notes"), 40 * PAGE + _IN_A_TUPLE)


@FAMILY.bad("archive", CHECK, unseen="without page checksums, a wrong letter is a letter")
def pg_page_flipped_without_checksums(scene: Scene) -> None:
    """A bit in a text turned round on the disk; the cluster has no page checksums."""
    file = relation(scene, "notes")
    without_checksums(scene)
    flip(file, 40 * PAGE + _IN_A_TUPLE)


@FAMILY.bad("archive", CHECK, APPLICATION)
def pg_line_pointer_broken(scene: Scene) -> None:
    """A page's line pointers were overwritten in memory before it was stored, and lead out of the
    page; the cluster has no page checksums."""
    file = relation(scene, "notes")
    without_checksums(scene)
    overwrite(file, 40 * PAGE + 24, b"\x10\xff\x40\x01" * 4)


@FAMILY.bad("archive", CHECK)
def pg_heap_cut(scene: Scene) -> None:
    """The copy of a table's file ended in the middle."""
    cut(relation(scene, "notes"), unit=PAGE)


@FAMILY.bad("archive", CHECK)
def pg_heap_missing(scene: Scene) -> None:
    """A table's file is not in the backup: it was being rewritten while it was copied."""
    relation(scene, "notes").unlink()


@FAMILY.bad("archive", CHECK)
def pg_heap_of_no_bytes(scene: Scene) -> None:
    """A table's file is there and holds nothing: the volume was full."""
    cut(relation(scene, "notes"), keep=0)


@FAMILY.bad("archive", CHECK)
def pg_index_zeroed(scene: Scene) -> None:
    """An index' file is all zeros; no sequential scan looks at it."""
    file = relation(scene, "notes_document")
    zero(file, 0, file.stat().st_size)


@FAMILY.bad("archive", CHECK)
def pg_index_page_zeroed(scene: Scene) -> None:
    """One leaf of an index came back as zeros: only a lookup of its rows fails."""
    zero(relation(scene, "notes_written_at"), 2 * PAGE, PAGE)


@FAMILY.bad("archive", CHECK)
def pg_index_missing(scene: Scene) -> None:
    """An index' file is not in the backup."""
    relation(scene, "notes_document").unlink()


@FAMILY.bad("archive", CHECK)
def pg_index_of_yesterday(scene: Scene) -> None:
    """A live copy took an index before, and its table after a day's work."""
    old = relation(scene, "notes_written_at", scene.yesterday("database"))
    new = relation(scene, "notes_written_at")
    new.write_bytes(old.read_bytes())


@FAMILY.bad("archive", CHECK)
def pg_index_key_flipped(scene: Scene) -> None:
    """A key of an index changed on the disk; no page checksums, so a lookup misses its row."""
    file = relation(scene, "shelves_name_key")
    without_checksums(scene)
    offset = file.read_bytes().rindex(b"Shelf 3")
    overwrite(file, offset, b"Shelf 9")


@FAMILY.bad("archive", CHECK)
def pg_toast_gone(scene: Scene) -> None:
    """The rows are there, and what they keep out of line is not."""
    volume = scene.part("database")
    toast = "SELECT reltoastrelid::regclass FROM pg_class WHERE relname = 'documents'"
    name = postgres(volume, toast)
    cut(relation(scene, name), keep=0)


@FAMILY.bad("archive", CHECK)
def pg_table_of_yesterday(scene: Scene) -> None:
    """A live copy took one table before, and all others after a day's work."""
    old = relation(scene, "documents", scene.yesterday("database"))
    new = relation(scene, "documents")
    new.write_bytes(old.read_bytes())


@FAMILY.bad("archive", APPLICATION)
def pg_wal_missing(scene: Scene) -> None:
    """A base backup without its write-ahead log: nobody archived it."""
    folder = scene.part("database") / "pgdata" / "pg_wal"
    for one in folder.glob("0*"):
        one.unlink()


@FAMILY.bad("archive", APPLICATION)
def pg_wal_cut(scene: Scene) -> None:
    """The write-ahead log of a base backup ends before the backup did."""
    folder = scene.part("database") / "pgdata" / "pg_wal"
    for one in folder.glob("0*"):
        cut(one, keep=0.0001)


@FAMILY.bad("archive", APPLICATION)
def pg_control_empty(scene: Scene) -> None:
    """The control file is there and holds nothing."""
    cut(scene.part("database") / "pgdata" / "global" / "pg_control", keep=0)


@FAMILY.bad("archive", APPLICATION)
def pg_commit_log_missing(scene: Scene) -> None:
    """The backup leaves out a folder whose name looked like a log's."""
    for one in (scene.part("database") / "pgdata" / "pg_xact").iterdir():
        one.unlink()


@FAMILY.bad("archive", APPLICATION)
def pg_newer_version(scene: Scene) -> None:
    """Production was upgraded, and the chart of the verifier was not."""
    (scene.part("database") / "pgdata" / "PG_VERSION").write_text("16\n")


@FAMILY.bad("archive", APPLICATION)
def pg_owned_by_root(scene: Scene) -> None:
    """An operator copied the data as root, and that copy is what is backed up."""
    every(scene.part("database"), lambda one: os.lchown(one, 0, 0))


@FAMILY.bad("archive", APPLICATION)
def pg_open_to_all(scene: Scene) -> None:
    """Somebody helped himself with chmod 777, which PostgreSQL refuses at its next start."""
    every(scene.part("database") / "pgdata", lambda one: os.chmod(one, 0o777))  # noqa: S103


@FAMILY.bad("archive", APPLICATION)
def pg_nested(scene: Scene) -> None:
    """The backup's path changed by one folder, and the data lies one deeper."""
    volume = scene.part("database")
    deeper = volume / "data"
    deeper.mkdir()
    shutil.move(volume / "pgdata", deeper / "pgdata")


@FAMILY.bad("archive", BACKUP)
def pg_empty_mount(scene: Scene) -> None:
    """The volume was not mounted when the backup ran, and the snapshot holds its empty folder."""
    shutil.rmtree(scene.part("database") / "pgdata")


@FAMILY.bad("archive", CHECK, APPLICATION)
def pg_still_a_standby(scene: Scene) -> None:
    """The backup was taken of a standby, and as one it comes back: nobody can write to it."""
    pgdata = scene.part("database") / "pgdata"
    owner = pgdata.stat()
    signal = pgdata / "standby.signal"
    signal.touch(mode=0o600)
    os.chown(signal, owner.st_uid, owner.st_gid)
