"""How old the newest backup may be, whatever is verified."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioner.models.verifier import BackupVerifier, VerifierSpec
from provisioner.repositories.recovery import recovery_point
from provisioner.repositories.snapshot import Snapshot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(name: str, hours: float, *tags: str) -> Snapshot:
    time = NOON - timedelta(hours=hours)
    return Snapshot(id=name * 8, time=time, host="blog", paths=("/data",), tags=tags)


def spec(consistency: Any, **select: Any) -> VerifierSpec:
    """Two restores, ``a`` and ``b``; the selectors are theirs."""
    restores = [
        {"name": n, "from": n, "select": select.get(n, {}), "into": {"claim": {"name": n}}}
        for n in "ab"
    ]
    document = {
        "apiVersion": "verify.provisioner.dev/v1alpha1",
        "kind": "BackupVerifier",
        "metadata": {"name": "blog"},
        "spec": {
            "application": {"chart": {"path": "."}, "releaseName": "blog"},
            "repositories": [{"name": n, "restic": {"url": n, "secret": n}} for n in "ab"],
            "restores": restores,
            "restoreOnly": True,
            "consistency": consistency,
        },
    }
    return BackupVerifier.model_validate(document).spec


FOUND = {"a": [snapshot("1", 1), snapshot("2", 30)], "b": [snapshot("3", 20)]}
DAY = {"maxAge": "26h"}


def test_the_oldest_of_the_newest_counts() -> None:
    target = recovery_point(spec(DAY), FOUND, NOON)
    assert target is not None
    assert (target.met, target.seen_seconds, target.limit_seconds) == (True, 72000, 93600)
    assert target.message == (
        "the newest snapshot for restore b, 33333333, is 20h old, and consistency.maxAge allows 26h"
    )


@pytest.mark.parametrize(("most", "met"), [("20h", True), ("19h59m", False)])
def test_up_to_the_limit_it_is_met(most: str, met: bool) -> None:
    target = recovery_point(spec({"maxAge": most}), FOUND, NOON)
    assert target is not None
    assert target.met is met


def test_no_backup_is_younger_than_new() -> None:
    found = {"a": [snapshot("1", -0.1)], "b": [snapshot("3", -0.1)]}
    target = recovery_point(spec(DAY), found, NOON)
    assert target is not None
    assert (target.met, target.seen_seconds) == (True, 0)


def test_the_newest_consistent_set_counts_and_not_newer_snapshots_alone() -> None:
    found = {
        "a": [snapshot("1", 1, "session=9"), snapshot("2", 30, "session=8")],
        "b": [snapshot("3", 30, "session=8")],
    }
    target = recovery_point(spec({**DAY, "key": "session"}), found, NOON)
    assert target is not None
    assert (target.met, target.seen_seconds) == (False, 30 * 3600)


def test_a_snapshot_that_is_drawn_does_not_count_but_the_newest() -> None:
    target = recovery_point(spec(DAY, a={"random": {"within": "30d", "seed": 1}}), FOUND, NOON)
    assert target is not None
    assert target.seen_seconds == 20 * 3600


def test_as_of_then_it_is_the_age_at_that_time() -> None:
    then = {"asOf": (NOON - timedelta(hours=19)).isoformat()}
    found = {"a": [snapshot("2", 30)], "b": [snapshot("3", 20)]}
    target = recovery_point(spec(DAY, a=then, b=then), found, NOON)
    assert target is not None
    assert (target.met, target.seen_seconds) == (True, 11 * 3600)


def test_one_that_is_named_tells_nothing_of_the_others() -> None:
    assert recovery_point(spec(DAY, a={"id": "1111"}, b={"id": "3333"}), FOUND, NOON) is None
    target = recovery_point(spec(DAY, b={"id": "3333"}), FOUND, NOON)
    assert target is not None
    assert target.seen_seconds == 3600


@pytest.mark.parametrize("consistency", [None, {"maxSkew": "30h"}])
def test_without_a_limit_there_is_no_target(consistency: Any) -> None:
    assert recovery_point(spec(consistency), FOUND, NOON) is None
