"""Which snapshots of a repository a restore may take. Pure: no repository is asked here."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from provisioner.errors import BackupError, ConfigurationError, NoBackupError, UnclearError
from provisioner.models.base import format_duration
from provisioner.models.verifier import Restore, Select
from provisioner.repositories.snapshot import Listing, Snapshot

AHEAD = timedelta(minutes=10)
"""How far a clock may be ahead of ours: beyond it a snapshot's time is no time to go by."""


def fitting(restore: Restore, listing: Listing, now: datetime) -> list[Snapshot]:
    """The snapshots that fit a restore's selector at the time ``now``, newest first.

    Also those that are too old to be drawn: what there is tells the age of the newest backup.

    Raises:
        NoBackupError: the repository holds no snapshot at all.
        ConfigurationError: it holds some, and none fits, or the id fits several.
        BackupError: none can be read, or the one that is wanted cannot.
        UnclearError: one cannot be read, and it may be the one that is wanted; or all that fit
            are from the future.
    """
    _refuse_unread(restore, listing)
    listed = listing.snapshots
    if not listed:
        raise NoBackupError(
            f"repository {restore.from_} holds no snapshot at all",
            hint="check that the backup runs, and that the URL is the one it writes to",
        )
    select = restore.select
    found = [one for one in listed if one.fits(select) and _in_time(one, select, now)]
    if not found:
        if ahead := from_the_future(restore, listing, now):
            raise UnclearError(told_ahead(restore, ahead), hint=AHEAD_HINT)
        raise _nothing_fits(restore, listed)
    if select.id is not None and len(found) > 1:
        raise _ambiguous(restore, found)
    return sorted(found, key=lambda one: one.time, reverse=True)


def drawable(restore: Restore, found: Sequence[Snapshot], now: datetime) -> list[Snapshot]:
    """Those of the fitting ones that are new enough to be taken.

    Raises:
        ConfigurationError: none is.
    """
    drawn = restore.select.random
    if drawn is None:
        return list(found)
    new = [one for one in found if one.time >= now - drawn.within]
    if not new:
        raise _nothing_fits(restore, found)
    return new


def candidates(restore: Restore, listing: Listing, now: datetime) -> list[Snapshot]:
    """The snapshots that a restore may take at the time ``now``, newest first.

    Raises:
        ProvisionerError: there is none, by whose fault.
    """
    return drawable(restore, fitting(restore, listing, now), now)


AHEAD_HINT = "look at the clocks, here and where backups are made; its id verifies it all the same"


def from_the_future(restore: Restore, listing: Listing, now: datetime) -> list[Snapshot]:
    """What would fit, but for a time that is still to come: it would be the newest for ever."""
    select = restore.select
    fitting = (one for one in listing.snapshots if one.fits(select))
    return [one for one in fitting if _is_ahead(one, select, now)]


def told_ahead(restore: Restore, ahead: Sequence[Snapshot]) -> str:
    """One sentence about them."""
    ids = _some([f"{one.id[:8]} of {_moment(one.time)}" for one in ahead])
    return f"restore {restore.name}: not taken, as its time is still to come: snapshot {ids}"


def _is_ahead(snapshot: Snapshot, select: Select, now: datetime) -> bool:
    return select.id is None and snapshot.time > now + AHEAD


def _refuse_unread(restore: Restore, listing: Listing) -> None:
    """A snapshot that cannot be read has no time, no host and no tags.

    restic passes it over, and an older one would be verified in its place.
    """
    wanted = restore.select.id
    unread = {id_: why for id_, why in listing.unread.items() if id_.startswith(wanted or "")}
    if not unread or (wanted and any(one.id.startswith(wanted) for one in listing.snapshots)):
        return
    (first, why), more = next(iter(unread.items())), len(unread) - 1
    others = f" and {more} more" if more else ""
    sentence = f"snapshot {first[:8]}{others} of repository {restore.from_} cannot be read: {why}"
    hint = "look at what is damaged with: restic check"
    if wanted or not listing.snapshots:
        raise BackupError(sentence, hint=hint)
    raise UnclearError(
        f"{sentence}; it may be the one that restore {restore.name} wants",
        hint=f"{hint}; another one can be verified by its id",
    )


def _in_time(snapshot: Snapshot, select: Select, now: datetime) -> bool:
    if _is_ahead(snapshot, select, now):
        return False
    return select.as_of is None or snapshot.time <= select.as_of


def _nothing_fits(restore: Restore, listed: Sequence[Snapshot]) -> ConfigurationError:
    times = [one.time for one in listed]
    return ConfigurationError(
        f"restore {restore.name}: no snapshot of repository {restore.from_} fits the selector"
        f" ({_describe(restore.select)}); it holds {len(listed)}",
        hint=f"tags there: {_some(sorted({tag for one in listed for tag in one.tags}))};"
        f" hosts: {_some(sorted({one.host for one in listed}))};"
        f" taken from {_moment(min(times))} to {_moment(max(times))}",
    )


def _ambiguous(restore: Restore, fitting: Sequence[Snapshot]) -> ConfigurationError:
    ids = sorted(one.id for one in fitting)
    return ConfigurationError(
        f"restore {restore.name}: {len(ids)} snapshots of repository {restore.from_} have an id"
        f" that begins with {restore.select.id}",
        hint=f"write more of it: {_some(ids)}",
    )


def _describe(select: Select) -> str:
    parts = [f"id {select.id}"] if select.id else []
    parts += [f"tags {', '.join(select.tags)}"] if select.tags else []
    parts += [f"host {select.host}"] if select.host else []
    parts += [f"paths {', '.join(select.paths)}"] if select.paths else []
    parts += [f"as of {_moment(select.as_of)}"] if select.as_of else []
    parts += [f"within {format_duration(select.random.within)}"] if select.random else []
    return "; ".join(parts) or "everything"


def _moment(time: datetime) -> str:
    return time.isoformat(timespec="seconds")


def _some(words: Sequence[str], most: int = 6) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return (", ".join(words[:most]) or "none") + more
