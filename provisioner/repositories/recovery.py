"""How far back the newest backup would bring production. Pure, as ``selection`` is."""

from datetime import datetime, timedelta

from provisioner.models.base import format_duration
from provisioner.models.targets import RECOVERY_POINT, TargetRecord
from provisioner.models.verifier import Restore, VerifierSpec
from provisioner.repositories import sets
from provisioner.repositories.snapshot import Snapshot


def recovery_point(
    spec: VerifierSpec, found: sets.Candidates, now: datetime
) -> TargetRecord | None:
    """The age of the newest snapshots that belong together, by the oldest of them.

    It is about what there is, and not about what is verified: where any snapshot is drawn, the
    newest counts; with ``asOf`` its age was that at the moment. One that is named by its id tells
    nothing of the others, so None without any other, and without ``maxAge``.
    """
    most = spec.consistency.max_age if spec.consistency else None
    restores = [one for one in spec.restores if one.select.id is None]
    if most is None or not restores:
        return None
    newest = sets.choose(found, spec.consistency, {})
    # A clock that is a little ahead makes no backup younger than new.
    ages = {
        one.name: max(_moment(one, now) - newest[one.name].time, timedelta()) for one in restores
    }
    oldest = max(ages, key=lambda name: ages[name])
    age = ages[oldest]
    return TargetRecord(
        name=RECOVERY_POINT,
        limit_seconds=most.total_seconds(),
        seen_seconds=round(age.total_seconds()),
        met=age <= most,
        message=f"{_named(oldest, newest[oldest])} is {format_duration(age)} old,"
        f" and consistency.maxAge allows {format_duration(most)}",
    )


def _moment(restore: Restore, now: datetime) -> datetime:
    as_of = restore.select.as_of
    return min(as_of, now) if as_of else now


def _named(restore: str, snapshot: Snapshot) -> str:
    return f"the newest snapshot for restore {restore}, {snapshot.id[:8]},"
