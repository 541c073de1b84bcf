"""Faults of the repository itself, and of which snapshots it holds."""

import os

from tests.sabotage.case import BACKUP, NO_SET, REPOSITORY, SELECTOR, UNCLEAR, Family
from tests.sabotage.damage import cut, files, flip, overwrite
from tests.sabotage.repository import moment
from tests.sabotage.scene import Scene

FAMILY = Family()


def own(scene: Scene) -> None:
    """Put all data of the files into a repository that holds nothing else, in packs of its own."""
    repository = scene.repository("files")
    repository.run("forget", "--tag=today", "--tag=yesterday", "--unsafe-allow-remove-all")
    scene.part("files")
    scene.back_up("files")
    repository.run("prune")


@FAMILY.bad("archive", BACKUP)
def repository_pack_corrupt(scene: Scene) -> None:
    """A pack of the repository has a byte that is not what was written."""
    own(scene)
    pack = scene.repository("files").packs()[0]
    pack.chmod(0o600)
    flip(pack, pack.stat().st_size // 3)


@FAMILY.bad("archive", BACKUP)
def repository_pack_cut(scene: Scene) -> None:
    """An upload broke off, and the store kept what it had of a pack."""
    own(scene)
    for pack in scene.repository("files").packs():
        pack.chmod(0o600)
        cut(pack)


@FAMILY.bad("archive", BACKUP)
def repository_pack_missing(scene: Scene) -> None:
    """A lifecycle rule of the bucket deleted a pack."""
    own(scene)
    scene.repository("files").packs()[0].unlink()


@FAMILY.bad("archive", BACKUP)
def repository_folders_missing(scene: Scene) -> None:
    """The packs with the tree of folders are gone, those with the files' content are there."""
    own(scene)
    scene.repository("files").packs()[-1].unlink()


@FAMILY.bad("archive", BACKUP)
def repository_index_missing(scene: Scene) -> None:
    """The index files are gone: nothing says which pack holds what."""
    for one in files(scene.repository("files").folder / "index"):
        one.unlink()


@FAMILY.bad("archive", BACKUP, REPOSITORY)
def repository_index_corrupt(scene: Scene) -> None:
    """An index file has a byte that is not what was written."""
    for one in files(scene.repository("files").folder / "index"):
        one.chmod(0o600)
        flip(one, one.stat().st_size // 2)


@FAMILY.bad("archive", BACKUP)
def repository_stale(scene: Scene) -> None:
    """The backup's job stopped three days ago, and what it left is sound."""
    repository = scene.repository("files")
    repository.run("forget", "--tag=files", "--unsafe-allow-remove-all")
    scene.part("files")
    scene.back_up("files", moment=moment("-72 hours"))


@FAMILY.bad("archive", UNCLEAR, without_cluster=True)
def repository_snapshot_corrupt(scene: Scene) -> None:
    """The newest snapshot's own file was cut."""
    repository = scene.repository("files")
    scene.part("files")
    identity = scene.back_up("files")
    file = repository.folder / "snapshots" / identity
    file.chmod(0o600)
    overwrite(file, file.stat().st_size // 2, os.urandom(16))


@FAMILY.bad("archive", BACKUP, without_cluster=True)
def repository_without_snapshots(scene: Scene) -> None:
    """The retention removed every snapshot: the backup's job stopped long ago."""
    scene.repository("files").run("forget", "--tag=files", "--unsafe-allow-remove-all")


@FAMILY.bad("archive", REPOSITORY, without_cluster=True)
def repository_keys_missing(scene: Scene) -> None:
    """The keys are gone, and with them whatever the password opens."""
    for one in files(scene.repository("files").folder / "keys"):
        one.unlink()


@FAMILY.bad("archive", REPOSITORY, without_cluster=True)
def repository_password_changed(scene: Scene) -> None:
    """The repository was made anew with another password."""
    repository = scene.repository("files")
    new = repository.folder.with_name("new-password")
    new.write_text("another-one")
    repository.run("key", "passwd", f"--new-password-file={new}")


@FAMILY.bad("archive", REPOSITORY, without_cluster=True)
def repository_missing(scene: Scene) -> None:
    """The bucket was made anew, and nobody ran a backup into it yet."""
    (scene.repository("files").folder / "config").unlink()


@FAMILY.bad("archive", SELECTOR, without_cluster=True)
def repository_tags_changed(scene: Scene) -> None:
    """The backup's job was renamed: no snapshot has the tags that are looked for."""
    repository = scene.repository("files")
    repository.run("tag", "--tag=files", "--remove=archive", "--add=vault")


@FAMILY.bad("archive", NO_SET, without_cluster=True)
def repository_halves_of_two_sessions(scene: Scene) -> None:
    """One of the two jobs has failed since its first run: no session is complete."""
    repository = scene.repository("files")
    repository.run("tag", "--tag=files", "--remove=session=today", "--remove=session=yesterday")
    scene.part("files")
    scene.back_up("files", "archive", "files", "session=tomorrow")
