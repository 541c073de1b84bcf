"""What a database's error means for a check."""

from dataclasses import dataclass
from enum import Enum, auto


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
