"""A folder as restic would list it, and as the restore's pod would see it."""

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from provisioner.repositories.listing import Lines, entry_of
from provisioner.repositories.tally import Entry, Sample, Tally
from provisioner.restores.compared import walk
from provisioner.restores.compared.walk import Scope, Walk

SEED = 4711
_TYPES = {
    stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}  # fmt: skip
_GO = ((stat.S_ISUID, 1 << 23), (stat.S_ISGID, 1 << 22), (stat.S_ISVTX, 1 << 20))


def nodes(folder: Path) -> Iterator[dict[str, Any]]:
    """What ``restic ls --json SNAPSHOT:FOLDER`` says of it."""
    for root, folders, files in os.walk(os.fsencode(folder)):
        for name in sorted(folders + files):
            path = os.path.join(root, name)
            yield _node(os.lstat(path), os.path.relpath(path, os.fsencode(folder)))


def _node(seen: os.stat_result, path: bytes) -> dict[str, Any]:
    kind = _TYPES[stat.S_IFMT(seen.st_mode)]
    mode = (seen.st_mode & 0o777) | sum(go for bit, go in _GO if seen.st_mode & bit)
    node = {
        "type": kind, "path": f"/{path.decode(errors='replace')}", "uid": seen.st_uid,
        "gid": seen.st_gid, "mode": mode, "struct_type": "node", "message_type": "node",
    }  # fmt: skip
    return {**node, "size": seen.st_size} if kind == "file" else node


def entries(said: Iterator[dict[str, Any]]) -> list[Entry]:
    """The entries of such a listing, read in pieces that end anywhere."""
    found: list[Entry | None] = []
    lines = Lines(lambda line: found.append(entry_of(line)))
    text = b"".join(json.dumps(one).encode() + b"\n" for one in said)
    for at in range(0, len(text), 37):
        lines(text[at : at + 37])
    return [one for one in found if one is not None]


def tally(of: list[Entry], scope: Scope | None = None, most: int = 2000) -> Tally:
    found = Tally(Sample(SEED, most))
    for one in of:
        if scope is None or scope.holds(one.path):
            found.add(one)
    return found


def messages(folder: Path, scope: Scope | None = None) -> list[dict[str, Any]]:
    """What the pod's script prints of it, by this machine's own find, stat and awk."""
    script = walk.script(str(folder), Walk(scope or Scope(), SEED))
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode(errors="replace").splitlines()]
