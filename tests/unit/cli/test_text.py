"""Numbers and foreign text as people read them."""

import pytest

from provisioner.cli.text import age, clean, count, one_line, rate, size, span

KIB, MIB, GIB = 1024, 1024**2, 1024**3


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (KIB, "1.0 KiB"),
        (1536 * KIB, "1.5 MiB"),
        (5 * GIB, "5.0 GiB"),
        (1024**6, "1024.0 PiB"),
    ],
)
def test_sizes_are_binary(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59, "59s"),
        (192, "3m12s"),
        (3 * 3600 + 12 * 60 + 20, "3h12m"),
        (3600, "1h"),
        (86400, "1d"),
        (5 * 86400 + 3 * 3600, "5d3h"),
    ],
)
def test_ages_have_two_units(seconds: float, text: str) -> None:
    assert age(seconds) == text


def test_spans_have_tenths_below_a_minute() -> None:
    assert [span(0.04), span(12.34), span(134)] == ["0.0 s", "12.3 s", "2m14s"]


def test_a_rate_needs_time() -> None:
    assert [rate(10 * MIB, 2), rate(10 * MIB, None), rate(0, 0)] == ["5.0 MiB/s", "", ""]


def test_counts_have_a_plural() -> None:
    assert [count(1, "file"), count(0, "file")] == ["1 file", "0 files"]


def test_foreign_text_cannot_steer_the_terminal() -> None:
    assert clean("a\x1b[2Jb\x07c\td\u202e") == "a�[2Jb�c d�"


def test_a_password_in_a_url_is_not_shown() -> None:
    text = "Fatal: rest:http://backup:hunter2@store:8000/ and http://store:80/a@b"
    assert clean(text) == "Fatal: rest:http://backup:***@store:8000/ and http://store:80/a@b"


def test_one_line_is_flat_and_bounded() -> None:
    assert one_line(" a\n\n b ") == "a b"
    assert one_line("x" * 300, most=10) == "x" * 9 + "…"
