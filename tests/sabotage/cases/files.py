"""Files of a volume beside its database: another day's, another's, or not all of them."""

import os
import secrets
import shutil
from pathlib import Path

from tests.sabotage.case import BACKUP, CHECK, Family
from tests.sabotage.damage import cut, every, files, flip, put, zero
from tests.sabotage.engines import run
from tests.sabotage.repository import PASSWORD
from tests.sabotage.scene import Scene

FAMILY = Family()


@FAMILY.bad("blog", CHECK)
def files_of_yesterday(scene: Scene) -> None:
    """Today's database with yesterday's uploads."""
    scene.replace("uploads", scene.yesterday("uploads"))


@FAMILY.bad("blog", CHECK)
def files_newer_than_the_database(scene: Scene) -> None:
    """Yesterday's database with today's uploads."""
    scene.replace("database", scene.yesterday("database"))


@FAMILY.bad("archive", CHECK)
def files_without_their_records(scene: Scene) -> None:
    """Yesterday's records with today's files: some files belong to nothing."""
    scene.replace("database", scene.yesterday("database"))


@FAMILY.bad("blog", CHECK)
def files_of_another_tenant(scene: Scene) -> None:
    """The uploads are another customer's, just as many and as large."""
    folder = scene.part("uploads")
    for one in files(folder):
        put(folder, f"sites/7/{one.name}", secrets.token_bytes(one.stat().st_size))
        one.unlink()


@FAMILY.bad("blog", CHECK)
def files_deleted(scene: Scene) -> None:
    """A clean-up by age deleted the files, and the rows that name them are there."""
    for one in files(scene.part("uploads"))[::2]:
        one.unlink()


@FAMILY.bad("blog", CHECK)
def files_of_no_bytes(scene: Scene) -> None:
    """The names are there, and the files are empty: the disk was full when they were synced."""
    for one in files(scene.part("uploads"))[::2]:
        cut(one, keep=0)


@FAMILY.bad("archive", CHECK)
def files_cut(scene: Scene) -> None:
    """A transfer that broke off left each file at half its length."""
    for one in files(scene.part("files"))[::3]:
        cut(one)


@FAMILY.bad("archive", CHECK, unseen="a file of the same size and name is as good as another")
def files_with_a_flipped_bit(scene: Scene) -> None:
    """A bit of one file turned round on production's disk; the backup keeps it faithfully."""
    flip(files(scene.part("files"))[77], 20)


@FAMILY.bad("archive", CHECK)
def files_of_zeros(scene: Scene) -> None:
    """Files have their sizes and hold nothing but zeros: delayed allocation and a power failure."""
    for one in files(scene.part("files"))[::2]:
        zero(one, 0, one.stat().st_size)


@FAMILY.bad("archive", CHECK)
def files_encrypted(scene: Scene) -> None:
    """Ransomware was there before the backup."""
    for one in files(scene.part("files")):
        put(one.parent, f"{one.name}.locked", secrets.token_bytes(one.stat().st_size))
        one.unlink()


@FAMILY.bad("blog", CHECK)
def files_owned_by_root(scene: Scene) -> None:
    """An operator copied the files as root with a strict umask: the server may not read them."""

    def take(one: Path) -> None:
        os.lchown(one, 0, 0)
        one.chmod(0o700 if one.is_dir() else 0o600)

    for each in scene.part("uploads").iterdir():
        every(each, take)


@FAMILY.bad("archive", CHECK)
def files_modes_lost(scene: Scene) -> None:
    """The copy went over a share that keeps no modes: nobody may read the files."""
    for one in files(scene.part("files")):
        one.chmod(0)


@FAMILY.bad("blog", BACKUP, CHECK)
def files_behind_a_broken_link(scene: Scene) -> None:
    """A year's folder is a link to another disk, which the backup does not follow."""
    folder = scene.part("uploads")
    year = min(folder.glob("2*"))
    shutil.rmtree(year)
    year.symlink_to(f"/mnt/second-disk/{year.name}")
    os.lchown(year, 33, 33)


@FAMILY.bad("archive", CHECK)
def files_each_a_broken_link(scene: Scene) -> None:
    """A deduplicating store keeps files elsewhere and links to them: the links are backed up."""
    for one in files(scene.part("files"))[::2]:
        one.unlink()
        one.symlink_to(Path("../../.store") / secrets.token_hex(8))


@FAMILY.bad("blog", BACKUP)
def files_of_an_empty_mount(scene: Scene) -> None:
    """The volume was not mounted when the backup ran, and the snapshot holds its empty folder."""
    folder = scene.part("uploads")
    shutil.rmtree(folder)
    folder.mkdir()


@FAMILY.bad("archive", CHECK)
def files_nested(scene: Scene) -> None:
    """The backup's path changed by one folder, and all files lie one deeper."""
    folder = scene.part("files")
    (folder / "files").mkdir()
    shutil.move(folder / "boxes", folder / "files" / "boxes")


@FAMILY.bad("archive", CHECK)
def files_of_lower_case(scene: Scene) -> None:
    """The files went over a file system that knows no capitals."""
    for one in files(scene.part("files")):
        one.rename(one.with_name(one.name.lower()))


_BACKUP = """
restic --no-cache --repo /data/repositories/files backup --host archive \\
  --tag archive,files,session=today /data/data/files && exit 1
test $? = 3
"""


@FAMILY.bad("archive", CHECK)
def files_of_a_partial_snapshot(scene: Scene) -> None:
    """The backup's user may not read one folder: restic stores the rest and ends with 3."""
    folder = scene.part("files")
    os.chown(folder / "boxes" / "03", 0, 0)
    (folder / "boxes" / "03").chmod(0o700)
    every(scene.repository("files").folder, lambda one: os.chown(one, 1000, 1000))
    env = {"RESTIC_PASSWORD": PASSWORD}
    run("restic", _BACKUP, scene.folder, env=env, user=1000)
    scene.stored("files")
