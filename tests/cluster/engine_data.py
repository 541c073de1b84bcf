"""Small physical data of three engines, as their own programs write it."""

import os
import subprocess
from pathlib import Path

from tests.sabotage.engines import run

_USER, _UNNAMED = 999, 4321

_POSTGRES = """
initdb --pgdata=/data --encoding=UTF8 --locale=C.UTF-8 --data-checksums --username=boss \
  --auth=scram-sha-256 --pwfile=<(echo nobody-knows) >/dev/null
echo "local all all trust" >/tmp/hba
pg_ctl -s -w -D /data -l /tmp/log start \
  -o "-c listen_addresses= -c unix_socket_directories=/tmp -c hba_file=/tmp/hba"
psql -Xq -h /tmp -U boss -d postgres <<'SQL'
CREATE DATABASE shop;
\\c shop
CREATE TABLE orders (id int PRIMARY KEY, note text);
INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, 30000) n;
SQL
pg_ctl -s -w -D /data -m fast stop
"""
_MARIADB = """
mariadb-install-db --no-defaults --force --datadir=/data \
  --auth-root-authentication-method=normal >/tmp/log 2>&1 || { cat /tmp/log >&2; exit 1; }
mariadbd --no-defaults --datadir=/data --skip-networking --socket=/tmp/s >/tmp/log 2>&1 &
until mariadb-admin --no-defaults --socket=/tmp/s -u root ping >/dev/null 2>&1; do sleep 0.1; done
mariadb --no-defaults --socket=/tmp/s -u root <<'SQL'
CREATE DATABASE shop;
USE shop;
CREATE TABLE orders (id int PRIMARY KEY, note varchar(80));
INSERT INTO orders SELECT seq, CONCAT('order ', seq) FROM seq_1_to_5000;
ALTER USER root@localhost IDENTIFIED BY 'nobody-knows';
SQL
kill $!; wait
"""
_REDIS = """
redis-server --port 0 --unixsocket /tmp/s --dir /data --save '' >/tmp/log &
until redis-cli -s /tmp/s PING 2>/dev/null | grep -q PONG; do sleep 0.1; done
for n in {1..2000}; do echo RPUSH jobs "job $n"; done | redis-cli -s /tmp/s >/dev/null
redis-cli -s /tmp/s SHUTDOWN SAVE || true
wait
"""

PROGRAMS = {"postgresql": _POSTGRES, "mariadb": _MARIADB, "redis": _REDIS}


def write_engines(folder: Path) -> None:
    """A data directory of each engine, by the name of its image."""
    for image, program in PROGRAMS.items():
        data = folder / image
        data.mkdir(mode=0o700)
        os.chown(data, _USER, _USER)
        run(image, program, data)
    # As with images that know their user by its number alone.
    subprocess.run(
        ["chown", "-R", f"{_UNNAMED}:{_UNNAMED}", str(folder / "postgresql")], check=True
    )


def damage(folder: Path) -> None:
    """Lose the second half of the largest table of each database, and of Redis' file."""
    for pattern in ("postgresql/base/*/*", "mariadb/shop/*.ibd", "redis/dump.rdb"):
        largest = max(folder.glob(pattern), key=lambda one: one.stat().st_size)
        os.truncate(largest, largest.stat().st_size // 2 // 8192 * 8192 or 100)
