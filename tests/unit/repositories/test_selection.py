"""Which snapshots a restore may take."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from provisioner.errors import BackupError, ConfigurationError, NoBackupError, UnclearError
from provisioner.models.verifier import Restore
from provisioner.repositories import selection
from provisioner.repositories.snapshot import Listing, Snapshot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(name: str, *tags: str, minutes: int = 0, host: str = "blog") -> Snapshot:
    time = NOON + timedelta(minutes=minutes)
    return Snapshot(id=name, time=time, host=host, paths=("/data",), tags=tags)


def restore(name: str = "database", **select: object) -> Restore:
    return Restore.model_validate(
        {"name": name, "from": "repo", "select": select, "into": {"claim": {"name": "data"}}}
    )


def candidates(one: Restore, listed: list[Snapshot], at: datetime) -> list[Snapshot]:
    return selection.candidates(one, Listing(listed), at)


def test_newest_fitting_snapshot_comes_first() -> None:
    listed = [snapshot("old"), snapshot("new", minutes=5), snapshot("other", host="shop")]
    assert [one.id for one in candidates(restore(host="blog"), listed, NOON)] == ["new", "old"]


def test_all_tags_must_be_there() -> None:
    listed = [snapshot("one", "a"), snapshot("both", "a", "b")]
    assert [one.id for one in candidates(restore(tags=["a", "b"]), listed, NOON)] == ["both"]


def test_paths_must_be_there() -> None:
    with pytest.raises(ConfigurationError, match="paths /elsewhere"):
        candidates(restore(paths=["/elsewhere"]), [snapshot("one")], NOON)


def test_empty_repository_is_no_backup() -> None:
    with pytest.raises(NoBackupError, match="repository repo holds no snapshot at all"):
        candidates(restore(), [], NOON)


def test_no_match_names_what_is_there() -> None:
    with pytest.raises(ConfigurationError, match="fits the selector") as caught:
        candidates(restore(tags=["weekly"]), [snapshot("one", "nightly")], NOON)
    assert "nightly" in caught.value.hint
    assert "blog" in caught.value.hint


def ids(listed: list[Snapshot], **select: object) -> list[str]:
    return [one.id for one in candidates(restore(**select), listed, NOON)]


def test_by_full_id_and_by_the_beginning_of_one() -> None:
    listed = [snapshot("1a2b3c"), snapshot("1a2bff"), snapshot("9999")]
    assert ids(listed, id="1a2b3c") == ["1a2b3c"]
    assert ids(listed, id="1a2bf") == ["1a2bff"]


def test_an_id_that_several_snapshots_share_is_refused_with_them() -> None:
    with pytest.raises(ConfigurationError, match=r"2 snapshots .* begins with 1a2b") as caught:
        ids([snapshot("1a2b3c"), snapshot("1a2bff")], id="1a2b")
    assert caught.value.hint == "write more of it: 1a2b3c, 1a2bff"


def test_an_id_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match=r"fits the selector \(id beef\); it holds 1"):
        ids([snapshot("1a2b3c")], id="beef")


def test_as_of_is_the_newest_at_or_before() -> None:
    listed = [snapshot("later", minutes=1), snapshot("then"), snapshot("before", minutes=-1)]
    assert ids(listed, asOf="2026-03-01T12:00:00Z") == ["then", "before"]
    assert ids(listed, asOf="2026-03-01T13:00:59+01:00") == ["then", "before"]


def test_nothing_as_of_then_says_when_there_is_something() -> None:
    with pytest.raises(ConfigurationError, match=r"as of 2025-01-01T00:00:00\+00:00") as caught:
        ids([snapshot("one"), snapshot("two", minutes=1)], asOf="2025-01-01T00:00:00Z")
    assert "from 2026-03-01T12:00:00+00:00 to 2026-03-01T12:01:00+00:00" in caught.value.hint


def test_random_counts_only_what_is_young_enough() -> None:
    listed = [snapshot("old", minutes=-61), snapshot("edge", minutes=-60), snapshot("new")]
    assert ids(listed, random={"within": "1h"}) == ["new", "edge"]
    with pytest.raises(ConfigurationError, match="within 1h"):
        ids([snapshot("old", minutes=-61)], random={"within": "1h"})


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ({"id": "1a2b", "tags": ["a"]}, "id together with tags"),
        ({"id": "1a2b", "host": "a", "paths": ["/"]}, "id together with host, paths"),
        ({"id": "1a2b", "asOf": "2026-03-01T12:00:00Z"}, "id together with asOf"),
        ({"id": "1a2"}, "String should match pattern"),
        ({"id": "latest"}, "String should match pattern"),
        (
            {"asOf": "2026-03-01T12:00:00Z", "random": {"within": "1d"}},
            "asOf together with random",
        ),
        ({"asOf": "2026-03-01T12:00:00"}, "is no moment such as"),
        ({"asOf": "2026-02-30T12:00:00Z"}, "is no moment: day is out of range"),
        ({"random": {}}, "within"),
        ({"random": {"within": "1d", "seed": -1}}, "greater than or equal to 0"),
    ],
)
def test_selectors_that_cannot_be_meant(select: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        restore(**select)


UNREAD = {"1a2b" * 16: "invalid data returned"}


@pytest.mark.parametrize("select", [{}, {"tags": ["a"]}, {"random": {"within": "1d"}}])
def test_a_snapshot_that_cannot_be_read_may_be_the_one_that_is_wanted(select: Any) -> None:
    listing = Listing([snapshot("older", "a")], UNREAD)
    with pytest.raises(UnclearError) as caught:
        selection.candidates(restore(**select), listing, NOON)
    assert caught.value.message == (
        "snapshot 1a2b1a2b of repository repo cannot be read: invalid data returned;"
        " it may be the one that restore database wants"
    )


def test_a_snapshot_that_is_named_and_cannot_be_read_is_a_bad_backup() -> None:
    listing = Listing([snapshot("ffff")], UNREAD)
    with pytest.raises(BackupError, match="snapshot 1a2b1a2b of repository repo cannot be read"):
        selection.candidates(restore(id="1a2b"), listing, NOON)


def test_a_damaged_snapshot_is_nothing_to_one_that_is_named() -> None:
    listing = Listing([snapshot("ffff")], UNREAD)
    assert [one.id for one in selection.candidates(restore(id="ffff"), listing, NOON)] == ["ffff"]


def test_a_repository_of_nothing_but_damaged_snapshots_is_a_bad_backup() -> None:
    unread = {**UNREAD, "2a2b" * 16: "invalid data returned"}
    with pytest.raises(BackupError, match="snapshot 1a2b1a2b and 1 more of repository repo"):
        selection.candidates(restore(), Listing([], unread), NOON)


def test_a_snapshot_from_the_future_is_not_the_newest() -> None:
    ahead = snapshot("ahead", minutes=60 * 24 * 90)
    listed = [ahead, snapshot("last"), snapshot("a little ahead", minutes=9)]
    assert ids(listed) == ["a little ahead", "last"]
    assert ids(listed, random={"within": "1d"}) == ["a little ahead", "last"]
    assert ids(listed, asOf="2099-01-01T00:00:00Z") == ["a little ahead", "last"]
    assert selection.from_the_future(restore(), Listing(listed), NOON) == [ahead]
    assert "ahead of 2026-05-30T12" in selection.told_ahead(restore(), [ahead])


def test_one_from_the_future_can_be_named_and_is_unclear_when_it_is_all_there_is() -> None:
    listed = [snapshot("abcd", minutes=11), snapshot("other", host="shop")]
    assert ids(listed, id="abcd") == ["abcd"]
    with pytest.raises(UnclearError, match="still to come: snapshot abcd"):
        ids(listed, host="blog")


def test_what_is_too_old_to_be_drawn_still_tells_how_old_the_newest_is() -> None:
    drawn, listed = restore(random={"within": "30d"}), [snapshot("old", minutes=-31 * 24 * 60)]
    assert selection.fitting(drawn, Listing(listed), NOON) == listed
    with pytest.raises(ConfigurationError, match="within 720h"):
        selection.drawable(drawn, listed, NOON)
