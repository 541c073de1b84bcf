"""Points in time, as databases and their clients print them."""

import contextlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZONE = re.compile(r"\s+(?=[+-]\d{2})")
_UTC = re.compile(r"\s*(UTC|GMT|Z)$", re.IGNORECASE)

_MILLISECONDS_FROM = 1e11
"""Seconds reach it in the year 5138, milliseconds did in 1973."""


def parse_time(text: str) -> datetime | None:
    """The time that a text is; None when it is none. Without a zone it is UTC.

    =========================  ================================================
    ISO 8601 and RFC 3339      ``2026-03-01T12:00:00Z``, ``2026-03-01`` (its first moment)
    PostgreSQL                 ``2026-03-01 12:00:00.123+01``
    MySQL and MariaDB          ``2026-03-01 12:00:00``
    with a zone behind a gap   ``2026-03-01 12:00:00 +0100``, ``2026-03-01 12:00:00 UTC``
    Unix time                  ``1772366400``, ``1772366400.5``, milliseconds ``1772366400000``
    RFC 2822, HTTP             ``Sun, 01 Mar 2026 12:00:00 GMT``
    =========================  ================================================
    """
    with contextlib.suppress(ValueError, OverflowError, OSError):
        found = _parse(text.strip())
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _parse(text: str) -> datetime:
    if _NUMBER.fullmatch(text):
        number = float(text)
        return datetime.fromtimestamp(
            number / 1000 if number >= _MILLISECONDS_FROM else number, tz=UTC
        )
    if _DATE.match(text):
        return datetime.fromisoformat(_ZONE.sub("", _UTC.sub("+00:00", text)))
    return parsedate_to_datetime(text)
