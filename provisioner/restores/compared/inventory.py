"""Whether what lies on the volume is what the snapshot's own listing says. Pure.

Counts and bytes are compared of all entries, by kind, owner, group and mode; names, with the
size of each, of a sample.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.models.compared import ComparedRecord
from provisioner.repositories.tally import (
    FILE,
    FOLDER,
    OTHER,
    SYMLINK,
    Amount,
    Entry,
    Look,
    Tally,
)

_FILE_BITS, _FOLDER_BITS = 0o660, 0o2770
"""What the kubelet adds when it gives a volume to a pod's fsGroup (pkg/volume/volume_linux.go)."""

_GROUPS = (((FILE,), FILE), ((FOLDER,), FOLDER), ((SYMLINK, OTHER), "link"))


@dataclass(frozen=True)
class Inventory:
    """Both sides. ``group`` is the fsGroup that another pod's mount may have given the volume."""

    listed: Tally
    there: Tally
    group: int | None = None

    def record(self) -> ComparedRecord:
        """What was compared, for the report."""
        looks = [look for look in self.there.looks if look.kind != SYMLINK]
        names = self._names(self.listed)
        return ComparedRecord(
            files=self.there.of(FILE).entries,
            bytes=self.there.of(FILE).bytes,
            others=self.there.of(FOLDER, SYMLINK, OTHER).entries,
            owners=len({(look.uid, look.gid) for look in self.there.looks}),
            modes=len({look.mode for look in looks}),
            names=len(names),
            seed=self.listed.sample.seed,
        )

    def differences(self) -> list[str]:
        """What is different, a line each, the most telling first; empty when nothing is."""
        looks = list(self._by_looks())
        names = list(self._by_names())
        amounts = list(self._by_amounts())
        # Owners and modes tell something of their own only where as many came back.
        return amounts + (names if amounts else looks + names)

    def _by_amounts(self) -> Iterator[str]:
        for kinds, noun in _GROUPS:
            listed, there = self.listed.of(*kinds), self.there.of(*kinds)
            if listed != there:
                yield f"{_told(there, noun)} instead of {_told(listed, noun)}"

    def _by_looks(self) -> Iterator[str]:
        """Owners, groups and modes."""
        listed, there = self.listed.seen_as(self._plain), self.there.seen_as(self._plain)
        none = Amount(0, 0)
        found = [
            (was >= now, look, was, now)  # what should not be there says most, and comes first
            for look in listed.keys() | there.keys()
            if (was := listed.get(look, none)) != (now := there.get(look, none))
        ]
        for _, look, was, now in sorted(found):
            yield f"{_described(look)}: {_told(now, look.kind)}, not {_told(was, look.kind)}"

    def _by_names(self) -> Iterator[str]:
        listed, there = self._names(self.listed), self._names(self.there)
        for path in sorted(listed.keys() | there.keys()):
            was, now = listed.get(path), there.get(path)
            if was is None or now is None:
                yield f"{path}: {'is missing' if now is None else 'is not in the snapshot'}"
            elif faults := ", ".join(self._faults(was, now)):
                yield f"{path}: {faults}"

    def _names(self, tally: Tally) -> Mapping[str, Entry]:
        """What both sides have drawn from: each halves by itself what it holds too much of."""
        return tally.sample.until(min(self.listed.sample.below, self.there.sample.below))

    def _faults(self, was: Entry, now: Entry) -> Iterator[str]:
        old, new = self._plain(was.look), self._plain(now.look)
        if old.kind != new.kind:
            yield f"is a {new.kind}, not a {old.kind}"
            return
        if was.size != now.size:
            yield f"has {now.size} bytes, not {was.size}"
        if (old.uid, old.gid) != (new.uid, new.gid):
            yield f"belongs to {new.uid}:{new.gid}, not {old.uid}:{old.gid}"
        if old.mode != new.mode:
            yield f"has mode {new.mode:04o}, not {old.mode:04o}"

    def _plain(self, look: Look) -> Look:
        """What can be told for sure: as if the kubelet had given both sides to the group."""
        if self.group is None:
            return look
        bits = {FILE: _FILE_BITS, FOLDER: _FOLDER_BITS}.get(look.kind, 0)
        return look._replace(gid=self.group, mode=look.mode | bits)


def _described(look: Look) -> str:
    owner = f"{look.kind}s of {look.uid}:{look.gid}"
    return owner if look.kind == SYMLINK else f"{owner} with mode {look.mode:04o}"


def _told(amount: Amount, noun: str) -> str:
    size = f" of {amount.bytes} bytes" if noun == FILE else ""
    return f"{amount.entries} {noun}{'' if amount.entries == 1 else 's'}{size}"
