"""Whose fault a restore that failed is: the backup's, or that of a snapshot that has vanished."""

from types import SimpleNamespace
from typing import Any

import pytest
from restore_fakes import planned

from provisioner.errors import (
    BackupError,
    ProvisionerError,
    RepositoryError,
    SnapshotGoneError,
    UnclearError,
)
from provisioner.models.session import RestoreRecord
from provisioner.models.words import PhaseState
from provisioner.phases import restore

DAMAGED, UNCLEAR = BackupError("damaged"), UnclearError("404")
STOPPED = ""
"""The message of a restore that was stopped since another failed."""


class Repository:
    """Holds the snapshot, or not, or cannot say."""

    def __init__(self, answer: bool | Exception) -> None:
        self._answer = answer

    async def holds(self, _: str) -> bool:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


async def ended_by(
    monkeypatch: pytest.MonkeyPatch, error: ProvisionerError, there: Any, message: str = "damaged"
) -> type[ProvisionerError]:
    class Failing:
        def __init__(self, **_: object) -> None: ...

        async def run(self, _: object) -> None:
            raise error

    monkeypatch.setattr(restore, "Preseed", Failing)
    one = planned()
    record = RestoreRecord(
        name=one.restore.name, snapshot="a", claim="c", state=PhaseState.FAILED, message=message
    )
    observer = SimpleNamespace(restoring=None)
    recorder = SimpleNamespace(
        session=SimpleNamespace(restores=[record]), observer=observer, put_restore=None
    )
    context: Any = SimpleNamespace(cluster=None, sandbox="x", deadline=None, recorder=recorder)
    name = one.repository.name
    plan: Any = SimpleNamespace(
        release=SimpleNamespace(name="web"),
        credentials_of=lambda _: {name: {}},
        repositories={name: Repository(there)},
        restores=[one],
        streams=[],
        inplace=[],
        readings=[one],
    )
    with pytest.raises(ProvisionerError) as caught:
        await restore.restore(context, plan)
    return type(caught.value)


@pytest.mark.parametrize("error", [DAMAGED, UNCLEAR])
async def test_a_snapshot_that_vanished_blames_no_backup(
    monkeypatch: pytest.MonkeyPatch, error: ProvisionerError
) -> None:
    assert await ended_by(monkeypatch, error, there=False) is SnapshotGoneError


@pytest.mark.parametrize("error", [DAMAGED, UNCLEAR])
async def test_one_that_is_still_there_is_what_it_was(
    monkeypatch: pytest.MonkeyPatch, error: ProvisionerError
) -> None:
    assert await ended_by(monkeypatch, error, there=True) is type(error)


async def test_a_repository_that_cannot_be_asked_blames_no_backup(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = RepositoryError("away")
    assert await ended_by(monkeypatch, DAMAGED, there=away) is RepositoryError


async def test_another_snapshot_that_vanished_makes_no_damaged_one_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await ended_by(monkeypatch, DAMAGED, there=False, message=STOPPED) is BackupError
