"""``standard: mariadb``, for MySQL as well. Here is what the scripts' answers mean."""

import re

from provisioner.checks.answer import one_line
from provisioner.checks.mysql import understand
from provisioner.checks.speech import LACKING, Kind, Said
from provisioner.checks.standard.counts import counting
from provisioner.checks.standard.engine import text_of
from provisioner.checks.standard.part import Finding, blamed, log_part, rows, scripted, told
from provisioner.cluster.exec import Executed
from provisioner.errors import CheckRefusedError, CheckUnableError, IsolationError

_EACH = 'rights; each "$1"'

_CHECK = text_of("mariadb_orphans.sh") + '\nrights; orphans; each "$1"'

ROWS = """
named=$(value MARIADB_DATABASE MYSQL_DATABASE)
printf 'named\\t%s\\n' "${given_database:-$named}"
each "$1"
"""

DUMP = """
dump=$(command -v mariadb-dump || command -v mysqldump) ||
  { echo "there is no mariadb-dump or mysqldump in the image" >&2; exit 127; }
events=--events
[ "$all" = 1 ] || events=--skip-events
# --no-defaults takes the file's own away; nothing larger than this can be in a row.
set -- --max-allowed-packet=1G --force --single-transaction --quick --routines "$events"
if [ -z "$given_database" ]; then set -- "$@" --all-databases
else set -- "$@" --databases "$given_database"; fi
connected "$dump" "$@" >/dev/null
"""

_APART = """
ask --vertical -e 'SHOW ALL SLAVES STATUS' 2>/dev/null ||
  ask --vertical -e 'SHOW REPLICA STATUS' 2>/dev/null ||
  ask --vertical -e 'SHOW SLAVE STATUS' || exit 3
echo asked
"""

_LOGGED = """
file=$(ask -e 'SELECT @@log_error') && folder=$(ask -e 'SELECT @@datadir') || exit 3
case $file in ''|stderr) exit 0 ;; /*) ;; *) file=$folder/$file ;; esac
# A device is the container's own log.
[ ! -e "$file" ] || [ -f "$file" ] || exit 0
[ -r "$file" ] || { echo "not covered: its log file $file cannot be read" >&2; exit 71; }
# What stands before the last start was restored.
start=$(grep -anE 'starting as process|Starting MariaDB' "$file" | tail -n 1 | cut -d : -f 1)
tail -n "+${start:-1}" "$file"
"""

_ERROR = re.compile(r"ERROR (?P<code>\d+) \(\w+\)(?: at line \d+)?: (?P<text>.*)")
_DUMP_CODE = re.compile(r"Error (\d+):|\((\d+)\)$|error: (\d+):")

_VIEWS = (1356, 1449)
"""A view whose tables or whose owner are gone: a dump of production says the same."""

MESSAGE = 3
"""CHECK TABLE's columns: table, operation, kind of message, message."""

_RUNNING = re.compile(r"(?:Slave|Replica)_(?:IO|SQL)_Running: (?!No)(\w+)")
_HOST = re.compile(r"(?:Master|Source)_Host: (\S+)")

_FINE = re.compile(
    r"^(OK|Table is already up to date)$"
    r"|clients? (is|are) using or ha(s|ve)n't closed the table properly"
    r"|doesn't support check|Upgrade required|Table rebuild required|Please do \"(REPAIR|ALTER)"
)
"""What CHECK TABLE says of a sound table, or of one that a newer server would like to convert."""

_EXCUSED = re.compile(
    rf"{LACKING.pattern}|Lock wait timeout|Deadlock found|Query execution was interrupted"
)
"""What CHECK TABLE says, and no table is to blame for."""

LOG_MARKS = re.compile(
    r"corrupt|Database page|checksum mismatch|Cannot open (data|table)|is in the future"
    r"|Tablespace .* (missing|was not found|does not exist)|Operating system error"
    r"|doesn't exist in engine|repair failed|Missing MLOG|Aria recovery failed"
    r"|Incorrect (key file|information in file)|\[ERROR\] InnoDB: (Page|Trying to (access|read))"
    r"|\[ERROR\] InnoDB: .*(truncat|tablespace)",
    re.IGNORECASE,
)


