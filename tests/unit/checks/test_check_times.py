"""Times as databases and their clients print them."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioner.checks.times import parse_time

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01t12:00:00.000z",
        "2026-03-01 12:00:00",
        "2026-03-01 12:00:00.0",
        "2026-03-01 12:00:00.000000",
        "2026-03-01 13:00:00+01",
        "2026-03-01 13:00:00.000000+01:00",
        "2026-03-01 17:30:00+05:30",
        "2026-03-01 13:00:00 +0100",
        "2026-03-01 12:00:00 UTC",
        "2026-03-01 12:00 GMT",
        "1772366400",
        "1772366400.000",
        "1772366400000",
        "Sun, 01 Mar 2026 12:00:00 GMT",
        "Sun, 01 Mar 2026 13:00:00 +0100",
        " 2026-03-01 12:00:00\n",
    ],
)
def test_one_moment_in_many_ways(text: str) -> None:
    assert parse_time(text) == NOON


def test_a_date_is_its_first_moment_and_fractions_count() -> None:
    assert parse_time("2026-03-01") == NOON - timedelta(hours=12)
    assert parse_time("2026-03-01 12:00:00.25+00") == NOON + timedelta(seconds=0.25)


@pytest.mark.parametrize(
    "text",
    ["", "now", "infinity", "0000-00-00 00:00:00", "2026-13-01", "12:00:00", "-5", "1e9", "x 1"],
)
def test_what_is_no_time(text: str) -> None:
    assert parse_time(text) is None
