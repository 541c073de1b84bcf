"""Where things are: sources, the cache that outlives the cluster, and the cluster's state."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from devcluster.progress import say

SOURCES = Path(__file__).resolve().parent
REPOSITORY = SOURCES.parent
# One place for the machine, as ports, bridge and tables are one for the machine too.
STATE = Path("/var/lib/provisioner-devcluster")
LOCK = Path("/run/lock/provisioner-devcluster.lock")


def cache() -> Path:
    """Return the folder of everything that is built once."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "provisioner-devcluster"


def content_hash(*parts: object) -> str:
    """Hash plain values, and files and folders by what they hold, not by when it was written."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            _hash_tree(digest, part)
        else:
            digest.update(json.dumps(part, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()[:16]


def _hash_tree(digest: "hashlib._Hash", root: Path) -> None:
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
    for file in files:
        if "__pycache__" in file.parts:
            continue
        mode = file.stat().st_mode & 0o100
        digest.update(f"{file.relative_to(root)} {mode} ".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())


@contextmanager
def locked(file: Path, waiting_for: str) -> Iterator[None]:
    """Hold a lock file, so that two commands side by side do not collide."""
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with file.open("w") as handle:
            _lock(handle, waiting_for)
            # Whoever held it before us may have removed the file, and then we hold nothing.
            if file.exists() and os.fstat(handle.fileno()).st_ino == file.stat().st_ino:
                yield
                return


def _lock(handle: IO[str], waiting_for: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"waiting for another process: {waiting_for}")
        fcntl.flock(handle, fcntl.LOCK_EX)


@contextmanager
def fresh_folder(final: Path) -> Iterator[Path]:
    """Fill a temporary folder that becomes `final` only when all went well."""
    final.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
    try:
        yield work
        work.chmod(0o755)
        work.rename(final)
    finally:
        shutil.rmtree(work, ignore_errors=True)
