"""What the ends of both sides of a pipe mean: restic's, which writes, and the client's."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.errors import (
    BackupError,
    CapacityError,
    ConfigurationError,
    ProvisionerError,
    UnclearError,
)
from provisioner.redaction import redacted
from provisioner.restores.pods.log import ResticLog
from provisioner.restores.pods.outcome import failure
from provisioner.restores.pods.pod import Ended
from provisioner.restores.stream.pod import UNREAD, PlannedStream

_SHOWN = 15
_LINE = 300
NOT_FOUND = 127

_NO_ROOM = re.compile(r"no space left on device|disk full|could not extend file", re.IGNORECASE)

_NEWER = re.compile(
    # psql and its server; since August 2025 a plain dump begins with \restrict.
    r"invalid command \\(?:un)?restrict|unrecognized configuration parameter"
    r"|unsupported version \([\d.]+\) in file header"
    # mariadb and mysql; a dump of MariaDB begins with \- since 2024.
    r"|unknown (?:collation|character set|system variable)|unknown command '\\-'"
    r"|can't handle RDB format version",
    re.IGNORECASE,
)
"""What an older client or server says of a dump that a newer one wrote, or one of another kind."""

_ELSEWHERE = re.compile(
    # It was not spoken to, or not let in.
    r"connection refused|could not connect|can't connect|could not translate host name"
    r"|unknown (?:mysql|mariadb)?\s*server host|name or service not known|no route to host"
    r"|network is unreachable|connection timed out|timeout expired"
    r"|authentication failed|no password supplied|access denied|\bNOAUTH\b|\bWRONGPASS\b"
    # It is not as the dump needs it.
    r"|\b(?:role|user|database) \"?[^\"\n]+\"? (?:does not exist|is not permitted)"
    r"|unknown database|no database selected|permission denied|must be (?:owner|superuser)"
    r"|already exists|is not empty"
    # The command is not for this dump.
    r"|custom-format dump|text format dump|unrecognized option|invalid option|unknown option"
    r"|illegal option|unknown variable",
    re.IGNORECASE,
)

_BAD_SQL = re.compile(
    r"syntax error|error in your sql syntax|unterminated quoted|invalid byte sequence"
    r"|missing data for column|extra data after last expected column|invalid input syntax"
    r"|invalid command \\|column count doesn't match|ASCII '\\0' appeared",
    re.IGNORECASE,
)

_UNREADABLE = re.compile(
    # pg_restore
    r"could not read from input file|input file is too short|unexpected end of file"
    r"|does not appear to be a valid archive|could not find header|corrupt tar header"
    r"|could not uncompress data|magic string|unexpected block ID|unrecognized data block"
    r"|unexpected section code|invalid stored block lengths|inflate|incorrect data check"
    # redis
    r"|short read or OOM loading|unexpected EOF reading RDB|wrong signature trying to load"
    r"|RDB CRC error|wrong rdb checksum|internal error in RDB|bad file format|bad data format"
    # programs that unpack
    r"|not in gzip format|crc error|invalid compressed data|premature end|truncated input"
    r"|unsupported format|data corruption",
    re.IGNORECASE,
)

_DATA = re.compile(r"\b(?:CONTEXT|DETAIL|STATEMENT|LINE \d+|Command was):|^\s*\^")
"""Lines that show a piece of the data itself: not for a report."""

_VALUE = re.compile(
    r"((?:(?<!collation)(?<!set):|\b(?:entry|near|value)) ?)"
    r"(['\"]).*?(?:\2( for (?:key|column) '[\w.$]+'(?: at row \d+)?)?)?$"
)
"""A value that a sentence quotes, up to its end or to the name of a column or key."""

_SPEAKS = re.compile(r"error|fatal|fail|denied|refused|not found|cannot|can't|#", re.IGNORECASE)


@dataclass(frozen=True)
class Dumped:
    """What the script beside restic saw: both exit codes, and why the dump is no whole one.

    ``piped`` is 0 when the client took all that restic wrote.
    """

    exit_code: int
    piped: int
    cut: str


@dataclass(frozen=True)
class Ends:
    """How the two containers ended; None for one that has not."""

    restic: Ended | None
    client: Ended | None


def judge(
    planned: PlannedStream, log: ResticLog, dumped: Dumped | None, ends: Ends, said: Sequence[str]
) -> None:
    """Say nothing when the whole dump was loaded; ``said`` is the client's log.

    Raises:
        BackupError: the snapshot, or the dump in it, is damaged or was cut short.
        ProvisionerError: another, by whose fault it is.
    """
    taken = dumped is None or dumped.piped == 0
    if ends.restic and ends.restic.exit_code and taken:
        raise failure(planned, log, ends.restic)
    if dumped and taken and dumped.cut:
        raise BackupError(
            f"restore {planned.label}: the dump {planned.file} is not whole: {dumped.cut}",
            hint="it was cut short when the backup was made: look at the log of the dump program",
        )
    unread = any(UNREAD in line for line in said)
    if ends.client and ends.client.exit_code and not unread:
        raise _of_client(planned, ends.client, said)
    if not ends.restic or not ends.client or dumped is None or not taken or unread:
        # One that ended well on less than the whole dump is not the command for it.
        own = ends.client is not None and dumped is not None
        raise (ConfigurationError if own else UnclearError)(
            f"restore {planned.label}: {planned.stream.command[0]} ended before it had read the"
            " whole dump",
            hint="spec.restores[].into.stream.command has to read its standard input to the end",
        )


def _of_client(planned: PlannedStream, end: Ended, said: Sequence[str]) -> ProvisionerError:
    command = planned.stream.command[0]
    name = f"restore {planned.label}: {command}"
    if end.reason == "OOMKilled":
        return CapacityError(f"{name} ran out of memory")
    said = said or end.message.splitlines()
    lines = [_shown(one) for one in said if one.strip() and not _DATA.search(one)]
    found = [one for one in lines if _SPEAKS.search(one)] or lines
    text = f"{name} ended with exit code {end.exit_code}"
    for pattern, (kind, hint) in _KINDS.items():
        if first := next((one for one in lines if pattern.search(one)), ""):
            return kind(f"{text}: {first}", details=found[:_SHOWN], hint=hint)
    if end.exit_code == NOT_FOUND:
        return ConfigurationError(
            f"{text}: {(found or [''])[-1]}", hint="is the program in the service's own image?"
        )
    return UnclearError(f"{text}: {(found or [end.reason])[-1]}", details=found[:_SHOWN])


_BAD_DUMP = "the dump cannot be loaded: look at how it is made"

_KINDS: dict[re.Pattern[str], tuple[type[ProvisionerError], str]] = {
    # In the order of certainty: what a full disk cut off may look like a bad dump, and a program
    # that cannot read one may have had to wait for a connection before.
    _NO_ROOM: (CapacityError, "give the service's claim more room, by spec.application.values"),
    _NEWER: (
        ConfigurationError,
        "the dump may well be whole: load it with the engine and the version that wrote it, or a"
        " newer one, by spec.application",
    ),
    _UNREADABLE: (BackupError, _BAD_DUMP),
    _ELSEWHERE: (ConfigurationError, "check command and env under spec.restores[].into.stream"),
    _BAD_SQL: (BackupError, _BAD_DUMP),
}
"""Whose fault it is, and what to do."""


def _shown(line: str) -> str:
    return _VALUE.sub(r"\1...\3", redacted(line.strip()))[:_LINE]
