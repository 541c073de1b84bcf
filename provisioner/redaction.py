"""Texts without what nobody should read in them."""

import re
from collections.abc import Set
from functools import reduce
from urllib.parse import unquote

SHORTEST = 6
"""A secret that is shorter is found in too many words that are none."""

_PASSWORDS = (
    re.compile(r"//[^/\s:@]*:([^/\s?#]+)@"),  # of a URL
    re.compile(r"^[^/\s:@]+:(\S+)@\w+\("),  # user:password@tcp(host:port)/, as Go has it for MySQL
    re.compile(r"\b(?:password|passwd|pwd)=['\"]?([^\s;&'\"]+)", re.IGNORECASE),
)


def redacted(text: str) -> str:
    """The text without the user and the password of any URL in it."""
    return re.sub(r"//[^/\s]*@", "//", text)


def secret_parts(text: str, *, whole: bool) -> set[str]:
    """What must not be shown of a text: passwords of connections, and all of it when it is secret.

    A file's last newline is seldom printed, and a text of several lines rarely as one: each line
    counts.
    """
    found = {password for one in _PASSWORDS for password in one.findall(text)}
    found |= {unquote(password) for password in found}
    if whole:
        found |= {text, *text.splitlines()}
    return {part for one in found if len(part := one.strip()) >= SHORTEST}


def without(text: str, hidden: Set[str]) -> str:
    """The text without these. The longest first: one may be the beginning of another."""
    ordered = sorted(hidden, key=len, reverse=True)
    return reduce(lambda rest, secret: rest.replace(secret, "***"), ordered, text)
