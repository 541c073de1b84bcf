"""What is pinned, and what it means that there is nothing to pin."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.errors import ConfigurationError, NoBackupError
from provisioner.models.session import Session, Tools
from provisioner.models.verifier import VerifierSpec
from provisioner.phases import pinning
from provisioner.repositories.snapshot import Listing, Snapshot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def pin(
    monkeypatch: pytest.MonkeyPatch, ages: list[int], consistency: Any = None, **select: Any
) -> tuple[Session, list[str]]:
    """The session with its snapshots, of so many days each, and what was noted."""
    document = {
        "application": {"chart": {"path": "/chart"}, "releaseName": "blog"},
        "repositories": [{"name": "r", "restic": {"url": "/r", "secret": "s"}}],
        "restores": [
            {"name": "d", "from": "r", "select": select, "into": {"claim": {"name": "d"}}}
        ],
        "restoreOnly": True,
        "consistency": consistency,
    }
    found = [
        Snapshot(f"{age:x}".zfill(8), NOON - timedelta(days=age), "h", ("/d",), ()) for age in ages
    ]

    async def nothing(_: Any) -> dict[str, Any]:
        return {"r": {}}

    async def listed(*_: Any) -> dict[str, Listing]:
        return {"r": Listing(found)}

    monkeypatch.setattr(pinning, "_credentials", nothing)
    monkeypatch.setattr(pinning, "_list", listed)
    session = Session(
        id="a", verifier="blog", sandbox="verify-a", started_at=NOON, expires_at=NOON,
        tools=Tools(provisioner="0"),
    )  # fmt: skip
    notes: list[str] = []

    def update(**changes: Any) -> None:
        recorder.session = recorder.session.model_copy(update=changes)

    recorder = SimpleNamespace(
        session=session, update=update, observer=SimpleNamespace(note=notes.append)
    )
    context: Any = SimpleNamespace(
        recorder=recorder,
        verifier=SimpleNamespace(spec=VerifierSpec.model_validate(document)),
        seeds={"d": 7} if "random" in select else {},
        request=SimpleNamespace(restic="restic"),
    )
    await pinning.pin(context)
    return recorder.session, notes


RANDOM = {"within": "30d"}


async def test_a_snapshot_is_drawn_and_the_newest_of_all_tells_the_age(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, _ = await pin(monkeypatch, [2, 3, 90], {"maxAge": "3d"}, random=RANDOM)
    assert session.snapshots[0].age_seconds in (2 * 86400, 3 * 86400)
    assert (session.targets[0].met, session.targets[0].seen_seconds) == (True, 2 * 86400)


async def test_backups_that_have_stopped_for_long_are_still_the_backups_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(NoBackupError, match=r"is 744h old, and consistency.maxAge allows 26h"):
        await pin(monkeypatch, [31, 60], {"maxAge": "26h"}, random=RANDOM)


async def test_without_a_target_it_is_the_selector_that_fits_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ConfigurationError, match="within 720h"):
        await pin(monkeypatch, [31, 60], random=RANDOM)


async def test_what_is_from_the_future_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    session, notes = await pin(monkeypatch, [-90, 4], {"maxAge": "26h"})
    assert session.snapshots[0].age_seconds == 4 * 86400
    assert not session.targets[0].met
    assert ["still to come" in one for one in notes] == [True]
