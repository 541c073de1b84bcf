"""Whether an application that does not come up was turned away by its own restored data.

Nobody can tell then whether the data is bad: mostly the chart has made a new password, and the
restored data knows production's.
"""

import re

from provisioner.errors import ApplicationError, LoginRefusedError, ProvisionerError
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


def of_login(error: ProvisionerError) -> ProvisionerError:
    """The error to raise: another one when the diagnosis shows a refused login."""
    log = (line for line in error.details if line.startswith(LOG_INDENT))
    said = next((line.strip() for line in log if _REFUSALS.search(line)), "")
    if not said or not isinstance(error, ApplicationError):
        return error
    text = f"{error.message}; its login is refused: {said}"
    return LoginRefusedError(text, hint=_HINT, details=error.details)
