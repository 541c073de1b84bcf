"""A session's private folder on this machine: charts, their values, logins of registries."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "provisioner-"
_PRIVATE = 0o700


@contextmanager
def private_folder(inside: Path | None = None) -> Iterator[Path]:
    """A folder for its owner alone, in the temporary one or another; gone after the block."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=inside) as name:
        yield Path(name)


def remove_left(folder: Path) -> bool:
    """Remove what a process that is gone could not; False if that is no private folder of ours.

    A record is a file that can be edited: it must not make anybody remove anything else.

    Raises:
        OSError: it cannot be removed.
    """
    if not _is_ours(folder):
        return False
    shutil.rmtree(folder)
    return True


def _is_ours(folder: Path) -> bool:
    """By its place, its name, its owner and its mode, as ``private_folder`` makes it."""
    if folder.parent != Path(tempfile.gettempdir()) or not folder.name.startswith(PREFIX):
        return False
    try:
        found = folder.lstat()
    except OSError:
        return False
    is_private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == _PRIVATE
    return is_private and found.st_uid == os.getuid()
