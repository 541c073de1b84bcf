"""PostgreSQL: how to ask, and what its errors mean."""

import re

from provisioner.checks.answer import last_line
from provisioner.checks.speech import Kind, Said
from provisioner.models.checks import SqlCheck

PORT = 5432

_WRAPPER = (
    "IFS= read -r PGPASSWORD; export PGPASSWORD; "
    'export PGCONNECT_TIMEOUT=5 LC_ALL=C; exec psql "$@"'
)
"""The password comes on the first line of stdin: argv is there for every process to read."""

WITH_STATE = re.compile(
    r"(?:^|\s)(?!WARNING|NOTICE|INFO|LOG|DEBUG)[^\s:]+:  "
    r"(?P<state>(?!0[012])[0-9A-Z]{5}): (?P<text>.*)",
    re.MULTILINE,
)
"""An error of the server, in any language (``lc_messages``): ERROR, FEHLER, ... and its state.

The classes 00, 01 and 02 are no errors.
"""

_LOST = re.compile(r"closed the connection unexpectedly|connection to server was lost")

_CONNECTING = (
    (
        Kind.AWAY,
        re.compile(
            r"Connection refused|No route to host|Network is unreachable|timeout expired|timed out"
            r"|could not translate host name|too many clients|the database system is "
            r"|not yet accepting connections|Connection reset"
        ),
    ),
    (Kind.WRONG, re.compile(r'database "[^"]*" does not exist')),
    (
        Kind.REFUSED,
        re.compile(
            r"authentication failed|no pg_hba\.conf entry|role \"[^\"]*\" does not exist"
            r"|not permitted to log in|permission denied for database|no password supplied"
        ),
    ),
)

_STATES = {
    "42601": Kind.UNABLE,
    "42501": Kind.REFUSED,
    "3D000": Kind.WRONG,
    # Canceled by a time limit or by hand, locked, in use.
    **dict.fromkeys(("57014", "55P03", "55006"), Kind.UNABLE),
}

_CLASSES = {
    "08": Kind.AWAY,
    "28": Kind.REFUSED,
    "40": Kind.UNABLE,
    "53": Kind.UNABLE,
    "57": Kind.LOST,
}
"""By a state's first two characters: connection, authorization, rollback, resources, operator."""


def command(question: SqlCheck, user: str) -> list[str]:
    """The client's argv. Fields and rows end in NUL, so that a text may have line breaks."""
    return [
        "sh",
        "-c",
        _WRAPPER,
        "sh",
        "-X",
        "-q",
        "-w",
        "-Atz0",
        "-v",
        "ON_ERROR_STOP=1",
        "-v",
        "VERBOSITY=verbose",
        "-h",
        question.service,
        "-p",
        str(question.port or PORT),
        "-U",
        user,
        "-d",
        question.database,
    ]


def first_value(output: str) -> str:
    """The first column of the first row. NULL is nothing."""
    return output.split("\0", 1)[0].strip("\n")


def understand(stderr: str) -> Said:
    """What psql's error means. An error of the server that is not known is the data's."""
    if _LOST.search(stderr):
        return Said(Kind.LOST, _connection_sentence(stderr))
    if found := list(WITH_STATE.finditer(stderr)):
        # Warnings of other languages look alike, but psql ends on the error.
        state, text = found[-1].group("state", "text")
        return Said(_kind(state), f"ERROR {state}: {text}")
    sentence = _connection_sentence(stderr)
    for kind, pattern in _CONNECTING:
        if pattern.search(stderr):
            return Said(kind, sentence)
    return Said(Kind.UNABLE, sentence or "the client ended without a word")


def _kind(state: str) -> Kind:
    return _STATES.get(state) or _CLASSES.get(state[:2], Kind.WRONG)


def _connection_sentence(stderr: str) -> str:
    """The first line says what happened; the ones after it give advice."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    return lines[0].removeprefix("psql: error: ") if lines else last_line(stderr)