def errors(done: Executed, what: str) -> list[Finding]:
    """What the statements' errors say: faults of the data.

    Raises:
        CheckUnableError: a statement does not fit this version, or something is lacking.
        CheckRefusedError: the server went away, or refuses.
    """
    lines = [line for line in done.stderr.splitlines() if _ERROR.search(line)]
    by_kind = {kind: one for line in reversed(lines) if (kind := (one := understand(line)).kind)}
    if Kind.WRONG in by_kind:
        return [Finding(one_line(by_kind[Kind.WRONG].sentence), True)]
    for kind in (Kind.LOST, Kind.REFUSED):
        if kind in by_kind:
            raise CheckRefusedError(f"{what}: {one_line(by_kind[kind].sentence)}")
    if lines or done.exit_code:
        said = understand(done.stderr)
        raise CheckUnableError(f"not covered: {what}: {one_line(said.sentence)}")
    return []


def judge_check(done: Executed) -> list[Finding]:
    """Each table's rows of CHECK TABLE; a table is sound when none of them tells otherwise."""
    found = rows(done.stdout)
    said: dict[str, list[str]] = {}
    for row in found:
        if len(row) > MESSAGE:
            said.setdefault(row[0], []).append(row[MESSAGE])
    bad = {table: [one for one in texts if not _FINE.search(one)] for table, texts in said.items()}
    faults = blamed(
        [
            *(row[1] for row in found if row[0] == "bad"),
            *(f"{table}: {'; '.join(texts)}" for table, texts in bad.items() if texts),
        ],
        _EXCUSED,
    )
    faults += errors(done, "tables")
    notes = [Finding(row[1]) for row in found if row[0] == "note"]
    return faults or [*([Finding(f"{len(said)} tables are sound")] if said else []), *notes]


def judge_dump(done: Executed) -> list[Finding]:
    """A dump that an error interrupted found a fault; it goes on with the next table.

    Raises:
        CheckUnableError: it lacks rights.
        CheckRefusedError: the server went away.
    """
    said = [_dump_error(line) for line in done.stderr.splitlines() if _DUMP_CODE.search(line)]
    counted = [one for one, excused in said if not excused]
    if wrong := [one for one in counted if one.kind is Kind.WRONG]:
        return [Finding(one_line(one.sentence), True) for one in wrong]
    if counted or (done.exit_code and not said):
        first = counted[0] if counted else understand(done.stderr)
        if first.kind is Kind.LOST:
            raise CheckRefusedError(f"the server broke off the dump: {one_line(first.sentence)}")
        raise CheckUnableError(f"not covered: {one_line(first.sentence)}")
    notes = [Finding(one_line(one.sentence)) for one, _ in said]
    return [Finding("everything was read"), *notes]


def _dump_error(line: str) -> tuple[Said, bool]:
    """What it means, and whether it tells only of a view that is broken in production, too."""
    found = _DUMP_CODE.search(line)
    code = next(filter(None, found.groups())) if found else "0"
    return understand(f"ERROR {code}: {line.partition(': ')[2]}"), int(code) in _VIEWS


def judge_keys(done: Executed) -> list[Finding]:
    """Foreign keys and counters, one row each; a server without any is sound."""
    found = told(rows(done.stdout), "keys and counters are")
    if any(one.bad for one in found):
        return found
    return errors(done, "keys") or found or [Finding("no foreign keys and no counters there")]


def judge_apart(done: Executed) -> list[Finding]:
    """Replication that runs takes data from production, or could.

    Raises:
        IsolationError: it does.
    """
    if done.exit_code:
        return errors(done, "replication")
    running = _RUNNING.findall(done.stdout)
    host = _HOST.search(done.stdout)
    if running:
        raise IsolationError(
            f"the clone replicates from {host[1] if host else 'another server'}",
            hint="switch it off in the sandbox, e.g. skip-slave-start by application.values",
        )
    return [Finding("replication is set up and stopped" if host else "no replication")]


PARTS = (
    *counting("mariadb", ROWS, 'each "$1"', errors),
    scripted(
        "every table is sound",
        "CHECK TABLE ... EXTENDED of every table, the system's as well; no file without its table",
        _CHECK,
        judge_check,
        "mariadb_check.sql",
    ),
    scripted("everything can be read", "a dump of all databases ends well", DUMP, judge_dump),
    scripted(
        "keys hold",
        "foreign keys, asked of the tables themselves; no AUTO_INCREMENT is behind its column",
        _EACH,
        judge_keys,
        "mariadb_keys.sql",
    ),
    log_part(LOG_MARKS, _LOGGED, errors),
    scripted(
        "it is apart from production",
        "no replication",
        _APART,
        judge_apart,
    ),
)
