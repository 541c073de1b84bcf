"""What happens to bytes on a disk."""

import os
from collections.abc import Callable
from pathlib import Path


def cut(file: Path, keep: float = 0.5, unit: int = 1) -> None:
    """Keep the first part of a file, in whole units of bytes."""
    size = file.stat().st_size
    os.truncate(file, int(size * keep) // unit * unit)


def overwrite(file: Path, offset: int, content: bytes) -> None:
    """Write bytes into the middle of a file."""
    assert offset + len(content) <= file.stat().st_size, file
    with file.open("r+b") as handle:
        handle.seek(offset)
        handle.write(content)


def zero(file: Path, offset: int, count: int) -> None:
    """A disk that gives back zeros."""
    overwrite(file, offset, bytes(count))


def flip(file: Path, offset: int) -> None:
    """Turn one bit round."""
    with file.open("rb") as handle:
        handle.seek(offset)
        (byte,) = handle.read(1)
    overwrite(file, offset, bytes([byte ^ 1]))


def append(file: Path, content: bytes) -> None:
    """Put bytes behind a file's own."""
    with file.open("ab") as handle:
        handle.write(content)


def put(folder: Path, name: str, content: bytes, mode: int = 0o644) -> Path:
    """Write a file of the folder's own owner."""
    path = folder / name
    owner = folder.stat()
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        if not (folder / parent).exists():
            (folder / parent).mkdir(mode=0o755)
            os.chown(folder / parent, owner.st_uid, owner.st_gid)
    path.write_bytes(content)
    path.chmod(mode)
    os.chown(path, owner.st_uid, owner.st_gid)
    return path


def files(folder: Path, pattern: str = "*") -> list[Path]:
    """All files below a folder, in the order of their names."""
    return sorted(one for one in folder.rglob(pattern) if one.is_file() and not one.is_symlink())


def every(folder: Path, change: Callable[[Path], object]) -> None:
    """Do something to all that is below a folder, and to itself, the deepest first."""
    for one in sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True):
        change(one)
    change(folder)
