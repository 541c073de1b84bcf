"""MariaDB's files and content, as disks, copies, loads and operators leave them."""

import os
import shutil
import struct
from pathlib import Path

from tests.sabotage.case import APPLICATION, BACKUP, CHECK, LOGIN, Family
from tests.sabotage.damage import cut, every, flip, overwrite, zero
from tests.sabotage.engines import mariadb, mariadb_that_crashes
from tests.sabotage.scene import Scene

FAMILY = Family()
PAGE = 16384
_TYPE, _LEVEL, _INDEX = 24, 64, 66
"""Offsets in a page of InnoDB: its type, the level in its tree, the number of its index."""
_INDEX_PAGE = 17855


def change(scene: Scene, sql: str) -> None:
    """Run statements on the stopped copy, which is shut down cleanly again."""
    mariadb(scene.part("database"), sql)


def table(scene: Scene, name: str) -> Path:
    """A table's file, with all that was in the log."""
    change(scene, "")
    return scene.part("database") / "wordpress" / f"{name}.ibd"


def leaves(file: Path, *, secondary: bool = False) -> list[int]:
    """The offsets of the leaves of a table's rows, or of its other indexes."""
    content = file.read_bytes()
    found: list[tuple[int, int]] = []
    for offset in range(0, len(content), PAGE):
        kind, level = (struct.unpack_from(">H", content, offset + at)[0] for at in (_TYPE, _LEVEL))
        if kind == _INDEX_PAGE and level == 0:
            found.append((struct.unpack_from(">Q", content, offset + _INDEX)[0], offset))
    rows = min(index for index, _ in found)
    return [offset for index, offset in found if (index != rows) == secondary]


@FAMILY.bad("blog", CHECK)
def mysql_table_dropped(scene: Scene) -> None:
    """A plugin's uninstaller dropped a table that others use."""
    change(scene, "DROP TABLE wp_postmeta")


@FAMILY.bad("blog", CHECK)
def mysql_half_the_rows(scene: Scene) -> None:
    """A clean-up plugin deleted every other post."""
    change(scene, "DELETE FROM wp_posts WHERE post_type = 'post' AND ID % 2 = 0")


@FAMILY.bad("blog", CHECK)
def mysql_table_emptied(scene: Scene) -> None:
    """Somebody emptied the wrong database's table."""
    change(scene, "TRUNCATE wp_posts")


@FAMILY.bad("blog", CHECK)
def mysql_index_dropped(scene: Scene) -> None:
    """An index is gone: everything answers, slowly."""
    change(scene, "DROP INDEX post_name ON wp_posts")


@FAMILY.bad("blog", CHECK)
def mysql_index_of_zeros(scene: Scene) -> None:
    """The pages of an index came back from the disk as zeros."""
    file = table(scene, "wp_posts")
    zero(file, leaves(file, secondary=True)[-1], PAGE)


