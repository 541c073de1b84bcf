"""Whether an application that does not come up says itself that it is not by bad data.

It was turned away by its own restored data: nobody can tell then whether the data is bad. Mostly
the chart has made a new password, and the restored data knows production's. Or its volume is full,
e.g. of the journal that a database replays as it starts: that is a matter of room.
"""

import re

from provisioner.errors import (
    ApplicationError,
    CapacityError,
    LoginRefusedError,
    ProvisionerError,
)
from provisioner.readiness.diagnosis import LOG_INDENT

_REFUSALS = re.compile(
    r"password authentication failed for user"  # PostgreSQL
    r"|Access denied for user"  # MySQL, MariaDB
    r"|WRONGPASS|NOAUTH |invalid username-password pair"  # Redis
    r"|AuthenticationFailed|MongoServerError: Authentication failed"  # MongoDB
)

_HINT = (
    "the restored data knows production's passwords: copy production's Secrets with"
    " application.copySecrets, and let the chart use them, e.g. by a value existingSecret"
)


_FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded", re.IGNORECASE)
"""As the operating system says it, in whose words every program repeats it."""

_FULL_HINT = "let the chart ask for a larger volume: the application writes as it starts"


def of_log(error: ProvisionerError) -> ProvisionerError:
    """The error to raise: another one when the logs show a full volume or a refused login."""
    if not isinstance(error, ApplicationError):
        return error
    if said := _line_with(_FULL, error):
        text = f"{error.message}; its volume is full: {said}"
        return CapacityError(text, hint=_FULL_HINT, details=error.details)
    if said := _line_with(_REFUSALS, error):
        text = f"{error.message}; its login is refused: {said}"
        return LoginRefusedError(text, hint=_HINT, details=error.details)
    return error


def _line_with(pattern: re.Pattern[str], error: ProvisionerError) -> str:
    """The first line of a log that has it; nothing without one."""
    log = (line for line in error.details if line.startswith(LOG_INDENT))
    return next((line.strip() for line in log if pattern.search(line)), "")
