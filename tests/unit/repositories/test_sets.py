"""Which snapshots belong together."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioner.errors import NoConsistentSetError
from provisioner.models.verifier import Consistency
from provisioner.repositories.sets import Candidates, choose, skew
from provisioner.repositories.snapshot import Snapshot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(name: str, *tags: str, minutes: float = 0) -> Snapshot:
    time = NOON + timedelta(minutes=minutes)
    return Snapshot(id=name, time=time, host="blog", paths=("/data",), tags=tags)


def chosen(found: Candidates, consistency: Consistency | None, **seeds: int) -> list[str]:
    return [one.id for one in choose(found, consistency, seeds).values()]


def key(name: str = "session", **more: object) -> Consistency:
    return Consistency.model_validate({"key": name, **more})


def window(most: str) -> Consistency:
    return Consistency.model_validate({"maxSkew": most})


def test_without_consistency_times_of_others_do_not_matter() -> None:
    found = {"a": [snapshot("a2", minutes=9), snapshot("a1")], "b": [snapshot("b1")]}
    assert chosen(found, None) == ["a2", "b1"]


def test_newest_complete_key_wins_over_newer_single_snapshots() -> None:
    found = {
        "a": [snapshot("a3", "session=3", minutes=30), snapshot("a2", "session=2", minutes=20)],
        "b": [snapshot("b2", "session=2", minutes=21), snapshot("b1", "session=1", minutes=10)],
    }
    assert chosen(found, key()) == ["a2", "b2"]


def test_newest_snapshot_of_a_key_that_was_used_twice() -> None:
    found = {"a": [snapshot("again", "session=1", minutes=5), snapshot("first", "session=1")]}
    assert chosen(found, key()) == ["again"]


def test_no_shared_key_names_the_nearest() -> None:
    found = {
        "a": [snapshot("a", "session=1")],
        "b": [snapshot("b", "session=1")],
        "c": [snapshot("c", "session=2")],
    }
    with pytest.raises(NoConsistentSetError, match="nearest is session=1, which lacks c"):
        chosen(found, key())


def test_no_key_at_all() -> None:
    with pytest.raises(NoConsistentSetError, match="no snapshot carries a tag session="):
        chosen({"a": [snapshot("a", "sessions=1")]}, key())


NIGHTS = {
    "a": [snapshot("a2", minutes=100), snapshot("a1", minutes=10), snapshot("a0", minutes=1)],
    "b": [snapshot("b1", minutes=60), snapshot("b0")],
}


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        ("40m", ["a2", "b1"]),
        ("39m", ["a1", "b0"]),
        ("10m", ["a1", "b0"]),
        ("9m", ["a0", "b0"]),
        ("1m", ["a0", "b0"]),
    ],
)
def test_newest_set_within_the_window(most: str, expected: list[str]) -> None:
    assert chosen(NIGHTS, window(most)) == expected


def test_a_newer_snapshot_gives_way_when_the_others_are_older() -> None:
    found = {
        "a": [snapshot("late", minutes=90), snapshot("early")],
        "b": [snapshot("only", minutes=1)],
    }
    assert chosen(found, window("5m")) == ["early", "only"]


def test_snapshots_of_one_moment() -> None:
    found = {"a": [snapshot("a")], "b": [snapshot("b")], "c": [snapshot("c")]}
    assert chosen(found, window("0s")) == ["a", "b", "c"]


def test_no_set_within_the_window_names_the_nearest() -> None:
    with pytest.raises(NoConsistentSetError) as caught:
        chosen(NIGHTS, window("30s"))
    assert caught.value.message == (
        "no snapshots of all restores were taken within 30s; nearest are"
        " a a0 of 2026-03-01T12:01:00+00:00, b b0 of 2026-03-01T12:00:00+00:00: 1m apart"
    )


KEYED = {
    "a": [snapshot("a2", "s=2", minutes=60), snapshot("a1", "s=1", minutes=2)],
    "b": [snapshot("b2", "s=2", minutes=20), snapshot("b1", "s=1")],
}


def test_key_and_window_must_both_hold() -> None:
    assert chosen(KEYED, key("s")) == ["a2", "b2"]
    assert chosen(KEYED, key("s", maxSkew="40m")) == ["a2", "b2"]
    assert chosen(KEYED, key("s", maxSkew="39m")) == ["a1", "b1"]


def test_key_whose_sets_are_all_too_wide() -> None:
    with pytest.raises(NoConsistentSetError) as caught:
        chosen(KEYED, key("s", maxSkew="1m"))
    assert "with the same s= were taken within 1m; nearest are a a1" in caught.value.message
    assert caught.value.message.endswith("2m apart")


def test_a_key_that_was_used_twice_may_fit_with_its_older_snapshot() -> None:
    found = {
        "a": [snapshot("again", "s=1", minutes=90), snapshot("first", "s=1")],
        "b": [snapshot("b", "s=1", minutes=1)],
    }
    assert chosen(found, key("s", maxSkew="5m")) == ["first", "b"]


MANY = {"a": [snapshot(f"a{number}", minutes=-number) for number in range(50)]}


def test_a_seed_finds_the_same_snapshot_and_seeds_differ() -> None:
    drawn = [chosen(MANY, None, a=seed)[0] for seed in range(20)]
    assert drawn == [chosen(MANY, None, a=seed)[0] for seed in range(20)]
    assert len(set(drawn)) > 10


def test_a_seed_finds_the_same_snapshot_when_others_are_pruned() -> None:
    one = chosen(MANY, None, a=7)[0]
    left = [
        snapshot for number, snapshot in enumerate(MANY["a"]) if number % 2 or snapshot.id == one
    ]
    assert chosen({"a": left}, None, a=7) == [one]


def test_only_the_restore_that_wants_it_is_random() -> None:
    found = {"a": MANY["a"], "b": [snapshot("b1"), snapshot("b0", minutes=-1)]}
    assert all(chosen(found, None, a=seed)[1] == "b1" for seed in range(10))


def test_random_draws_whole_sets() -> None:
    found = {
        "a": [snapshot(f"a{n}", f"s={n}", minutes=-n) for n in range(30)],
        "b": [snapshot(f"b{n}", f"s={n}", minutes=-n) for n in range(0, 30, 2)],
    }
    for seed in range(10):
        one, other = chosen(found, key("s"), a=seed)
        assert one[1:] == other[1:]
    assert len({chosen(found, key("s"), a=seed)[0] for seed in range(20)}) > 5
    assert chosen(found, key("s"), a=3) == chosen(found, key("s"), a=3)


def test_skew_is_from_oldest_to_newest() -> None:
    pinned = {"a": snapshot("a"), "b": snapshot("b", minutes=-2), "c": snapshot("c", minutes=1)}
    assert skew(pinned) == timedelta(minutes=3)


def test_an_age_alone_joins_nothing() -> None:
    found = {name: [snapshot(f"{name}{n}", minutes=n) for n in range(9)] for name in "ab"}
    age = Consistency.model_validate({"maxAge": "1h"})
    assert chosen(found, age, a=1, b=2) == chosen(found, None, a=1, b=2)
