"""Which snapshots belong together. Pure: no repository is asked here."""

from collections.abc import Mapping, Sequence

from provisioner.errors import ConfigurationError, NoBackupError, NoConsistentSetError
from provisioner.models.verifier import Restore
from provisioner.repositories.snapshot import Snapshot

Candidates = Mapping[str, Sequence[Snapshot]]
"""Snapshots that fit each restore's selector, by the restore's name."""


def candidates(restore: Restore, listed: Sequence[Snapshot]) -> list[Snapshot]:
    """The snapshots that fit a restore's selector, newest first.

    Raises:
        NoBackupError: the repository holds no snapshot at all.
        ConfigurationError: it holds some, and none fits.
    """
    if not listed:
        raise NoBackupError(
            f"repository {restore.from_} holds no snapshot at all",
            hint="check that the backup runs, and that the URL is the one it writes to",
        )
    fitting = [one for one in listed if one.fits(restore.select)]
    if not fitting:
        raise ConfigurationError(
            f"restore {restore.name}: no snapshot of repository {restore.from_} fits the selector"
            f" ({_describe(restore)}); it holds {len(listed)}",
            hint=f"tags there: {_some(sorted({tag for one in listed for tag in one.tags}))};"
            f" hosts: {_some(sorted({one.host for one in listed}))}",
        )
    return sorted(fitting, key=lambda one: one.time, reverse=True)


def newest_of_each(found: Candidates) -> dict[str, Snapshot]:
    """The newest snapshot of each restore, whatever their times."""
    return {restore: snapshots[0] for restore, snapshots in found.items()}


def newest_set(found: Candidates, key: str) -> dict[str, Snapshot]:
    """The newest set of snapshots that all carry the tag ``key=`` with the same value.

    Raises:
        NoConsistentSetError: no value is shared by all; the nearest is named.
    """
    keyed = {restore: _newest_by_key(snapshots, key) for restore, snapshots in found.items()}
    shared = set.intersection(*(set(by_key) for by_key in keyed.values()))
    if not shared:
        raise _no_set(keyed, key)
    newest = max(shared, key=lambda value: max(by_key[value].time for by_key in keyed.values()))
    return {restore: by_key[newest] for restore, by_key in keyed.items()}


def _newest_by_key(snapshots: Sequence[Snapshot], key: str) -> dict[str, Snapshot]:
    oldest_first = sorted(snapshots, key=lambda one: one.time)
    return {value: one for one in oldest_first if (value := one.key(key)) is not None}


def _no_set(keyed: Mapping[str, Mapping[str, Snapshot]], key: str) -> NoConsistentSetError:
    values = {value for by_key in keyed.values() for value in by_key}
    if not values:
        return NoConsistentSetError(
            f"no snapshot carries a tag {key}=...",
            hint=f"tag the backups of one moment with the same {key}=VALUE",
        )
    nearest = max(values, key=lambda value: (_members(keyed, value), value))
    missing = [restore for restore, by_key in keyed.items() if nearest not in by_key]
    return NoConsistentSetError(
        f"no value of the tag {key}= is shared by all restores; nearest is {key}={nearest},"
        f" which lacks {', '.join(missing)}",
        hint="the backups of one moment are not complete: look at the jobs that make them",
    )


def _members(keyed: Mapping[str, Mapping[str, Snapshot]], value: str) -> int:
    return sum(value in by_key for by_key in keyed.values())


def _describe(restore: Restore) -> str:
    select = restore.select
    parts = [f"tags {', '.join(select.tags)}"] if select.tags else []
    parts += [f"host {select.host}"] if select.host else []
    parts += [f"paths {', '.join(select.paths)}"] if select.paths else []
    return "; ".join(parts) or "everything"


def _some(words: Sequence[str], most: int = 6) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return (", ".join(words[:most]) or "none") + more
