"""Files and repositories that are sound, and look unusual."""

import os
import shutil
import socket
import time

from tests.sabotage.case import Family
from tests.sabotage.damage import cut, put
from tests.sabotage.scene import Scene

FAMILY = Family()


@FAMILY.good("blog")
def good_sparse_file(scene: Scene) -> None:
    """A file of 64 MB, of which a few bytes are written."""
    path = put(scene.part("uploads"), "cache/sparse.img", b"begin")
    with path.open("r+b") as handle:
        handle.seek(64 * 1024 * 1024)
        handle.write(b"end")


@FAMILY.good("blog")
def good_links(scene: Scene) -> None:
    """Hard links of one file, and links that lead to what is beside them."""
    folder = scene.part("uploads")
    first = put(folder, "links/first.txt", b"the same for all")
    for number in range(5):
        os.link(first, first.with_name(f"hard-{number}.txt"))
    for name, target in (("to-file", "first.txt"), ("to-folder", "../links"), ("up", "..")):
        link = first.with_name(name)
        link.symlink_to(target)
        os.lchown(link, 33, 33)


@FAMILY.good("blog")
def good_many_small_files(scene: Scene) -> None:
    """A cache of many small files: a million, as far as two cores go."""
    folder = scene.part("uploads")
    for number in range(8000):
        put(folder, f"cache/{number % 97:02}/{number:07}", b"%d" % number)


@FAMILY.good("archive")
def good_odd_names(scene: Scene) -> None:
    """Names with line feeds, quotes, patterns, other scripts, and as long as a name can be."""
    folder = scene.part("files")
    names = ("a\nb", "it's \"quoted\"", "-rf", "*[?]\\", "e\u0301\u00e9🌊", " ", "x" * 255, "$(id)",
             b"latin-\xe9".decode("utf8", "surrogateescape"))  # fmt: skip
    for name in names:
        put(folder, f"odd/{name}", name.encode("utf8", "surrogateescape") or b".")


@FAMILY.good("archive")
def good_deep_folders(scene: Scene) -> None:
    """Folders in folders, sixty of them, some with nothing inside."""
    folder = scene.part("files")
    put(folder, "/".join(f"level-{n}" for n in range(60)) + "/end", b"here")
    for number in range(20):
        (folder / "level-0" / f"empty-{number}").mkdir()


@FAMILY.good("archive")
def good_modes(scene: Scene) -> None:
    """Files that may only be read, a folder that hands on its group, one with the sticky bit, and
    one that nobody but its owner may enter."""
    folder = scene.part("files")
    for name, mode in (("read-only", 0o400), ("program", 0o755), ("for-all", 0o666)):
        put(folder, f"modes/{name}", b"content", mode)
    for name, mode in (("group", 0o2775), ("sticky", 0o1777), ("own", 0o700), ("fixed", 0o555)):
        put(folder, f"modes/{name}/inside", b"content")
        (folder / "modes" / name).chmod(mode)


@FAMILY.good("archive")
def good_times(scene: Scene) -> None:
    """Files from before Unix, from 1970, and from the future."""
    folder = scene.part("files")
    for name, moment in (("before", -86400.5), ("first", 0), ("future", time.time() + 10**9)):
        path = put(folder, f"times/{name}", b"content")
        os.utime(path, (moment, moment))


@FAMILY.good("archive")
def good_files_of_no_bytes(scene: Scene) -> None:
    """Markers and locks, which are empty as they have to be."""
    folder = scene.part("files")
    for number in range(30):
        put(folder, f"markers/{number}.lock", b"")


@FAMILY.good("archive")
def good_attributes(scene: Scene) -> None:
    """Attributes of the user's own, a pipe and a socket that a service left behind."""
    folder = scene.part("files")
    path = put(folder, "attributes/file", b"content")
    os.setxattr(path, "user.origin", b"scanner 2")
    os.mkfifo(path.with_name("pipe"), 0o600)
    os.chown(path.with_name("pipe"), 1000, 1000)
    here = os.open(path.parent, os.O_RDONLY)  # the path itself is longer than a socket's may be
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(f"/proc/self/fd/{here}/socket")
    os.close(here)


@FAMILY.good("archive")
def good_shared_repository(scene: Scene) -> None:
    """Other tenants' snapshots lie in the same repository: newer ones, with the same tags."""
    repository = scene.repository("files")
    scene.part("files")
    scene.back_up("files")
    others = scene.folder / "others"
    others.mkdir()
    put(others, "theirs.txt", b"of another tenant")
    for host in ("archive-2", "staging"):
        repository.back_up(others, "archive", "files", "session=today", host=host)


@FAMILY.good("archive")
def good_lock_left_behind(scene: Scene) -> None:
    """A backup was killed and left its lock in the repository."""
    repository = scene.repository("files")
    scene.part("files")
    scene.back_up("files")
    repository.leave_a_lock()


@FAMILY.good("archive")
def good_damage_elsewhere(scene: Scene) -> None:
    """A pack is corrupt that only another tenant's snapshot needs."""
    repository = scene.repository("files")
    before = set(repository.packs())
    others = scene.folder / "others"
    others.mkdir()
    put(others, "theirs.bin", os.urandom(300_000))
    repository.back_up(others, "other", host="other")
    for pack in set(repository.packs()) - before:
        pack.chmod(0o600)
        cut(pack, keep=0.9)


@FAMILY.good("archive")
def good_relative_path(scene: Scene) -> None:
    """The backup's job runs in the volume's folder and stores `.`."""
    scene.part("files")
    scene.back_up("files", inside=True)


@FAMILY.good("archive")
def good_old_format(scene: Scene) -> None:
    """A repository that restic 0.13 made, which does not compress."""
    scene.part("files")
    repository = scene.repository("files")
    shutil.rmtree(repository.folder)
    repository.run("init", "--repository-version=1")
    scene.back_up("files")
