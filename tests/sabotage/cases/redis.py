"""Redis' files as disks, copies and operators leave them."""

import os
import shutil
from pathlib import Path

from tests.sabotage.case import APPLICATION, BACKUP, CHECK, Family
from tests.sabotage.damage import append, cut, every, flip, overwrite
from tests.sabotage.scene import Scene

FAMILY = Family()
_FILES = "appendonlydir"


def base(scene: Scene) -> Path:
    """The snapshot with which the append-only files begin."""
    (found,) = (scene.part("queue") / _FILES).glob("*.base.rdb")
    return found


def increment(scene: Scene) -> Path:
    """The file with all changes since."""
    return max((scene.part("queue") / _FILES).glob("*.incr.aof"))


@FAMILY.bad("shop", APPLICATION)
def redis_rdb_cut(scene: Scene) -> None:
    """The snapshot file was cut short while it was copied."""
    cut(base(scene))


@FAMILY.bad("shop", APPLICATION)
def redis_rdb_flipped(scene: Scene) -> None:
    """A bit of the snapshot file turned round; it has a checksum."""
    flip(base(scene), base(scene).stat().st_size // 2)


@FAMILY.bad("shop", APPLICATION)
def redis_rdb_of_a_newer_version(scene: Scene) -> None:
    """Production was upgraded: the snapshot has a version that this server does not know."""
    overwrite(base(scene), 5, b"0099")


@FAMILY.bad("shop", APPLICATION)
def redis_aof_broken_tail(scene: Scene) -> None:
    """The append-only file ends in bytes that are no command."""
    append(increment(scene), b"\x00\x17garbage of the file system\r\n" * 8)


@FAMILY.bad("shop", APPLICATION)
def redis_aof_hole(scene: Scene) -> None:
    """A stretch in the middle of the append-only file came back as zeros."""
    file = increment(scene)
    overwrite(file, file.stat().st_size // 2, bytes(512))


@FAMILY.bad("shop", APPLICATION)
def redis_aof_missing(scene: Scene) -> None:
    """The manifest names a file that is not in the backup."""
    increment(scene).unlink()


@FAMILY.bad("shop", CHECK)
def redis_manifest_missing(scene: Scene) -> None:
    """The files are there, and the manifest is not: Redis starts with nothing and says nothing."""
    (manifest,) = (scene.part("queue") / _FILES).glob("*.manifest")
    manifest.unlink()


@FAMILY.bad("shop", CHECK)
def redis_only_a_dump(scene: Scene) -> None:
    """Only the dump was backed up, and a server with append-only files does not look at it."""
    queue = scene.part("queue")
    shutil.move(base(scene), queue / "dump.rdb")
    shutil.rmtree(queue / _FILES)


@FAMILY.bad("shop", CHECK)
def redis_flushed(scene: Scene) -> None:
    """A script of the test suite ran FLUSHALL against production."""
    append(increment(scene), b"*1\r\n$8\r\nFLUSHALL\r\n")


@FAMILY.bad(
    "shop", CHECK, unseen="a list that is gone may be worked off: the set doubts, and blames not"
)
def redis_jobs_deleted(scene: Scene) -> None:
    """Somebody cleared the list of jobs: all else is there."""
    append(increment(scene), b"*2\r\n$3\r\nDEL\r\n$4\r\njobs\r\n")


@FAMILY.bad("shop", CHECK, unseen="each part is sound, and what belongs together the shop knows")
def redis_of_yesterday(scene: Scene) -> None:
    """Today's database, and the queue as it was the day before."""
    scene.replace("queue", scene.yesterday("queue"))


@FAMILY.bad("shop", CHECK)
def redis_database_of_yesterday(scene: Scene) -> None:
    """Today's queue, and the database as it was the day before."""
    scene.replace("database", scene.yesterday("database"))


@FAMILY.bad("shop", APPLICATION)
def redis_modes_lost(scene: Scene) -> None:
    """The copy went over a share that keeps no modes: nobody may read the files."""
    every(scene.part("queue"), lambda one: None if one.is_dir() else os.chmod(one, 0))


@FAMILY.bad("shop", BACKUP)
def redis_empty_mount(scene: Scene) -> None:
    """The volume was not mounted when the backup ran."""
    shutil.rmtree(scene.part("queue") / _FILES)
