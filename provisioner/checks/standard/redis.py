"""``standard: redis``, for Valkey as well. Here is what the scripts' answers mean."""

import re
from collections.abc import Mapping, Sequence

from provisioner.checks.answer import last_line, one_line
from provisioner.checks.speech import Kind, Said
from provisioner.checks.standard.engine import Engine, text_of
from provisioner.checks.standard.part import Finding, Part, marked, rows, scripted
from provisioner.cluster.exec import Executed
from provisioner.errors import CheckRefusedError, CheckUnableError, IsolationError

_LOADED = """
ask INFO persistence
printf 'loglevel:%s\\n' "$(setting loglevel)"
logfile=$(setting logfile)
case $logfile in ''|*' '*) ;; *) cd "$(setting dir)" && tail -n 2000 "$logfile" ;; esac
"""

MOST_LOST_ELEMENTS = 0.5
"""The share of keys and elements that may be gone without a doubt: a queue is worked off."""

_AWAY = re.compile(r"Could not connect|LOADING|Connection (refused|reset)|MASTERDOWN")
_REFUSED = re.compile(r"NOAUTH|WRONGPASS|NOPERM|AUTH failed|DENIED")
_LOST = re.compile(r"Server closed the connection|I/O error|Connection reset")

LOG_MARKS = re.compile(
    r"Short read or OOM|Unexpected end of file"
    r"|Bad file format|Wrong signature|CRC error|[Cc]orrupt|Internal error in RDB"
    r"|rdb file reading failure|Can't handle RDB format|Error (opening|reading) .*(AOF|append)"
    r"|=== REDIS BUG REPORT"
)

_KEYS = re.compile(r"db\d+:keys=(?P<keys>\d+),expires=(?P<expires>\d+)")

_CUT = re.compile(r"loaded anyway because aof-load-truncated")

_LOAD = re.compile(r"DB loaded from|Done loading RDB")
_READY = re.compile(r"[Rr]eady to accept connections")

_TOLD = re.compile("|".join(one.pattern for one in (LOG_MARKS, _CUT, _LOAD, _READY)))


def understand(said: str) -> Said:
    """What redis-cli's error means."""
    sentence = one_line(last_line(said)) or "the client ended without a word"
    for kind, pattern in ((Kind.AWAY, _AWAY), (Kind.REFUSED, _REFUSED), (Kind.LOST, _LOST)):
        if pattern.search(said):
            return Said(kind, sentence)
    return Said(Kind.UNABLE, sentence)


def information(output: str) -> dict[str, str]:
    """The fields of INFO, ``name:value`` a line."""
    lines = (line.strip().partition(":") for line in output.splitlines())
    return {name: value for name, colon, value in lines if colon}


def judge_keys(done: Executed) -> list[Finding]:
    """Keys in any database.

    Raises:
        CheckRefusedError: all have or had a time to live: it cannot be told what was restored.
    """
    facts = information(done.stdout)
    _answered(done, facts, "rdb_last_load_keys_expired", "loading")
    found = [match for name, text in facts.items() if (match := _KEYS.match(f"{name}:{text}"))]
    keys = sum(int(one["keys"]) for one in found)
    lasting = keys - sum(int(one["expires"]) for one in found)
    if not keys and (expired := _number(facts, "rdb_last_load_keys_expired")):
        raise CheckRefusedError(
            f"no key is left: {expired} had a time to live that was over when they were loaded"
        )
    if keys and not lasting and not _number(facts, "rdb_last_load_keys_loaded", default=1):
        raise CheckRefusedError(
            f"{keys} keys, all with a time to live, and none came from an RDB: the application may "
            "have written them since"
        )
    return [Finding(f"{keys} keys, {lasting} of them without a time to live", not keys)]


def _number(facts: Mapping[str, str], name: str, default: int = 0) -> int:
    return int(facts.get(name, default))


def _answered(done: Executed, facts: Mapping[str, str], *wanted: str) -> None:
    if not any(name in facts for name in wanted):
        _raise(understand(done.stdout or done.stderr))


