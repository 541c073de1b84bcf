"""``standard: postgres``. Statements are in ``scripts/``; here is what their answers mean."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from provisioner.checks.answer import one_line
from provisioner.checks.postgres import WITH_STATE, understand
from provisioner.checks.speech import LACKING, Kind
from provisioner.checks.standard.counts import counting
from provisioner.checks.standard.part import (
    Finding,
    blamed,
    log_part,
    rows,
    scripted,
    told,
)
from provisioner.cluster.exec import Executed
from provisioner.errors import CheckRefusedError, CheckUnableError, IsolationError

_EVERYWHERE = 'everywhere "$1"'

_AMCHECK = """
needs_superuser
command -v pg_amcheck >/dev/null || { echo "there is no pg_amcheck in the image" >&2; exit 127; }
set -- --all
[ -z "$given_database" ] || set -- "$given_database"
pg_amcheck --install-missing --heapallindexed --parent-check --jobs=2 "$@" 2>&1
code=$?
ask -c "SELECT 'checksums', current_setting('data_checksums')"
exit "$code"
"""

_DUMP = """
command -v pg_dump >/dev/null || { echo "there is no pg_dump in the image" >&2; exit 127; }
if [ -z "$given_database" ] && [ "$superuser" = t ]; then
  pg_dumpall >/dev/null || exit 3
else
  found=$(databases) || exit 3
  printf '%s\\n' "$found" | while IFS= read -r database; do
    PGDATABASE=$database pg_dump >/dev/null || exit 3
  done
