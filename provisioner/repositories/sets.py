"""Which snapshots belong together. Pure, as ``selection`` is."""

import bisect
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from provisioner.errors import NoConsistentSetError
from provisioner.models.base import format_duration
from provisioner.models.verifier import Consistency
from provisioner.repositories.snapshot import Snapshot

Candidates = Mapping[str, Sequence[Snapshot]]
"""Snapshots that fit each restore's selector, newest first, by the restore's name."""

Pinned = dict[str, Snapshot]
"""One snapshot for each restore, by its name."""

Seeds = Mapping[str, int]
"""What each restore that wants any snapshot chooses by; the others want the newest."""


def choose(found: Candidates, consistency: Consistency | None, seeds: Seeds) -> Pinned:
    """One snapshot for each restore, the newest that belong together unless a seed says otherwise.

    Raises:
        NoConsistentSetError: no snapshots belong together; the nearest are named.
    """
    if consistency is None or not consistency.joins:
        return {name: _of_each(name, snapshots, seeds) for name, snapshots in found.items()}
    sets = _consistent(found, consistency)
    return _draw(sets, seeds) if seeds else next(sets)


def skew(pinned: Pinned) -> timedelta:
    """The time from the oldest to the newest snapshot of a set."""
    times = [one.time for one in pinned.values()]
    return max(times) - min(times)


def _of_each(name: str, snapshots: Sequence[Snapshot], seeds: Seeds) -> Snapshot:
    if name not in seeds:
        return snapshots[0]
    return min(snapshots, key=lambda one: _lot(str(seeds[name]), [one.id]))


def _draw(sets: Iterator[Pinned], seeds: Seeds) -> Pinned:
    """Any of the sets. Every restore's seed counts, since they are chosen together."""
    seed = " ".join(f"{name}={seeds[name]}" for name in sorted(seeds))
    return min(sets, key=lambda pinned: _lot(seed, [pinned[name].id for name in sorted(pinned)]))


def _lot(seed: str, ids: Sequence[str]) -> bytes:
    """A snapshot's lot depends on nothing but itself: others that come and go change little."""
    return hashlib.sha256(" ".join([seed, *ids]).encode()).digest()


def _consistent(found: Candidates, consistency: Consistency) -> Iterator[Pinned]:
    """All consistent sets, the newest first; at least one.

    Raises:
        NoConsistentSetError: there is none.
    """
    groups = [found] if consistency.key is None else _by_key(found, consistency.key)
    nearest: Pinned | None = None
    fitted = False
    for group in groups:
        for pinned in _complete(group):
            if consistency.max_skew is None or skew(pinned) <= consistency.max_skew:
                fitted = True
                yield pinned
                if consistency.key is not None:
                    break  # the newest of a key stands for it, also when the key was used twice
            elif nearest is None or skew(pinned) < skew(nearest):
                nearest = pinned
    if not fitted:
        assert nearest is not None and consistency.max_skew is not None  # noqa: S101, PT018
        raise _too_far_apart(nearest, consistency.key, consistency.max_skew)


def _complete(found: Candidates) -> Iterator[Pinned]:
    """For each moment of a snapshot, newest first: the newest of each restore by then.

    For a fixed newest moment that set has the least skew, so the first that fits is the newest.
    """
    oldest_first = {name: list(reversed(snapshots)) for name, snapshots in found.items()}
    times = {name: [one.time for one in snapshots] for name, snapshots in oldest_first.items()}
    for moment in sorted({time for each in times.values() for time in each}, reverse=True):
        until = {name: bisect.bisect_right(each, moment) for name, each in times.items()}
        if not all(until.values()):
            return
        yield {name: oldest_first[name][index - 1] for name, index in until.items()}


def _by_key(found: Candidates, key: str) -> list[Candidates]:
    """The candidates of each value that all restores share, the newest value first.

    Raises:
        NoConsistentSetError: no value is shared by all.
    """
    keyed = {name: _group(snapshots, key) for name, snapshots in found.items()}
    shared = set.intersection(*(set(groups) for groups in keyed.values()))
    if not shared:
        raise _no_shared_key(keyed, key)
    groups = [{name: each[value] for name, each in keyed.items()} for value in shared]
    return sorted(groups, key=_newest, reverse=True)


def _group(snapshots: Sequence[Snapshot], key: str) -> dict[str, list[Snapshot]]:
    groups: dict[str, list[Snapshot]] = {}
    for one in snapshots:
        if (value := one.key(key)) is not None:
            groups.setdefault(value, []).append(one)
    return groups


def _newest(found: Candidates) -> float:
    return max(snapshots[0].time.timestamp() for snapshots in found.values())


def _no_shared_key(
    keyed: Mapping[str, Mapping[str, Sequence[Snapshot]]], key: str
) -> NoConsistentSetError:
    values = {value for groups in keyed.values() for value in groups}
    if not values:
        return NoConsistentSetError(
            f"no snapshot carries a tag {key}=...",
            hint=f"tag the backups of one moment with the same {key}=VALUE",
        )
    nearest = max(values, key=lambda value: (_members(keyed, value), value))
    missing = [name for name, groups in keyed.items() if nearest not in groups]
    return NoConsistentSetError(
        f"no value of the tag {key}= is shared by all restores; nearest is {key}={nearest},"
        f" which lacks {', '.join(missing)}",
        hint="the backups of one moment are not complete: look at the jobs that make them",
    )


def _members(keyed: Mapping[str, Mapping[str, Sequence[Snapshot]]], value: str) -> int:
    return sum(value in groups for groups in keyed.values())


def _too_far_apart(nearest: Pinned, key: str | None, most: timedelta) -> NoConsistentSetError:
    members = ", ".join(
        f"{name} {one.id[:8]} of {one.time.isoformat(timespec='seconds')}"
        for name, one in nearest.items()
    )
    sharing = f" with the same {key}=" if key else ""
    return NoConsistentSetError(
        f"no snapshots of all restores{sharing} were taken within {format_duration(most)};"
        f" nearest are {members}: {format_duration(skew(nearest))} apart",
        hint="take the backups closer together, or allow more under consistency.maxSkew",
    )