def _raise(said: Said) -> None:
    if said.kind in (Kind.REFUSED, Kind.LOST):
        raise CheckRefusedError(f"it would not answer: {said.sentence}")
    raise CheckUnableError(f"not covered: {said.sentence}")


def judge_loading(done: Executed, log: Sequence[str]) -> list[Finding]:
    """A file was loaded without damage.

    ``aof-load-truncated`` drops a command that is cut off at the end. A crash-consistent copy has
    such an end, too: it is told, and the number of elements says whether it was more.
    """
    lines = [*log, *done.stdout.splitlines()]
    if faults := marked(lines, LOG_MARKS):
        return faults
    facts = information(done.stdout)
    _answered(done, facts, "loading")
    if facts.get("loading") != "0":
        return [Finding("it is still loading", True)]
    if loads := [line for line in lines if _LOAD.search(line)]:
        cut = any(map(_CUT.search, lines))
        note = "; the end of the append-only file was cut off, and left out" if cut else ""
        return [Finding(_message(loads[-1]) + note)]
    if any(map(_READY.search, lines)):
        return [Finding("it started without loading any file", True)]
    level = facts.get("loglevel") or "not known"
    return [Finding(f"no complaint; its log (level {level}) does not tell what it loaded")]


def _message(line: str) -> str:
    """Without process and time."""
    return re.sub(r"^\S+ .*?[*#.-] ", "", line.strip())


def judge_files(done: Executed) -> list[Finding]:
    """What redis-check-aof or redis-check-rdb say."""
    found = rows(done.stdout)
    if not found:
        _raise(understand(done.stderr))
    return [
        Finding(row[1], True) if row[0] == "bad" else Finding(f"{row[1]} is sound") for row in found
    ]


def judge_dump(done: Executed) -> list[Finding]:
    """Each portion of keys that was read.

    Raises:
        CheckRefusedError: there is none, or the server refuses or went away.
        CheckUnableError: it does not know how.
    """
    found = rows(done.stdout)
    for row in found:
        if row[0] == "error":
            _raise(understand(row[1]))
    if ["end"] not in found:
        _raise(understand(done.stderr))
    read = [list(map(int, row[2:])) for row in found if row[0] == "read"]
    if not read:
        raise CheckRefusedError("there is no key to read")
    keys, size, lasting = (sum(column) for column in zip(*read, strict=True))
    text = f"{keys} keys read, {size} bytes; {lasting} elements without a time to live"
    return [Finding(text, count=lasting)]


def judge_apart(done: Executed) -> list[Finding]:
    """A replica takes its data from its master, and not from the backup.

    Raises:
        IsolationError: it is one.
    """
    facts = information(done.stdout)
    _answered(done, facts, "role")
    if facts["role"] == "master":
        return [Finding("it is no replica")]
    raise IsolationError(
        f"the clone is a replica of {facts.get('master_host')}:{facts.get('master_port')}",
        hint="switch replication off in the sandbox: application.values or application.patches",
    )


async def _loading(engine: Engine) -> list[Finding]:
    _, log = await engine.log(_TOLD)
    return judge_loading(await engine.run(_LOADED), log)


PARTS = (
    scripted("there are keys", "a key in any database", "ask INFO", judge_keys, reads_data=True),
    Part(
        "it was loaded whole",
        "a file was loaded, and neither the log nor INFO tells of a part that was left out",
        _loading,
    ),
    scripted(
        "its files are sound",
        "redis-check-aof or redis-check-rdb find no fault in the file that it works with",
        text_of("redis_files.sh"),
        judge_files,
    ),
    scripted(
        "every key can be read",
        "a DUMP of every key of every database",
        text_of("redis_dump.sh"),
        judge_dump,
        reads_data=True,
        counts=MOST_LOST_ELEMENTS,
    ),
    scripted(
        "it is apart from production",
        "no replica of another server",
        "ask INFO replication",
        judge_apart,
    ),
)
