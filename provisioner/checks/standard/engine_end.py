"""What it means when an engine does not start on restored data, or ends on it. Pure."""

import re
from collections.abc import Sequence

from provisioner.checks.answer import Answer, one_line
from provisioner.cluster.api import Object
from provisioner.cluster.exec import (
    KILLED_EXIT_CODES,
    NOT_EXECUTABLE_EXIT_CODE,
    NOT_FOUND_EXIT_CODE,
)
from provisioner.errors import CheckRefusedError, CheckUnableError

STARTS = "a server of this image starts on the restored data"
SHOWN = 12
"""Last lines of its log that are told."""

_OTHER_VERSION = re.compile(
    r"database files are incompatible with server|not compatible with this version"
    r"|Unsupported redo log format|Upgrade after a crash is not supported"
    r"|server downgrade|Cannot boot server version|Can't handle RDB format version"
    r"|tc-heuristic-recover",
    re.IGNORECASE,
)
"""Written by another version than the image's, or without what it was recovered by: who is to
blame, the backup or the document, cannot be told."""

_LACKING = re.compile(
    r"could not access file \"\S+\": No such file|configuration file \S+ contains errors"
    r"|unrecognized configuration parameter|could not open configuration file"
    r"|database locale is incompatible|could not look up effective user"
    r"|could not (create|map|resize) \S* ?shared memory|invalid value for parameter"
    r"|\[ERROR\].* (unknown (variable|option)|can't open shared library|innodb_page_size"
    r"|lower_case_table_names|cannot allocate memory)"
    r"|Bad directive|FATAL CONFIG FILE ERROR|no matching module|No space left on device",
    re.IGNORECASE,
)
"""What the image, its settings or the cluster lack: no fault of the data."""

_STAMP = re.compile(
    r"^(\d{4}-\d\d-\d\d +\d+:\d\d:\d\d\S*( [A-Z]\S*)? (\[\d+\]|\d+) |\d+:\w \d+ \w+ \d{4} \S+ # )"
)
_FIRST, _LAST = 0, -1
_TELLING = (
    (re.compile(r"PANIC: "), _FIRST),
    (re.compile(r"FATAL: "), _LAST),  # before it was somebody who was not let in
    (re.compile(r"\[ERROR\]"), _FIRST),
    (re.compile(r"^\S+ .* # "), _LAST),
)
"""Lines that say more than the last one, which is often only that it shuts down."""


def judge_end(state: Object, log: Sequence[str]) -> Answer:
    """A server that ended by itself could not run on the data, unless its log blames another.

    Raises:
        CheckRefusedError: the data is of another version.
        CheckUnableError: something else than the data kept it from running.
    """
    code, said = int(state.get("exitCode", -1)), "\n".join(log)
    told = one_line(telling(log))
    if state.get("reason") == "OOMKilled":
        raise CheckUnableError("the engine ran out of memory")
    if code in KILLED_EXIT_CODES:
        raise CheckUnableError(f"the engine was killed ({code})")
    if code in (NOT_FOUND_EXIT_CODE, NOT_EXECUTABLE_EXIT_CODE):
        raise CheckUnableError(f"the engine cannot be started: {told}")
    if _OTHER_VERSION.search(said):
        raise CheckRefusedError(
            f"the image's server does not take this data: {told}",
            hint="name the image that production runs under standard.image",
        )
    if _LACKING.search(said):
        raise CheckUnableError(
            f"the server lacks something else than the data: {told}",
            hint="standard.image and standard.args say what is started, and how",
        )
    others = [line for line in log[-SHOWN:] if line.strip() and told not in one_line(line)]
    return Answer(False, STARTS, f"exit code {code}", "\n".join([told, *others]))


def telling(log: Sequence[str]) -> str:
    """The line that says most of why it ended, without when and of which process."""
    return _STAMP.sub("", _telling(log))


def _telling(log: Sequence[str]) -> str:
    for mark, which in _TELLING:
        if found := [line for line in log if mark.search(line)]:
            return found[which]
    return next((line for line in reversed(log) if line.strip()), "no output")