fi
"""

ROWS = """
named=$(value POSTGRES_DB POSTGRES_DATABASE POSTGRESQL_DATABASE)
printf 'named\\t%s\\n' "${given_database:-$named}"
everywhere "$1"
"""

_LOGGED = """
in=$(PGOPTIONS='' ask -c 'SHOW lc_messages')
case $in in ''|C|C.*|POSIX|en*) ;; *) printf 'note\\tthe server writes it in %s\\n' "$in" ;; esac
[ "$(ask -c 'SHOW logging_collector')" = on ] || exit 0
file=$(ask -c "SELECT CASE WHEN f LIKE '/%' THEN f ELSE current_setting('data_directory') || '/'
  || f END FROM pg_current_logfile() AS f") && version=$(ask -c 'SELECT version()') &&
  [ -r "$file" ] || { echo "not covered: $PGUSER may not read its log file $file" >&2; exit 71; }
# Each start tells the version; what stands before the last one was restored.
start=$(grep -anF -e "$version" "$file" | tail -n 1 | cut -d : -f 1)
tail -n "+${start:-1}" "$file"
"""

_HEAP = 'needs_superuser\neverywhere "$1"'

_DAMAGE_CLASSES = ("XX", "58", "22")
"""By a state's first two characters: internal, file system, values that cannot be read."""

LOG_MARKS = re.compile(
    r"PANIC: |invalid page in block|page verification failed|could not read block"
    r"|could not open file \"(base|global|pg_)|missing chunk number|unexpected chunk"
    r"|compressed .* data is corrupt|could not access status of transaction"
    r"|invalid memory alloc request"
    r"|WAL ends before|requested WAL segment .* has already been removed"
    r"|could not locate (a valid|required) checkpoint record|(XX00[012]|58P01): "
)

SEVERAL = 2
"""Sequences that were never called: one alone may be that of a table that a migration filled."""

AMCHECK_FOUND = 2
"""pg_amcheck's exit code when it found something."""

_DAMAGE_TEXT = re.compile(
    r"could not (open|read) (file|block)|invalid page|cache lookup failed"
    r"|database subdirectory \"[^\"]*\" is missing"
)
_DUMP_SERVER = re.compile(r"ERROR:  (?P<text>.*)")
_CONTINUED = re.compile(r"\s|DETAIL:|HINT:|CONTEXT:")

_EXCUSED = re.compile(
    rf"{LACKING.pattern}|shared memory|canceling statement due to|deadlock detected"
    r"|could not (obtain lock|serialize)|tuple concurrently"
    r"|extension control file|could not (access|load) .*\$libdir|could not load library"
    r"|permission denied|must be superuser|server version mismatch|row-level"
)
"""Room, time limits, others at work at the same time, the image, or rights are to blame."""

_LOST = re.compile(r"closed the connection|connection to server was lost|terminating connection")
_DROPPED = re.compile(r"relation \"[^\"]*\" does not exist")


def errors(done: Executed, what: str) -> list[Finding]:
    """What the statements' errors say: faults of the data.

    Raises:
        CheckUnableError: a statement does not fit this version, or something is lacking.
        CheckRefusedError: the server went away, or refuses.
    """
    found = [(one["state"], one["text"]) for one in WITH_STATE.finditer(done.stderr)]
    damage = [Finding(f"{text} ({state})", True) for state, text in found if _damaged(state, text)]
    if damage:
        return damage
    if found or done.exit_code:
        said = understand(done.stderr)
        if said.kind in (Kind.REFUSED, Kind.LOST):
            raise CheckRefusedError(f"{what}: {one_line(said.sentence)}")
        raise CheckUnableError(f"not covered: {what}: {one_line(said.sentence)}")
    return []


def _damaged(state: str, text: str) -> bool:
    return state[:2] in _DAMAGE_CLASSES and not _EXCUSED.search(text)


def judge_statements(done: Executed, kinds: str) -> list[Finding]:
    """What the statements found; a server without what they look at is sound."""
    found = told(rows(done.stdout), kinds)
    if any(one.bad for one in found):
        return found
    return errors(done, kinds) or found or [Finding(f"no {kinds} there")]


def judge_keys(done: Executed) -> list[Finding]:
    """Keys, and sequences that are behind their columns.

    Raises:
        CheckRefusedError: several sequences were never called, nor was any other of their database.
    """
    found = judge_statements(done, "keys and sequences are")
    unset = [row[1] for row in rows(done.stdout) if row[0] == "unset"]
    bases = Counter(text.partition(".")[0] for text in unset)
    if any(one.bad for one in found) or max(bases.values(), default=0) < SEVERAL:
        return found
    raise CheckRefusedError(
        f"{unset[0]}; {len(unset)} are so, and not one was called of their database: either a dump "
        "lacks what they were at, or all of it was filled with given numbers",
        hint="if production is the same, set them there: its next inserts collide, too (setval)",
    )


def judge_amcheck(done: Executed) -> list[Finding]:
    """pg_amcheck says nothing when all is well; 2 means that it found something, 1 that it broke.

    Raises:
        CheckUnableError: it could not look.
    """
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    settings = [line for line in lines if line.startswith("checksums\t")]
    said = _grouped(line for line in lines if line not in settings and "WARNING:" not in line)
    if done.exit_code == 0:
        return [Finding("sound"), *_checksums(settings)]
    text = one_line(" ".join(said) or done.stderr)
    if done.exit_code == AMCHECK_FOUND:
        found = [one for one in said or ["pg_amcheck found something"] if not _LOST.search(one)]
        if not found:
            raise CheckRefusedError(f"the server broke off: {text}")
        return blamed(found, _EXCUSED)
    if _DAMAGE_TEXT.search(text):
        return blamed([text], _EXCUSED)
    raise CheckUnableError(f"not covered: {text or 'pg_amcheck said nothing'}")


def _grouped(lines: Iterable[str]) -> list[str]:
    """A place, which ends in a colon, with what is said of it on the next lines."""
    groups = list[str]()
    for line in lines:
        if groups and _CONTINUED.match(line):
            groups[-1] += f" {line.strip()}"
        else:
            groups.append(line.strip())
    return groups


def _checksums(settings: Sequence[str]) -> list[Finding]:
    if any(line.endswith("\ton") for line in settings):
        return [Finding("page checksums are on")]
    return [Finding("page checksums are off: a changed byte inside a value cannot be seen")]


def judge_dump(done: Executed) -> list[Finding]:
    """A dump that broke off on an error of the server found a fault.

    Raises:
        CheckUnableError: it lacks rights or fits the server not.
        CheckRefusedError: the server went away.
    """
    if done.exit_code == 0:
        return [Finding("everything was read")]
    said = _DUMP_SERVER.search(done.stderr)
    text = one_line(said["text"] if said else done.stderr)
    if not said:
        if understand(done.stderr).kind is Kind.LOST:
            raise CheckRefusedError(f"the server broke off during the dump: {text}")
        raise CheckUnableError(f"not covered: {text}")
    if _DROPPED.search(text):
        raise CheckRefusedError(f"dropped during the dump, or lost in the catalogs: {text}")
    return blamed([text], _EXCUSED)


def judge_apart(done: Executed) -> list[Finding]:
    """What could reach production is no fault of the backup, but must not go on.

    Raises:
        IsolationError: the clone could.
    """
    found = rows(done.stdout)
    if reaches := [row[1] for row in found if row[0] == "reaches"]:
        raise IsolationError(
            f"the clone could reach production: {'; '.join(reaches)}",
            hint="switch it off in the sandbox: application.values or application.patches",
        )
    return errors(done, "settings") or [Finding(row[1], row[0] == "bad") for row in found]


PARTS = (
    *counting("postgres", ROWS, _EVERYWHERE, errors),
    scripted(
        "tables and indexes are sound",
        "every table, its TOAST and every btree index is as PostgreSQL writes it, and every row is "
        "in its index (pg_amcheck)",
        _AMCHECK,
        judge_amcheck,
    ),
    scripted(
        "no rows are lost",
        "every row that an index knows is in its table, and every file is there",
        _HEAP,
        lambda done: judge_statements(done, "tables and indexes are"),
        "postgres_heap.sql",
    ),
    scripted("everything can be read", "a dump of all databases ends well", _DUMP, judge_dump),
    scripted(
        "keys hold",
        "indexes are valid; foreign keys and unique keys hold, asked of the tables themselves; no "
        "sequence runs into a row",
        _EVERYWHERE,
        judge_keys,
        "postgres_keys.sql",
    ),
    log_part(LOG_MARKS, _LOGGED, errors),
    scripted(
        "it is apart from production",
        "no standby, no archiving, no subscription",
        _EVERYWHERE,
        judge_apart,
        "postgres_apart.sql",
    ),
)
