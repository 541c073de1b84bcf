"""MySQL and MariaDB: how to ask, and what their errors mean."""

import re

from provisioner.checks.answer import last_line
from provisioner.checks.speech import LACKING, Kind, Said
from provisioner.models.checks import SqlCheck

PORT = 3306

_WRAPPER = (
    "IFS= read -r MYSQL_PWD; export MYSQL_PWD; "
    'exec "$(command -v mariadb || command -v mysql || echo mariadb)" "$@"'
)
"""The password comes on the first line of stdin: argv is there for every process to read."""

_ERROR = re.compile(r"^ERROR (?P<code>\d+)(?: \(\w+\))?(?: at line \d+)?: (?P<text>.*)$", re.M)

_KINDS = {
    # Can't connect, unknown host, gone before the greeting, too many connections, starting.
    **dict.fromkeys((2002, 2003, 2005, 2012, 1040, 1053, 1203), Kind.AWAY),
    # Access denied, no rights, host not allowed, unknown plugin, password expired.
    **dict.fromkeys(
        (1044, 1045, 1129, 1130, 1142, 1143, 1227, 1251, 1524, 1698, 1820, 1862, 2059, 3118, 4151),
        Kind.REFUSED,
    ),
    **dict.fromkeys((2006, 2013, 2055), Kind.LOST),
    # Syntax, TLS, interrupted or timed out, out of memory or of disk.
    **dict.fromkeys(
        (1064, 1065, 1149, 1205, 1317, 1969, 2026, 3024, 1021, 1037, 1038, 1041), Kind.UNABLE
    ),
    # A temporary table that is full, threads, locks, a deadlock, tables that changed meanwhile.
    **dict.fromkeys((1114, 1135, 1206, 1213, 1412), Kind.UNABLE),
    # What is too large for the client's memory or settings.
    **dict.fromkeys((1153, 2008, 2020), Kind.UNABLE),
    # A cluster's node that is out of step, a user's limit, packets lost on the way.
    **dict.fromkeys((1047, 1226, 1158, 1159, 1160, 1161), Kind.UNABLE),
}


def command(question: SqlCheck, user: str) -> list[str]:
    """The client's argv. Option files are left out: their passwords would win over ours."""
    return [
        "sh",
        "-c",
        _WRAPPER,
        "sh",
        "--no-defaults",
        "--batch",
        "--skip-column-names",
        "--connect-timeout=5",
        "--default-character-set=utf8mb4",
        "--protocol=tcp",
        f"--host={question.service}",
        f"--port={question.port or PORT}",
        f"--user={user}",
        f"--database={question.database}",
    ]


def first_value(output: str) -> str:
    """The first column of the first row. NULL is nothing."""
    row = output.split("\n", 1)[0]
    value = row.split("\t", 1)[0]
    return "" if value == "NULL" else value


def understand(stderr: str) -> Said:
    """What the client's error means. An error of the server that is not known is the data's."""
    found = _ERROR.search(stderr)
    if found is None:
        return Said(Kind.UNABLE, last_line(stderr) or "the client ended without a word")
    code, text = int(found["code"]), found["text"]
    return Said(_kind(code, text), f"ERROR {code}: {text}")


def _kind(code: int, text: str) -> Kind:
    before_the_query = "initial communication packet" in text or "handshake" in text.lower()
    if code in (2006, 2013) and before_the_query:
        return Kind.AWAY
    return _KINDS.get(code) or (Kind.UNABLE if LACKING.search(text) else Kind.WRONG)
