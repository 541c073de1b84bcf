"""The corpus' table, and what its figures are made of."""

import re
from pathlib import Path

import pytest

from provisioner.models.words import Cause, Outcome
from tests.sabotage.apps import APPS
from tests.sabotage.case import PASSED, Case
from tests.sabotage.damage import cut, flip, overwrite, put, zero
from tests.sabotage.judge import EXAMPLE, STANDARD, Judged, Seen, by_verdict
from tests.sabotage.report import Count, results
from tests.sabotage.table import CASES

LEAST_BAD, LEAST_GOOD = 40, 20


def test_there_are_enough_of_each() -> None:
    good = [one for one in CASES if one.good]
    assert len(good) >= LEAST_GOOD
    assert len(CASES) - len(good) >= LEAST_BAD


def test_names_are_unique_and_can_be_folders_and_namespaces() -> None:
    names = [one.name for one in CASES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{3,40}", name) for name in names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_is_documented_and_expects_what_there_is(case: Case) -> None:
    assert re.fullmatch(r"[A-Z].{20,}\.", case.story)
    assert case.app in APPS
    for expected in case.expected:
        outcome, _, cause = expected.partition("/")
        assert outcome in set(Outcome)
        assert (cause in set(Cause)) == (outcome != PASSED)
    assert not (case.good and case.unseen)


def test_each_application_has_a_good_session_to_look_back_at() -> None:
    assert {one.app for one in CASES if one.keeps_history} == set(APPS)


def case(name: str, *expected: str, unseen: str = "") -> Case:
    return Case(name, "blog", "It broke.", lambda scene: None, expected, unseen)


BAD, GOOD = case("bad", "Failed/Check"), case("good", PASSED)


def judged(one: Case, standard: str, example: str) -> Judged:
    return Judged(one, {STANDARD: Seen(standard, "so"), EXAMPLE: Seen(example, "so", ("rows",))})


def test_last_line_counts_what_was_found_and_who_was_blamed() -> None:
    every = [judged(BAD, PASSED, "Failed/Check"), judged(GOOD, "Failed/Check", PASSED)]
    count = Count(every)
    assert count.line == "sabotage: standard=0/1 example=1/1 false_alarms=1/2"
    assert not count.reached
    assert Count([judged(BAD, "Failed/Check", "Failed/Check")]).reached


def test_not_passed_for_another_reason_is_not_found() -> None:
    """A cluster without room says nothing of the backup."""
    count = Count([judged(BAD, "Errored/Capacity", "Errored/Capacity")])
    assert (count.found(STANDARD), count.found(EXAMPLE)) == (0, 0)


def test_what_could_not_be_verified_is_neither_found_nor_right() -> None:
    count = Count([Judged(BAD, {}, problem="no disk"), Judged(GOOD, {}, problem="no disk")])
    assert count.line == "sabotage: standard=0/1 example=0/1 false_alarms=2/2"


def test_no_snapshots_chosen_is_no_pass_of_a_bad_one() -> None:
    assert not by_verdict(BAD, None).right(STANDARD)


def test_results_say_who_found_it_and_why_nobody_could() -> None:
    unseen = case("letters", "Failed/Check", unseen="a letter is a letter")
    text = results([judged(unseen, PASSED, "Failed/Check")])
    row = "| letters | It broke. | Failed/Check | **Passed** | Failed/Check | rows |"
    assert row in text
    assert "- **letters**: a letter is a letter." in text


def test_damage_is_where_it_is_said_to_be(tmp_path: Path) -> None:
    file = put(tmp_path, "a/b", b"0123456789")
    flip(file, 1)
    zero(file, 2, 2)
    overwrite(file, 8, b"xy")
    assert file.read_bytes() == b"00\0\x004567xy"
    cut(file, unit=4)
    assert file.read_bytes() == b"00\0\0"
    with pytest.raises(AssertionError):
        overwrite(file, 3, b"beyond")
