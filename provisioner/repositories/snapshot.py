"""A snapshot, as a repository lists it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provisioner.models.verifier import Select


@dataclass(frozen=True)
class Snapshot:
    """One snapshot. ``bytes`` and ``files`` are the backup's own count, None when not recorded."""

    id: str
    time: datetime
    host: str
    paths: tuple[str, ...]
    tags: tuple[str, ...]
    bytes: int | None = None
    files: int | None = None

    @classmethod
    def from_restic(cls, said: Mapping[str, Any]) -> "Snapshot":
        """One element of ``restic snapshots --json``; ``summary`` is there since 0.17."""
        summary = said.get("summary") or {}
        return cls(
            id=said["id"],
            time=datetime.fromisoformat(said["time"]),
            host=said.get("hostname", ""),
            paths=tuple(said.get("paths") or ()),
            tags=tuple(said.get("tags") or ()),
            bytes=summary.get("total_bytes_processed"),
            files=summary.get("total_files_processed"),
        )

    def fits(self, select: Select) -> bool:
        """Whether the id, all tags, the host and all paths of the selector are this snapshot's."""
        return (
            self.id.startswith(select.id or "")
            and set(select.tags) <= set(self.tags)
            and select.host in (None, self.host)
            and set(select.paths) <= set(self.paths)
        )

    def key(self, name: str) -> str | None:
        """The value of the tag ``name=value``, None without one."""
        values = (tag.split("=", 1)[1] for tag in self.tags if tag.startswith(f"{name}="))
        return next(values, None)


@dataclass(frozen=True)
class Listing:
    """What a repository holds. ``unread`` are snapshots that cannot be read: why, by their id."""

    snapshots: list[Snapshot]
    unread: Mapping[str, str] = field(default_factory=dict)
