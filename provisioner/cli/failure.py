"""Errors that end a command, as a user reads them."""

import contextlib
import logging

from provisioner.cli.exits import BY_OUTCOME, ERRORED, USAGE
from provisioner.cli.terminal import Terminal, stderr
from provisioner.cli.text import clean, count
from provisioner.errors import DocumentError, ProvisionerError, UsageError
from provisioner.verdict import RULES

logger = logging.getLogger(__name__)


def told(error: Exception) -> int:
    """Tell the error on stderr; the exit code that goes with it."""
    with contextlib.suppress(OSError):  # nobody reads it: the code still tells
        _tell_any(stderr(), error)
    return _code(error)


def _code(error: Exception) -> int:
    if isinstance(error, DocumentError | UsageError):
        return USAGE
    rule = RULES.get(type(error)) if isinstance(error, ProvisionerError) else None
    return BY_OUTCOME[rule[0]] if rule else ERRORED


def _tell_any(console: Terminal, error: Exception) -> None:
    match error:
        case DocumentError():
            _tell_problems(console, error)
        case ProvisionerError():
            _tell(console, error)
        case _:
            _tell_bug(console, error)


def _tell_problems(console: Terminal, error: DocumentError) -> None:
    for problem in error.problems:
        console.tell(clean(str(problem)))
    console.tell(f"{count(len(error.problems), 'problem')}; nothing was created")


def _tell(console: Terminal, error: ProvisionerError) -> None:
    console.tell(f"error: {clean(error.message)}")
    if error.hint:
        console.tell(f"hint: {clean(error.hint)}")
    for detail in error.details:
        console.tell(f"  {clean(detail)}")


def _tell_bug(console: Terminal, error: Exception) -> None:
    logger.debug("the error was raised here", exc_info=error)
    console.tell(f"error: provisioner itself failed: {type(error).__name__}: {clean(str(error))}")
    console.tell("hint: please report this; -v shows where it happened")