@FAMILY.bad("blog", CHECK, APPLICATION)
def mysql_page_zeroed(scene: Scene) -> None:
    """A page in the middle of a table came back as zeros."""
    file = table(scene, "wp_posts")
    pages = leaves(file)
    zero(file, pages[len(pages) // 2], PAGE)


@FAMILY.bad("blog", CHECK, APPLICATION)
def mysql_page_flipped(scene: Scene) -> None:
    """A bit of a table's page turned round on the disk."""
    file = table(scene, "wp_posts")
    flip(file, leaves(file)[0] + 1000)


@FAMILY.bad("blog", CHECK, APPLICATION)
def mysql_table_cut(scene: Scene) -> None:
    """The copy of a table's file ended in the middle."""
    cut(table(scene, "wp_posts"), unit=PAGE)


@FAMILY.bad("blog", CHECK, APPLICATION)
def mysql_table_of_no_bytes(scene: Scene) -> None:
    """A table's file is there and holds nothing: the volume was full."""
    cut(table(scene, "wp_comments"), keep=0)


@FAMILY.bad("blog", CHECK, APPLICATION)
def mysql_data_file_missing(scene: Scene) -> None:
    """A table's data is not in the backup, its definition is."""
    table(scene, "wp_postmeta").unlink()


@FAMILY.bad("blog", CHECK)
def mysql_definition_missing(scene: Scene) -> None:
    """A table's definition is not in the backup, its data is."""
    table(scene, "wp_postmeta").with_suffix(".frm").unlink()


@FAMILY.bad("blog", CHECK)
def mysql_table_of_yesterday(scene: Scene) -> None:
    """A live copy took one table before, and all others after a day's work."""
    change(scene, "")
    old = scene.yesterday("database")
    mariadb(old, "")
    name = "wordpress/wp_posts.ibd"
    (scene.part("database") / name).write_bytes((old / name).read_bytes())


@FAMILY.bad("blog", APPLICATION)
def mysql_system_tablespace_missing(scene: Scene) -> None:
    """The backup leaves out the file with the undo logs and the dictionary."""
    change(scene, "")
    (scene.part("database") / "ibdata1").unlink()


@FAMILY.bad("blog", APPLICATION)
def mysql_log_missing(scene: Scene) -> None:
    """A copy of the running volume without its log, which was on another one."""
    volume = scene.part("database")
    write = "$client wordpress -e 'UPDATE wp_posts SET comment_count = comment_count + 1'"
    mariadb_that_crashes(volume, write)
    (volume / "ib_logfile0").unlink()


@FAMILY.bad("blog", APPLICATION)
def mysql_newer_version(scene: Scene) -> None:
    """Production was upgraded: the log has a format that this engine does not know."""
    change(scene, "")
    overwrite(scene.part("database") / "ib_logfile0", 0, struct.pack(">I", 0x50485953 + 9))


@FAMILY.bad("blog", APPLICATION, CHECK)
def mysql_another_database(scene: Scene) -> None:
    """What was backed up is the server of another application."""
    change(scene, "DROP DATABASE wordpress; CREATE DATABASE sales; CREATE TABLE sales.t (i int)")


@FAMILY.bad("blog", CHECK)
def mysql_staging(scene: Scene) -> None:
    """What was backed up is staging: a site of another address with a handful of posts."""
    change(
        scene,
        "UPDATE wp_options SET option_value = 'http://staging.example.test'"
        " WHERE option_name IN ('siteurl', 'home');"
        " DELETE FROM wp_posts WHERE post_type = 'post' AND ID > 12",
    )


@FAMILY.bad("blog", LOGIN)
def mysql_users_gone(scene: Scene) -> None:
    """The system tables were made anew: the application's own user is not among them."""
    change(scene, "DELETE FROM mysql.global_priv WHERE User = 'wordpress'")


@FAMILY.bad("blog", APPLICATION)
def mysql_owned_by_root(scene: Scene) -> None:
    """An operator copied the data as root, and that copy is what is backed up."""
    every(scene.part("database"), lambda one: os.lchown(one, 0, 0))


@FAMILY.bad("blog", APPLICATION)
def mysql_modes_lost(scene: Scene) -> None:
    """The copy went over a share that keeps no modes: nobody may read the files."""
    every(scene.part("database"), lambda one: None if one.is_dir() else os.chmod(one, 0))


@FAMILY.bad("blog", APPLICATION)
def mysql_nested(scene: Scene) -> None:
    """The backup's path changed by one folder, and the data lies one deeper."""
    volume = scene.part("database")
    inside = list(volume.iterdir())
    (volume / "mysql-data").mkdir()
    for one in inside:
        shutil.move(one, volume / "mysql-data" / one.name)


@FAMILY.bad("blog", BACKUP)
def mysql_empty_mount(scene: Scene) -> None:
    """The volume was not mounted when the backup ran, and the snapshot holds its empty folder."""
    volume = scene.part("database")
    shutil.rmtree(volume)
    volume.mkdir()


@FAMILY.bad("blog", CHECK, unseen="the engine does not know what a value was encrypted with")
def mysql_salts_gone(scene: Scene) -> None:
    """The Secret with the salts was lost, and a new one was made: what was encrypted stays so."""
    scene.use_secret(salt="another-one")
