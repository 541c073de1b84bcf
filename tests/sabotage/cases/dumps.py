"""Dumps that are streamed into a running server: whole ones, and those that ended early."""

import shutil
from pathlib import Path

from tests.sabotage.case import BACKUP, CHECK, OLDER_SERVER, Family
from tests.sabotage.damage import cut
from tests.sabotage.engines import mariadb, postgres
from tests.sabotage.scene import Scene

FAMILY = Family()
_PLAIN = "pg_dump --no-owner --no-privileges archive"
_CUSTOM = f"{_PLAIN} --format=custom"
_CONNECTED = {
    "PGHOST": "archive-postgresql",
    "PGUSER": "archive",
    "PGPASSWORD": "$(POSTGRES_PASSWORD)",
}
_PSQL = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "archive"]
_PG_RESTORE = ["pg_restore", "--exit-on-error", "--no-owner", "--dbname=archive"]
_MARIADB = ["mariadb", "--host=blog-mariadb", "--user=wordpress", "wordpress"]


def alone(scene: Scene, name: str) -> Path:
    """Let a file that was written beside the data be all that the part holds."""
    volume = scene.part("database")
    dump = shutil.move(volume / name, scene.folder / name)
    shutil.rmtree(volume)
    volume.mkdir()
    return Path(shutil.move(dump, volume / name))


def dumped(scene: Scene, command: str = _PLAIN, client: list[str] | None = None) -> Path:
    """Back up a dump of the archive in place of its server's files."""
    postgres(scene.part("database"), "", then=f"{command} >/data/dump")
    stream = {"command": client or _PSQL, "env": _CONNECTED}
    return streamed(scene, {"workload": "StatefulSet/archive-postgresql", **stream})


def mysql_dumped(scene: Scene) -> Path:
    """Back up a dump of the blog in place of its server's files."""
    command = "mariadb-dump --no-defaults --socket=/tmp/socket --single-transaction wordpress"
    mariadb(scene.part("database"), "", then=f"{command} >/data/dump")
    stream = {"command": _MARIADB, "env": {"MYSQL_PWD": "$(MARIADB_PASSWORD)"}}
    return streamed(scene, {"workload": "StatefulSet/blog-mariadb", **stream})


def streamed(scene: Scene, stream: dict[str, object]) -> Path:
    """Restore the dump by the service's own client."""
    restore = next(one for one in scene.spec["restores"] if one["name"] == "database")
    restore["into"] = {"stream": stream}
    return alone(scene, "dump")


@FAMILY.good("archive")
def good_plain_dump(scene: Scene) -> None:
    """A dump of PostgreSQL as text."""
    dumped(scene)


@FAMILY.good("archive")
def good_custom_dump(scene: Scene) -> None:
    """A dump of PostgreSQL in its custom format."""
    dumped(scene, _CUSTOM, _PG_RESTORE)


@FAMILY.good("blog")
def good_mysql_dump(scene: Scene) -> None:
    """A dump of MariaDB as its own client reads it."""
    mysql_dumped(scene)


@FAMILY.bad("archive", BACKUP, CHECK)
def dump_truncated(scene: Scene) -> None:
    """The dump broke off in the middle of a table, where psql sees no error."""
    cut(dumped(scene))


@FAMILY.bad("archive", BACKUP, CHECK)
def dump_cut_before_its_indexes(scene: Scene) -> None:
    """The dump broke off after the last table's data: every row is there, and no index."""
    dump = dumped(scene)
    text = dump.read_bytes()
    dump.write_bytes(text[: text.index(b"ADD CONSTRAINT")].rpartition(b"\n\n")[0] + b"\n")


@FAMILY.bad("archive", BACKUP)
def dump_of_custom_format_truncated(scene: Scene) -> None:
    """A dump in the custom format broke off in its data."""
    cut(dumped(scene, _CUSTOM, _PG_RESTORE), keep=0.7)


@FAMILY.bad("archive", BACKUP)
def dump_of_no_bytes(scene: Scene) -> None:
    """The dump failed, and what it had been redirected to was backed up."""
    cut(dumped(scene), keep=0)


@FAMILY.bad("archive", BACKUP)
def dump_of_an_error(scene: Scene) -> None:
    """What was backed up as the dump is what pg_dump said when it failed."""
    dumped(scene).write_text('pg_dump: error: connection to server at "db" failed: timeout\n')


@FAMILY.bad("archive", OLDER_SERVER)
def dump_of_a_newer_version(scene: Scene) -> None:
    """Production was upgraded: its dump sets what this server does not know."""
    dump = dumped(scene)
    settings = b"SET transaction_timeout = 0;\n"
    dump.write_bytes(dump.read_bytes().replace(b"SET lock_timeout = 0;\n", settings))


@FAMILY.bad("archive", CHECK)
def dump_of_the_schema_alone(scene: Scene) -> None:
    """Somebody left --schema-only in the job's command."""
    dumped(scene, f"{_PLAIN} --schema-only")


@FAMILY.bad("archive", CHECK)
def dump_of_one_table(scene: Scene) -> None:
    """Somebody left --table in the job's command: the others are not in the dump."""
    dumped(scene, f"{_PLAIN} --table=documents --table=shelves --extension=pgcrypto")


@FAMILY.bad("blog", BACKUP, CHECK)
def dump_of_mysql_truncated(scene: Scene) -> None:
    """The dump broke off in the middle of a statement."""
    cut(mysql_dumped(scene))


@FAMILY.bad("blog", BACKUP, CHECK)
def dump_of_mysql_cut_between_tables(scene: Scene) -> None:
    """The dump broke off between two tables, where no statement is half written."""
    dump = mysql_dumped(scene)
    text = dump.read_bytes()
    dump.write_bytes(text[: text.index(b"-- Table structure for table `wp_postmeta`")])
