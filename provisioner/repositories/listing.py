"""A snapshot's own listing, line by line as restic writes it: ``ls --json``, since 0.16."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.repositories.tally import FILE, FOLDER, OTHER, SYMLINK, Entry, Look

_KINDS = {
    "file": FILE, "dir": FOLDER, "symlink": SYMLINK, "fifo": OTHER, "dev": OTHER, "chardev": OTHER,
}  # fmt: skip
"""Left out are sockets, which restic lists and never brings back."""

_BITS = ((1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000))
"""setuid, setgid and sticky, as Go's ``fs.FileMode`` has them and as chmod."""


@dataclass
class Lines:
    """Cuts what a program writes into lines; each is taken when it is whole."""

    take: Callable[[bytes], None]
    rest: bytes = b""

    def __call__(self, chunk: bytes) -> None:
        """Take all lines that this ends."""
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        for line in lines:
            self.take(line)


def entry_of(line: bytes) -> Entry | None:
    """The entry of a line; None for the snapshot's own line, and for what never comes back."""
    said = _node(line)
    kind = _KINDS.get(said.get("type", ""))
    if kind is None:
        return None
    look = Look(kind, said.get("uid", 0), said.get("gid", 0), _mode(kind, said))
    return Entry(said["path"].removeprefix("/"), look, said.get("size", 0) if kind == FILE else 0)


def _node(line: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:  # whatever it is, an entry that is missing is found by its count
        return {}
    return said if isinstance(said, dict) and said.get("struct_type") == "node" else {}


def _mode(kind: str, said: Mapping[str, Any]) -> int:
    mode = int(said.get("mode", 0))
    if kind == SYMLINK:
        return 0
    return (mode & 0o777) | sum(bit for go, bit in _BITS if mode & go)
