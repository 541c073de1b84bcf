"""Which snapshots fit, and which belong together."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioner.errors import ConfigurationError, NoBackupError, NoConsistentSetError
from provisioner.models.verifier import Restore
from provisioner.repositories.selection import candidates, newest_of_each, newest_set
from provisioner.repositories.snapshot import Snapshot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(name: str, *tags: str, minutes: int = 0, host: str = "blog") -> Snapshot:
    time = NOON + timedelta(minutes=minutes)
    return Snapshot(id=name, time=time, host=host, paths=("/data",), tags=tags)


def restore(name: str = "database", **select: object) -> Restore:
    return Restore.model_validate(
        {"name": name, "from": "repo", "select": select, "into": {"claim": {"name": "data"}}}
    )


def test_newest_fitting_snapshot_comes_first() -> None:
    listed = [snapshot("old"), snapshot("new", minutes=5), snapshot("other", host="shop")]
    assert [one.id for one in candidates(restore(host="blog"), listed)] == ["new", "old"]


def test_all_tags_must_be_there() -> None:
    listed = [snapshot("one", "a"), snapshot("both", "a", "b")]
    assert [one.id for one in candidates(restore(tags=["a", "b"]), listed)] == ["both"]


def test_paths_must_be_there() -> None:
    with pytest.raises(ConfigurationError, match="paths /elsewhere"):
        candidates(restore(paths=["/elsewhere"]), [snapshot("one")])


def test_empty_repository_is_no_backup() -> None:
    with pytest.raises(NoBackupError, match="repository repo holds no snapshot at all"):
        candidates(restore(), [])


def test_no_match_names_what_is_there() -> None:
    with pytest.raises(ConfigurationError, match="fits the selector") as caught:
        candidates(restore(tags=["weekly"]), [snapshot("one", "nightly")])
    assert "nightly" in caught.value.hint
    assert "blog" in caught.value.hint


def test_newest_of_each_ignores_times_of_others() -> None:
    found = {"a": [snapshot("a2", minutes=9), snapshot("a1")], "b": [snapshot("b1")]}
    assert {name: one.id for name, one in newest_of_each(found).items()} == {"a": "a2", "b": "b1"}


def test_newest_complete_set_wins_over_newer_single_snapshots() -> None:
    found = {
        "a": [snapshot("a3", "session=3", minutes=30), snapshot("a2", "session=2", minutes=20)],
        "b": [snapshot("b2", "session=2", minutes=21), snapshot("b1", "session=1", minutes=10)],
    }
    assert {name: one.id for name, one in newest_set(found, "session").items()} == {
        "a": "a2",
        "b": "b2",
    }


def test_newest_snapshot_of_a_key_that_was_used_twice() -> None:
    found = {"a": [snapshot("again", "session=1", minutes=5), snapshot("first", "session=1")]}
    assert newest_set(found, "session")["a"].id == "again"


def test_no_set_names_the_nearest() -> None:
    found = {
        "a": [snapshot("a", "session=1")],
        "b": [snapshot("b", "session=1")],
        "c": [snapshot("c", "session=2")],
    }
    with pytest.raises(NoConsistentSetError, match="nearest is session=1, which lacks c"):
        newest_set(found, "session")


def test_no_key_at_all() -> None:
    with pytest.raises(NoConsistentSetError, match="no snapshot carries a tag session="):
        newest_set({"a": [snapshot("a", "sessions=1")]}, "session")
