"""The archive's good data: written by PostgreSQL itself, and files beside it."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from tests.sabotage.apps import HERE
from tests.sabotage.damage import every, put
from tests.sabotage.engines import run

_POSTGRES, _READER = 999, 1000
_MAKE = """
export PGHOST=/tmp PGDATA=/data/new
initdb --wal-segsize=1 --encoding=UTF8 --locale=C.UTF-8 --data-checksums --auth-local=peer \
  --auth-host=scram-sha-256 >/dev/null
options="-c listen_addresses= -c unix_socket_directories=/tmp"
pg_ctl -s -w -l /tmp/log -o "$options" start
psql="psql -Xq --set=ON_ERROR_STOP=1"
$psql postgres <<'SQL'
\\getenv password PASSWORD
CREATE ROLE archive LOGIN PASSWORD :'password';
CREATE DATABASE archive OWNER archive;
SQL
$psql archive <<<"$SCHEMA"
{ printf '\\\\getenv key SEALING_KEY\\n\\\\getenv files FILES\\n'; echo "$FILL"; } | $psql archive
$psql archive -c "GRANT ALL ON ALL TABLES IN SCHEMA public TO archive" \
  -c "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO archive"
pg_basebackup --pgdata=/data/pgdata --checkpoint=fast --wal-method=stream
pg_ctl -s -w -m fast stop
rm -r /data/new
"""


def make(folder: Path, count: int, secret: Mapping[str, str]) -> None:
    """Write one day's data: that many documents."""
    files, database = folder / "files", folder / "database"
    for path, user in ((files, _READER), (database, _POSTGRES)):
        path.mkdir(parents=True)
        os.chown(path, user, user)
    listed = [_file(files, number) for number in range(1, count + 1)]
    env = {
        "PASSWORD": secret["password"],
        "SEALING_KEY": secret["sealingKey"],
        "FILES": json.dumps(listed),
        "SCHEMA": (HERE / "archive" / "seed.sql").read_text(),
        "FILL": (HERE / "archive" / "fill.sql").read_text(),
    }
    run("postgresql", _MAKE, database, env=env)
    every(files, lambda one: os.chmod(one, 0o750 if one.is_dir() else 0o640))


def _file(folder: Path, number: int) -> dict[str, str | int]:
    """Write one document's file and say what it is."""
    name = f"boxes/{number // 20 + 1:02}/Brief {number:02}.txt"
    content = f"Brief {number:02}: Grüße aus dem Archiv.\n".encode() * (1 + number % 60)
    put(folder, name, content)
    digest = hashlib.sha256(content).hexdigest()
    return {"path": name, "bytes": len(content), "digest": digest}
