"""What an answer is measured against beside the document: the snapshots, and a former answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from provisioner.models.session import SnapshotRecord, Trend


@dataclass(frozen=True)
class Former:
    """The same check's number in the last session that passed."""

    session: str
    value: float
    counts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Yardstick:
    """What one check's answer is measured against."""

    snapshots: Sequence[SnapshotRecord] = ()
    began: datetime | None = None
    """When the session began: nothing later can come from a backup."""
    former: Former | None = None

    @property
    def oldest(self) -> SnapshotRecord | None:
        """No check says which restore it reads: by the oldest no good backup is blamed."""
        return min(self.snapshots, key=lambda one: one.time, default=None)


def trend(value: float, former: Former) -> Trend:
    """A number beside the former one."""
    ratio = round(value / former.value, 4) if former.value else None
    return Trend(baseline=former.value, session=former.session, ratio=ratio)
