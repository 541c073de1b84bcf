"""The examples' own engines, run on this machine on a folder of data.

A program runs in the root file system of the example's image, in namespaces of its own, without a
network; what it leaves running is killed when it ends, as by a power failure.
"""

import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

from devcluster import ensure_images
from devcluster.paths import fresh_folder, locked
from tests.sabotage.places import ROOTS

_USER = 999
_ENTER = """
set -e
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 tmpfs tmp
mount --bind "$SABOTAGE_DATA" data
exec chroot --userspec="$SABOTAGE_USER:$SABOTAGE_USER" . bash -euo pipefail -c "$SABOTAGE_SCRIPT"
"""
_PATH = "/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_MARIADB = """
mariadbd --no-defaults --datadir=/data --skip-networking --skip-grant-tables --socket=/tmp/socket \
  --pid-file=/tmp/pid --innodb-log-file-size=32M --innodb-buffer-pool-size=64M \
  --max-allowed-packet=256M >/tmp/log 2>&1 &
until mariadb-admin --no-defaults --socket=/tmp/socket ping >/dev/null 2>&1; do
  kill -0 $! 2>/dev/null || { cat /tmp/log >&2; exit 1; }
  sleep 0.1
done
client="mariadb --no-defaults --socket=/tmp/socket --default-character-set=utf8mb4 \
  --max-allowed-packet=256M --batch --skip-column-names"
"""
_MARIADB_STOP = "mariadb-admin --no-defaults --socket=/tmp/socket shutdown; wait"

_POSTGRES = """
export PGHOST=/tmp PGDATA=/data/pgdata PGOPTIONS="-c client_min_messages=warning"
client="psql -XqAt --set=ON_ERROR_STOP=1"
pg_ctl -s -w -l /tmp/log -o "-c listen_addresses= -c unix_socket_directories=/tmp" start \
  || { cat /tmp/log >&2; exit 1; }
"""
_POSTGRES_STOP = "pg_ctl -s -w -m fast stop"


class EngineError(Exception):
    """A program did not come to its end; what it said is the message."""


def root_of(image: str) -> Path:
    """Return the root file system of an example's image, unpacked once."""
    archive = ensure_images([image])[image]
    folder = ROOTS / archive.stem
    with locked(ROOTS / f"{archive.stem}.lock", f"image {image} is being unpacked"):
        if not folder.exists():
            _unpack(archive, folder)
    return folder


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar, fresh_folder(folder) as work:
        manifest = json.loads(_member(tar, "manifest.json"))
        for layer in manifest[0]["Layers"]:
            argv = ["tar", "--extract", "--exclude=.wh.*", "--directory", str(work)]
            subprocess.run(argv, input=_member(tar, layer), check=True)
        (work / "data").mkdir(exist_ok=True)


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise EngineError(f"the image's archive has no {name}")
    return member.read()


def run(
    image: str,
    script: str,
    data: Path,
    *,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    user: int = _USER,
) -> str:
    """Run a script in an image with the folder as /data, and return what it prints.

    Raises:
        EngineError: it ended with an error.
    """
    argv = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--net", "--ipc"]
    given = {
        "SABOTAGE_DATA": str(data),
        "SABOTAGE_USER": str(user),
        "SABOTAGE_SCRIPT": script,
        "PATH": f"{_PATH}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        [*argv, "sh", "-c", _ENTER], input=stdin, env={**given, **(env or {})}, cwd=root_of(image),
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise EngineError(f"{image} ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout.strip()


def mariadb(data: Path, sql: str, *, database: str = "wordpress", then: str = "") -> str:
    """Start MariaDB on a data directory, run statements and then a script, and stop it.

    In the script ``$client`` is the client's command.
    """
    script = f"{_MARIADB}\n$client {database}\n{then}\n{_MARIADB_STOP}"
    return run("mariadb", script, data, stdin=sql)


def mariadb_that_crashes(data: Path, shell: str) -> None:
    """Start MariaDB, run a script, and kill the server at its end."""
    run("mariadb", f"{_MARIADB}\n{shell}", data)


def postgres(data: Path, sql: str, *, database: str = "archive", then: str = "") -> str:
    """Start PostgreSQL on the folder ``pgdata`` of a volume, as ``mariadb`` does."""
    script = f"{_POSTGRES}\n$client {database}\n{then}\n{_POSTGRES_STOP}"
    return run("postgresql", script, data, stdin=sql)


def postgres_that_crashes(data: Path, shell: str) -> None:
    """Start PostgreSQL, run a script, and kill the server at its end."""
    run("postgresql", f"{_POSTGRES}\n{shell}", data)
