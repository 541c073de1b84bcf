"""What a question gets at, by its own words.

A query of no table, and a program that does nothing but ``echo``, answer alike on an empty
application. What else a query or a program does cannot be told, and is believed.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

_NO_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_TABLE = re.compile(
    r"\b(?:FROM|JOIN|TABLE)\b\s*(?:(?:ONLY|LATERAL)\b\s*)?(?P<name>[^\s(),;]++)(?!\s*\()",
    re.IGNORECASE,
)
_CATALOG = re.compile(
    r"(?:information_schema|pg_catalog|performance_schema|mysql|sys)\.|pg_|dual$|(?:select|values)$",
    re.IGNORECASE,
)
"""Tables that every server has, from its first start on."""

_SHELLS = frozenset(("sh", "ash", "bash", "dash", "ksh", "zsh"))
_SPEAKERS = frozenset(("echo", "printf", "true"))
_SPOKEN = re.compile(r"\s*(?:(?:echo|printf|true|exit|set|:)\b[^$`|<>&]*|#.*)?")


def reads_a_table(query: str) -> bool:
    """Whether a query names a table that is none of the server's own."""
    names = (found["name"] for found in _TABLE.finditer(_NO_CODE.sub("''", query)))
    return any(not _CATALOG.match(re.sub(r'["`]', "", name)) for name in names)


def only_speaks(command: Sequence[str]) -> bool:
    """Whether a command prints words that are its own, whatever data there is."""
    if not command:
        return False
    program, *arguments = command
    name = PurePosixPath(program).name
    if name in _SHELLS and len(arguments) == 2 and arguments[0].startswith("-"):  # noqa: PLR2004
        return is_only_speech(arguments[1])
    return name in _SPEAKERS


def is_only_speech(source: str) -> bool:
    """The same of a shell's script."""
    return all(_SPOKEN.fullmatch(one) for one in re.split(r"\n|;|&&", source))
