"""Each rule of ``expect``, with an answer that fits and one that does not."""

import pytest

from provisioner.checks.answer import NOTHING
from provisioner.checks.expect import judge
from provisioner.errors import CheckUnableError
from provisioner.models.expect import Expect


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
