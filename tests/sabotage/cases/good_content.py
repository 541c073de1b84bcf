"""Databases that bring the application back, and look unusual."""

from tests.sabotage.case import Family
from tests.sabotage.cases.redis import increment
from tests.sabotage.damage import append, cut, put
from tests.sabotage.engines import (
    mariadb,
    mariadb_that_crashes,
    postgres,
    postgres_that_crashes,
    run,
)
from tests.sabotage.scene import Scene

FAMILY = Family()


@FAMILY.good("blog")
def good_blog(scene: Scene) -> None:
    """The blog's backup as it is."""


@FAMILY.good("archive")
def good_archive(scene: Scene) -> None:
    """The archive's backup as it is."""


@FAMILY.good("shop")
def good_shop(scene: Scene) -> None:
    """The shop's backup as it is."""


@FAMILY.good("blog")
def good_one_post(scene: Scene) -> None:
    """A blog that was begun yesterday: one post, no revision, and its owner asks for no more."""
    mariadb(
        scene.part("database"),
        "DELETE FROM wp_posts WHERE post_type IN ('post', 'revision')"
        " AND post_name <> 'diary-of-the-lighthouse-keeper'",
    )
    scene.spec["checks"][0]["sql"]["expect"]["min"] = 1
    scene.spec["checks"] = [
        one for one in scene.spec["checks"] if one.get("name") != "the post deleted since is there"
    ]


@FAMILY.good("blog")
def good_unicode(scene: Scene) -> None:
    """Titles in many scripts, four-byte letters, and a table whose name has them, too."""
    mariadb(
        scene.part("database"),
        "UPDATE wp_posts SET post_title = 'שלום 🌊 ﷽ İstanbul ไทย \\0' WHERE ID % 3 = 0;"
        " CREATE TABLE `größe Ω` (`näme ``x``` VARCHAR(40) PRIMARY KEY) CHARSET utf8mb4;"
        " INSERT INTO `größe Ω` VALUES ('日本語'), ('e\\'s \"quoted\"')",
    )


@FAMILY.good("blog")
def good_huge_blob(scene: Scene) -> None:
    """One row as large as the server lets a packet be: 12 MB."""
    mariadb(
        scene.part("database"),
        "SET SESSION binlog_format = 'ROW'; CREATE TABLE files (id int PRIMARY KEY, b LONGBLOB);"
        " INSERT INTO files VALUES (1, REPEAT(UNHEX('00FF27'), 4 * 1024 * 1024))",
    )


@FAMILY.good("blog")
def good_other_engines(scene: Scene) -> None:
    """A second database: tables of MyISAM, Aria, MEMORY and CSV, partitions, a view, a trigger, a
    table that keeps its rows' history."""
    mariadb(
        scene.part("database"),
        "CREATE DATABASE `old-blog`; USE `old-blog`;"
        " CREATE TABLE m (i int PRIMARY KEY) ENGINE MyISAM; INSERT INTO m VALUES (1), (2);"
        " CREATE TABLE a (i int PRIMARY KEY) ENGINE Aria; INSERT INTO a VALUES (1);"
        " CREATE TABLE h (i int PRIMARY KEY) ENGINE MEMORY; INSERT INTO h VALUES (1);"
        " CREATE TABLE c (i int NOT NULL) ENGINE CSV; INSERT INTO c VALUES (1);"
        " CREATE TABLE w (i int PRIMARY KEY) WITH SYSTEM VERSIONING; INSERT INTO w VALUES (1);"
        " CREATE TABLE p (i int) PARTITION BY HASH (i) PARTITIONS 4; INSERT INTO p VALUES (1);"
        " CREATE SQL SECURITY INVOKER VIEW v AS SELECT post_title FROM wordpress.wp_posts;"
        " CREATE TRIGGER t BEFORE INSERT ON m FOR EACH ROW SET @x = 1;"
        " CREATE SEQUENCE s; CREATE DATABASE `empty`",
    )


@FAMILY.good("blog")
def good_crashed_mariadb(scene: Scene) -> None:
    """A snapshot of the running volume, with a transaction under way: it recovers as it starts."""
    shell = (
        "$client wordpress -e \"UPDATE wp_options SET autoload = 'yes' WHERE option_id > 50\"\n"
        "{ echo 'BEGIN; DELETE FROM wp_posts;'; sleep 2; } | $client wordpress &\nsleep 1"
    )
    mariadb_that_crashes(scene.part("database"), shell)


@FAMILY.good("archive")
def good_crashed_postgres(scene: Scene) -> None:
    """A snapshot of the running volume, with a transaction under way: it recovers as it starts."""
    shell = (
        "$client archive -c \"UPDATE shelves SET name = name || '.'\"\n"
        "{ echo 'BEGIN; DELETE FROM notes;'; sleep 2; } | $client archive &\nsleep 1"
    )
    postgres_that_crashes(scene.part("database"), shell)


@FAMILY.good("archive")
def good_without_page_checksums(scene: Scene) -> None:
    """A cluster that was made without page checksums."""
    postgres(scene.part("database"), "")
    run("postgresql", "pg_checksums --disable --pgdata=/data/pgdata", scene.part("database"))


@FAMILY.good("archive")
def good_empty_tables(scene: Scene) -> None:
    """Most tables are empty, as of a module that nobody uses, and one has no column at all."""
    tables = "".join(f"CREATE TABLE module.t{n} (id serial PRIMARY KEY);" for n in range(40))
    postgres(
        scene.part("database"),
        f"CREATE SCHEMA module; {tables} CREATE TABLE module.nothing ()",
    )


