"""Sessions as the pipeline would report them, without a pipeline."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from provisioner.models.attempts import AttemptRecord
from provisioner.models.session import (
    CheckRecord,
    Leftover,
    PhaseRecord,
    Report,
    RestoreRecord,
    Session,
    SnapshotRecord,
    Tools,
)
from provisioner.models.targets import TargetRecord
from provisioner.models.words import (
    Cause,
    CheckState,
    Cleanup,
    Evidence,
    Outcome,
    PhaseName,
    PhaseState,
)

BEGUN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MIB = 1024 * 1024

Use = Callable[[Any], None]
"""Puts a pipeline in the place of the real one."""


def snapshot(name: str = "database", **changes: Any) -> SnapshotRecord:
    values: dict[str, Any] = {
        "restore": name,
        "repository": name,
        "id": "1a2b3c4d" * 8,
        "time": BEGUN - timedelta(hours=3, minutes=12),
        "age_seconds": 3 * 3600 + 12 * 60 + 20,
        "tags": ["nightly", "session=20260101"],
    }
    return SnapshotRecord(**values | changes)


def restored(name: str = "database", **changes: Any) -> RestoreRecord:
    values: dict[str, Any] = {
        "name": name,
        "snapshot": "1a2b3c4d" * 8,
        "claim": f"data-{name}",
        "state": PhaseState.DONE,
        "files": 412,
        "bytes": 300 * MIB,
        "seconds": 12.0,
    }
    return RestoreRecord(**values | changes)


def target(*, met: bool) -> TargetRecord:
    return TargetRecord(
        name="recovery point",
        limit_seconds=26 * 3600,
        seen_seconds=30 * 3600,
        met=met,
        message="the newest snapshot for restore database, 1a2b3c4d, is 30h old, and"
        " consistency.maxAge allows 26h",
    )


def attempt(outcome: Outcome, cause: Cause | None, message: str, begun: float) -> AttemptRecord:
    """One of 30 s, so many seconds after the session's start."""
    at = BEGUN + timedelta(seconds=begun)
    return AttemptRecord(
        sandbox=f"verify-blog-{begun}",
        outcome=outcome,
        cause=cause,
        message=message,
        started_at=at,
        finished_at=at + timedelta(seconds=30),
    )


def check(name: str = "posts are there", **changes: Any) -> CheckRecord:
    values: dict[str, Any] = {
        "name": name,
        "kind": "sql",
        "state": CheckState.PASSED,
        "reads_data": True,
        "expected": "at least 300",
        "saw": "301",
        "seconds": 0.42,
    }
    return CheckRecord(**values | changes)


def phase(name: PhaseName, state: PhaseState = PhaseState.DONE, **changes: Any) -> PhaseRecord:
    seconds = None if state is PhaseState.RUNNING else 2.5
    values: dict[str, Any] = {
        "name": name,
        "state": state,
        "started_at": BEGUN,
        "seconds": seconds,
    }
    return PhaseRecord(**values | changes)


def leftover() -> Leftover:
    return Leftover(
        kind="PersistentVolume",
        name="pvc-0b6f2a51-7f38-4d0c-9c8a-2f6b1f7f9a10",
        reason="its finalizer is still there",
        command="kubectl delete persistentvolume pvc-0b6f2a51-7f38-4d0c-9c8a-2f6b1f7f9a10 "
        "--context demo --wait=false",
    )


def session(**changes: Any) -> Session:
    values: dict[str, Any] = {
        "id": "blog-x7k2p",
        "verifier": "blog",
        "sandbox": "verify-blog-x7k2p",
        "started_at": BEGUN,
        "expires_at": BEGUN + timedelta(hours=1),
        "tools": Tools(provisioner="0.1.0"),
    }
    return Session(**values | changes)


def report(**changes: Any) -> Report:
    values: dict[str, Any] = {
        **session().model_dump(exclude={"kind"}),
        "finished_at": BEGUN + timedelta(seconds=160),
        "verdict_at": BEGUN + timedelta(seconds=134),
        "outcome": Outcome.PASSED,
        "evidence": Evidence.PROVEN,
        "cleanup": Cleanup.CLEAN,
        "message": "the application came back: 2 checks passed",
        "phases": [phase(PhaseName.PLAN), phase(PhaseName.RESTORE, seconds=74.0)],
        "snapshots": [snapshot(), snapshot("uploads")],
        "restores": [restored(), restored("uploads", files=120)],
        "checks": [
            check(),
            check("front page", kind="http", expected="status 200", saw="status 200"),
        ],
    }
    return Report(**values | changes)


def pipeline_of(found: Report) -> Callable[..., Any]:
    """A pipeline that has that report at once."""

    async def run(_request: object, _store: object, _observer: object) -> Report:
        return found

    return run


def never(*_: object) -> None:
    raise AssertionError("the pipeline must not run")
