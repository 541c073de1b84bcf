"""Each rule of ``expect``, with an answer that fits and one that does not."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioner.checks.answer import NOTHING
from provisioner.checks.expect import FIRST, HOLLOW, ZERO, judge
from provisioner.checks.yardstick import Former, Yardstick
from provisioner.errors import CheckUnableError
from provisioner.models.expect import Baseline, Expect
from provisioner.models.session import SnapshotRecord


@pytest.mark.parametrize(
    ("expect", "answer", "passed"),
    [
        (Expect(), "anything", True),
        (Expect(equals="blog"), "blog\n", True),
        (Expect(equals="blog"), "Blog", False),
        (Expect(equals="5"), "5.0", False),
        (Expect(equals=5), "5.0", True),
        (Expect(equals=5), "6", False),
        (Expect(equals=5), "five", False),
        (Expect(min=300), "300", True),
        (Expect(min=300), "299", False),
        (Expect(min=1), "12345678901234567890", True),
        (Expect(min=1), "many", False),
        (Expect(min=1), "NaN", False),
        (Expect(min=1), "1_000", False),
        (Expect(max=10), "10", True),
        (Expect(max=10), "10.01", False),
        (Expect(min=1, max=10), "1e1", True),
        (Expect(matches="^v[0-9]"), "v10", True),
        (Expect(matches="^v[0-9]"), "10", False),
        (Expect(min=1, matches="0$"), "20", True),
        (Expect(min=1, matches="0$"), "21", False),
    ],
)
def test_an_answer_is_judged_by_every_rule(expect: Expect, answer: str, passed: bool) -> None:
    assert judge(expect, answer).passed is passed


@pytest.mark.parametrize(
    "expect", [Expect(), Expect(equals=""), Expect(max=5), Expect(matches="^$"), Expect(equals=0)]
)
@pytest.mark.parametrize("answer", ["", "  \n"])
def test_an_empty_answer_never_fits(expect: Expect, answer: str) -> None:
    judged = judge(expect, answer)
    assert not judged.passed
    assert judged.saw == NOTHING


def test_expected_and_saw_are_short_lines_for_a_person() -> None:
    judged = judge(Expect(min=1, max=2.5, matches="x"), "a\n" * 500)
    assert judged.expected == "at least 1 and at most 2.5 and matches /x/"
    assert "\n" not in judged.saw
    assert len(judged.saw) <= 200
    assert judged.message == "it is no number; the pattern is not found"


def test_a_pattern_that_is_none_is_the_checks_fault() -> None:
    with pytest.raises(CheckUnableError, match="no regular expression"):
        judge(Expect(matches="("), "x")


@pytest.mark.parametrize(
    ("expect", "answer", "hollow"),
    [
        (Expect(equals=0), "0", True),
        (Expect(equals="0"), "0", True),
        (Expect(max=10), "4", True),
        (Expect(min=0), "4", True),
        (Expect(matches=r"^\d+$"), "4", True),
        (Expect(min=1, max=10), "4", False),
        (Expect(equals=4), "4", False),
        (Expect(matches="o"), "some", False),
        # Something else has judged.
        (Expect(), "0", False),
    ],
)
def test_a_pass_that_0_would_get_as_well_measures_nothing(
    expect: Expect, answer: str, hollow: bool
) -> None:
    judged = judge(expect, answer)
    assert (judged.passed, judged.unmeasured) == (True, hollow)
    assert (judged.message == HOLLOW) is hollow
    assert not judge(Expect(max=10), "11").unmeasured


def test_a_word_is_no_count_of_what_is_not_there() -> None:
    assert not judge(Expect(matches="[0-9o]"), "order 10").unmeasured


def baseline(drop: float | None = 0.1, growth: float | None = 0.5, **more: float) -> Expect:
    return Expect(baseline=Baseline(max_drop=drop, max_growth=growth), **more)


def after(value: float) -> Yardstick:
    return Yardstick(former=Former("blog-abc12", value))


@pytest.mark.parametrize(
    ("answer", "passed"),
    [("100", True), ("90", True), ("89", False), ("150", True), ("151", False), ("many", False)],
)
def test_a_number_is_measured_by_the_baseline(answer: str, passed: bool) -> None:
    judged = judge(baseline(), answer, after(100))
    assert judged.passed is passed
    assert not judged.unmeasured
    assert judged.expected == "at most 10% less and 50% more than 100, seen by blog-abc12"


def test_nothing_may_be_missing() -> None:
    judged = judge(baseline(drop=0, growth=None), "99", after(100))
    assert (judged.passed, judged.expected) == (False, "not less than 100, seen by blog-abc12")


def test_a_drop_is_told_with_its_session() -> None:
    judged = judge(baseline(), "60", after(100))
    assert judged.message == "it is 40% less than in session blog-abc12"
    assert judged.trend is not None
    assert (judged.trend.baseline, judged.trend.session, judged.trend.ratio) == (
        100, "blog-abc12", 0.6,
    )  # fmt: skip


def test_each_limit_of_a_baseline_counts_alone() -> None:
    assert judge(baseline(growth=None), "900", after(100)).passed
    growth = judge(baseline(drop=None), "1", after(100))
    assert (growth.passed, growth.unmeasured) == (True, True)
    assert not judge(baseline(drop=None), "151", after(100)).passed
    assert not judge(baseline(), "-120", after(-100)).passed  # 20% less


def test_the_first_answer_becomes_the_baseline_and_proves_nothing_alone() -> None:
    alone = judge(baseline(), "7")
    assert (alone.passed, alone.unmeasured, alone.message) == (True, True, FIRST)
    beside = judge(baseline(min=5), "7")
    assert (beside.passed, beside.unmeasured, beside.message) == (True, False, FIRST)
    assert not judge(baseline(min=9), "7").passed
    assert not judge(baseline(), "many").passed


def test_a_baseline_of_0_measures_nothing() -> None:
    judged = judge(baseline(), "0", after(0))
    assert (judged.passed, judged.unmeasured, judged.message) == (True, True, ZERO)
    assert judged.trend is not None
    assert judged.trend.ratio is None


def test_every_number_is_kept_and_has_its_trend() -> None:
    judged = judge(Expect(min=1), "313", after(300))
    assert judged.value == 313
    assert judged.trend is not None
    assert judge(Expect(), "a word", after(300)).value is None


SNAPSHOT_TIME = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def taken(*ages: timedelta) -> Yardstick:
    snapshots = [
        SnapshotRecord(restore=f"part{n}", repository="r", id="0", age_seconds=0,
                       time=SNAPSHOT_TIME - age)
        for n, age in enumerate(ages)
    ]  # fmt: skip
    return Yardstick(snapshots, began=SNAPSHOT_TIME + timedelta(days=30))


@pytest.mark.parametrize(
    ("answer", "passed"),
    [
        ("2026-03-01 12:00:00+00", True),
        ("2026-02-28 12:00:00", True),
        ("2026-02-28 11:59:59", False),
        ("2026-03-01 13:00:00", True),  # written while the backup was made
        ("yesterday", False),
        ("0000-00-00 00:00:00", False),
    ],
)
def test_a_time_is_measured_by_the_snapshot_and_not_by_now(answer: str, passed: bool) -> None:
    judged = judge(Expect(not_older_than=timedelta(days=1)), answer, taken(timedelta(0)))
    assert judged.passed is passed
    assert judged.expected == ("at most 24h older than snapshot part0 of 2026-03-01 12:00:00+00:00")


def test_a_time_in_seconds_is_no_number_to_be_compared() -> None:
    judged = judge(Expect(not_older_than=timedelta(days=1)), "1772366400", taken(timedelta(0)))
    assert (judged.passed, judged.value, judged.trend) == (True, None, None)


def test_of_several_snapshots_the_oldest_measures() -> None:
    yardstick = taken(timedelta(0), timedelta(hours=6))
    expect = Expect(not_older_than=timedelta(hours=1))
    assert judge(expect, "2026-03-01 05:00:00", yardstick).passed
    judged = judge(expect, "2026-03-01 04:00:00", yardstick)
    assert judged.message == "it is 2h older than the snapshot"


def test_what_was_written_since_the_restore_is_no_answer_of_the_backup() -> None:
    with pytest.raises(CheckUnableError, match="after this session began: it is from no backup"):
        judge(Expect(not_older_than=timedelta(days=1)), "2026-04-02", taken(timedelta(0)))


def test_without_a_snapshot_no_time_can_be_judged() -> None:
    with pytest.raises(CheckUnableError, match="no snapshot is known"):
        judge(Expect(not_older_than=timedelta(days=1)), "2026-03-01 12:00:00")
