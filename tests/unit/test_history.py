"""Which former session measures a check, and which are forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

from provisioner import history
from provisioner.models.session import CheckRecord, ClusterRecord, Session, SnapshotRecord, Tools
from provisioner.models.words import CheckState, Cleanup, Outcome

BEGUN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def posts(value: float | None = 300, **more: Any) -> CheckRecord:
    given = {"name": "posts", "kind": "sql", "state": CheckState.PASSED, "fingerprint": "f"}
    return CheckRecord(**{**given, "reads_data": True, "value": value, **more})


def session(number: int, *checks: CheckRecord, **more: Any) -> Session:
    begun = BEGUN + timedelta(days=number)
    given = {
        "id": f"blog-{number}",
        "verifier": "blog",
        "source_namespace": "shop",
        "sandbox": "verify-x",
        "started_at": begun,
        "finished_at": begun,
        "expires_at": begun,
        "outcome": Outcome.PASSED,
        "cleanup": Cleanup.CLEAN,
        "checks": list(checks),
        "tools": Tools(provisioner="0"),
    }
    return Session(**{**given, **more})


def measured_by(*sessions: Session, name: str = "posts") -> str | None:
    found = history.baseline(name, "f", sessions)
    return found[0].id if found else None


def test_the_last_session_that_passed_measures() -> None:
    assert measured_by(session(3, posts(280)), session(2, posts())) == "blog-3"
    assert measured_by() is None


def test_a_session_that_did_not_pass_measures_nothing() -> None:
    for outcome in (Outcome.FAILED, Outcome.ERRORED, Outcome.INCONCLUSIVE, None):
        failed = session(3, posts(5), outcome=outcome)
        assert measured_by(failed, session(2, posts())) == "blog-2"


def test_only_the_same_check_that_passed_with_a_number_measures() -> None:
    others = [posts(fingerprint="g"), posts(name="users"), posts(None),
              posts(state=CheckState.FAILED)]  # fmt: skip
    for other in others:
        assert measured_by(session(3, other), session(2, posts())) == "blog-2"


def test_other_verifiers_and_namespaces_are_others() -> None:
    own = session(1)
    others = [session(2, verifier="web"), session(3, source_namespace="test"), own]
    assert history.former(own, [*others, session(0)]) == [session(0)]


def test_the_same_verifier_in_another_cluster_is_another() -> None:
    own, staging = ({"cluster": ClusterRecord(server=f"https://{name}")} for name in "ab")
    now = session(2, **own)
    assert history.former(now, [session(1, **staging), session(0, **own)]) == [session(0, **own)]


def taken(**days: int) -> dict[str, Any]:
    """The snapshots of a session, by their restores' names."""
    return {
        "snapshots": [
            SnapshotRecord(
                restore=name, repository="r", id="0", age_seconds=0,
                time=BEGUN + timedelta(days=day),
            )
            for name, day in days.items()
        ]
    }  # fmt: skip


def test_the_newest_backup_is_not_measured_by_an_old_one_that_was_verified_since() -> None:
    drawn = session(5, posts(100), **taken(data=1))
    assert measured_by(drawn, session(4, posts(300), **taken(data=3))) == "blog-4"


def test_an_old_backup_is_not_measured_by_a_newer_one() -> None:
    now = session(9, **taken(data=2, files=2))
    newer = [session(5, **taken(data=3)), session(4, **taken(data=1, files=3))]
    older = [session(3, **taken(data=2, files=1)), session(2, **taken(other=8))]
    assert history.of_no_newer(now, [*newer, *older]) == older


def test_a_session_that_put_no_check_forgets_no_baseline() -> None:
    rare = session(2, posts(None), posts(name="users"))
    broken = session(5, outcome=Outcome.ERRORED)
    assert outdated(session(4, posts()), session(3, posts()), rare, newest=broken, limit=1) == [
        "blog-3"
    ]


def test_an_old_backup_that_was_verified_forgets_no_baseline_of_newer_ones() -> None:
    drawn = session(5, posts(100), **taken(data=1))
    former = [session(n, posts(), **taken(data=n)) for n in (4, 3)]
    assert outdated(*former, newest=drawn, limit=1) == ["blog-3"]


def outdated(*former: Session, newest: Session, limit: int = 2) -> list[str]:
    return history.outdated(newest, [newest, *former], limit)


def test_sessions_beyond_the_limit_are_outdated() -> None:
    former = [session(n, posts()) for n in (4, 3, 2, 1)]
    assert outdated(*former, newest=session(5, posts())) == ["blog-3", "blog-2", "blog-1"]
    assert outdated(*former, newest=session(5, posts()), limit=5) == []
    assert outdated(session(4, verifier="web"), newest=session(5), limit=1) == []


def test_what_measures_is_never_outdated() -> None:
    failed = [session(n, posts(3, state=CheckState.FAILED), outcome=Outcome.FAILED)
              for n in (5, 4, 3)]  # fmt: skip
    former = [*failed[1:], session(2, posts()), session(1, posts())]
    assert outdated(*former, newest=failed[0], limit=1) == ["blog-4", "blog-3", "blog-1"]


def test_each_check_keeps_its_own_baseline() -> None:
    rare = posts(name="users")
    now = session(5, posts(), posts(None, name="users"))
    former = [session(4, posts()), session(3, rare), session(2, rare)]
    assert outdated(*former, newest=now, limit=1) == ["blog-4", "blog-2"]


def test_the_last_that_passed_stays_without_numbers_too() -> None:
    newest = session(5, outcome=Outcome.ERRORED)
    assert outdated(session(4), session(3), newest=newest, limit=1) == ["blog-3"]


def test_what_has_not_ended_or_left_something_is_not_forgotten() -> None:
    running = session(3, finished_at=None, outcome=None, cleanup=Cleanup.KEPT)
    leaked = session(2, cleanup=Cleanup.LEAKED)
    assert outdated(running, leaked, session(1), newest=session(4), limit=1) == ["blog-1"]
