"""What a database's error means for a check."""

import re
from dataclasses import dataclass
from enum import Enum, auto

LACKING = re.compile(
    r"No space left|[Dd]isk (quota|is full|full)|[Oo]ut of memory|Cannot allocate memory"
    r"|Too many open files|[Ee]rr(or|no|code):?( number)? (11|12|24|28)\b"
)
"""What a program says that lacks room, memory or files (EAGAIN, ENOMEM, EMFILE, ENOSPC)."""


class Kind(Enum):
    """Whose fault an error is."""

    AWAY = auto()
    """Nobody listens, or not yet: try again."""
    REFUSED = auto()
    """The credentials are refused: the backup's or the Secret's fault, which cannot be told."""
    LOST = auto()
    """The server went away while answering: by damaged data or by lack of memory."""
    UNABLE = auto()
    """The check's own fault, or the client's: nothing was asked of the data."""
    WRONG = auto()
    """The server was asked, and the data does not give the answer."""


@dataclass(frozen=True)
class Said:
    """An error, and its sentence."""

    kind: Kind
    sentence: str
