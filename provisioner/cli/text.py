"""Numbers and foreign text as people read them."""

import re
from datetime import UTC, datetime, timedelta

from rich.filesize import pick_unit_and_suffix

from provisioner.checks import answer
from provisioner.models.base import format_duration

_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
_PASSWORD = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def size(count: float) -> str:
    """Bytes in binary units: ``301.2 MiB``."""
    unit, suffix = pick_unit_and_suffix(int(count), _UNITS, 1024)
    return f"{int(count)} B" if unit == 1 else f"{count / unit:.1f} {suffix}"


def rate(count: float, seconds: float | None) -> str:
    """Bytes a second; nothing when it took no time."""
    return f"{size(count / seconds)}/s" if seconds else ""


def span(seconds: float) -> str:
    """How long something took: ``12.3 s``, ``2m14s``, ``1h2m``."""
    return f"{seconds:.1f} s" if seconds < _MINUTE else age(seconds)


def age(seconds: float) -> str:
    """The two largest units: ``3h12m``, ``5d3h``."""
    if seconds < _HOUR:
        return format_duration(timedelta(seconds=seconds))
    if seconds < _DAY:
        return format_duration(timedelta(minutes=round(seconds / _MINUTE)))
    days, rest = divmod(round(seconds / _HOUR), 24)
    return f"{days}d{rest}h" if rest else f"{days}d"


def age_of(moment: datetime) -> str:
    """How long ago that was."""
    return age((datetime.now(UTC) - moment).total_seconds())


def count(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def clock(moment: datetime) -> str:
    """A moment of today, in UTC."""
    return moment.astimezone(UTC).strftime("%H:%M:%S UTC")


def clean(text: str) -> str:
    """Text of others, safe for a terminal: nothing in it can steer it or move the cursor.

    Passwords in URLs are kept out before they come here; this is the last line.
    """
    visible = "".join(char if char.isprintable() or char == "\n" else _shown(char) for char in text)
    return _PASSWORD.sub(r"\1:***@", visible)


def _shown(char: str) -> str:
    return " " if char == "\t" else "\N{REPLACEMENT CHARACTER}"


def one_line(text: str, most: int = answer.LINE_LIMIT) -> str:
    """Text of others in one line of bearable length."""
    return answer.one_line(clean(text), most)