@FAMILY.good("archive")
def good_kinds_of_relations(scene: Scene) -> None:
    """Partitions, every kind of index, an unlogged table, a view that was never filled, a foreign
    table of a server that is not there, a large object, numbers that a migration gave, keys of an
    extension outside the search_path, rows that not everybody sees."""
    postgres(
        scene.part("database"),
        """
        CREATE SCHEMA odd; SET search_path = odd, public;
        CREATE EXTENSION btree_gist; CREATE EXTENSION postgres_fdw;
        CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE parted_2026 PARTITION OF parted
          FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE INDEX ON parted (id);
        INSERT INTO parted SELECT n, '2026-02-03' FROM generate_series(1, 100) AS n;
        CREATE TABLE kinds (id int, words tsvector, span int4range,
                            EXCLUDE USING gist (span WITH &&));
        INSERT INTO kinds SELECT n, to_tsvector('word ' || n), int4range(n, n + 1)
          FROM generate_series(1, 500) AS n;
        CREATE INDEX ON kinds USING gin (words); CREATE INDEX ON kinds USING hash (id);
        CREATE INDEX ON kinds USING brin (id); CREATE INDEX ON kinds (lower(id::text)) WHERE id > 9;
        CREATE UNLOGGED TABLE cache (id int PRIMARY KEY);
        CREATE MATERIALIZED VIEW later AS SELECT count(*) FROM notes WITH NO DATA;
        CREATE SERVER nowhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '192.0.2.1');
        CREATE FOREIGN TABLE theirs (id int) SERVER nowhere;
        SELECT lo_from_bytea(0, '\\x0102');
        CREATE TABLE roles (id serial PRIMARY KEY); INSERT INTO roles VALUES (1), (2), (9999);
        CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions;
        CREATE TABLE people (email extensions.citext PRIMARY KEY);
        CREATE TABLE mail (email extensions.citext REFERENCES people);
        INSERT INTO people VALUES ('Bob@example.org'); INSERT INTO mail VALUES ('bob@example.org');
        ALTER TABLE people ENABLE ROW LEVEL SECURITY;
        """,
    )


@FAMILY.good("archive")
def good_other_databases(scene: Scene) -> None:
    """Beside the application's own: an empty database, one with an odd name, one that lets nobody
    in."""
    postgres(
        scene.part("database"),
        'CREATE DATABASE empty;\nCREATE DATABASE "Archiv 2 ""alt""";\nCREATE DATABASE closed;\n'
        "UPDATE pg_database SET datallowconn = false WHERE datname = 'closed';",
        database="postgres",
    )


@FAMILY.good("archive")
def good_bloat(scene: Scene) -> None:
    """Rows were rewritten many times and never vacuumed: most of each page is dead."""
    again = "UPDATE notes SET written_at = written_at + interval '1 second';" * 4
    settings = "ALTER TABLE notes SET (autovacuum_enabled = false);"
    postgres(scene.part("database"), settings + again)


@FAMILY.good("archive")
def good_huge_value(scene: Scene) -> None:
    """One value of 40 MB, kept out of line and not compressed."""
    postgres(
        scene.part("database"),
        "CREATE SCHEMA scans; CREATE TABLE scans.large (id int PRIMARY KEY, content bytea);"
        " ALTER TABLE scans.large ALTER content SET STORAGE EXTERNAL;"
        " INSERT INTO scans.large SELECT 1, decode(repeat('00ff27', 13 * 1024 * 1024), 'hex')",
    )


@FAMILY.good("archive")
def good_left_by_the_server(scene: Scene) -> None:
    """Files that a server, its tools and its operators leave in a data directory."""
    volume = scene.part("database")
    postgres(volume, "")
    for name in ("backup_label.old", "postmaster.opts", "tablespace_map.old", "pg_hba.conf.bak"):
        put(volume / "pgdata", name, b"of another day\n", 0o600)
    put(volume / "pgdata" / "base", "pgsql_tmp/pgsql_tmp31.0", bytes(4096), 0o600)


@FAMILY.good("shop")
def good_crashed_redis(scene: Scene) -> None:
    """The last command was half written when the volume was copied: Redis leaves it out."""
    append(increment(scene), b"*3\r\n$3\r\nSET\r\n$5\r\nafter\r\n$400\r\nhalf of it")


@FAMILY.good("shop")
def good_kinds_of_keys(scene: Scene) -> None:
    """Another database, a stream, a binary name, an empty value, and a key past its time."""
    commands = (
        [b"XADD", b"log", b"1-1", b"a", b"b"], [b"SET", b"\x00\xff\r\n", b""],
        [b"SET", b"gone", b"x", b"PXAT", b"1000"], [b"PFADD", b"seen", b"a"],
        [b"SELECT", b"7"], [b"SET", b"elsewhere", b"1"], [b"SELECT", b"0"],
    )  # fmt: skip
    for words in commands:
        encoded = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        append(increment(scene), b"*%d\r\n%s" % (len(words), encoded))


_REWRITE = """
redis-server --port 0 --unixsocket /tmp/s --dir /data --appendonly yes >/tmp/log 2>&1 &
redis="redis-cli -s /tmp/s"
until [ "$($redis ping 2>/dev/null)" = PONG ]; do sleep 0.1; done
$redis BGREWRITEAOF >/dev/null
while $redis INFO persistence | grep -Eq '^aof_rewrite_(in_progress|scheduled):1'; do
  sleep 0.1
done
$redis SHUTDOWN
wait
"""


@FAMILY.good("shop")
def good_empty_increment(scene: Scene) -> None:
    """The append-only file was rewritten a moment before, and nothing has changed since."""
    run("redis", _REWRITE, scene.part("queue"))
    cut(increment(scene), keep=0)
