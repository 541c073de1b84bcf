"""What two databases' sets count alike: rows, and the objects around them."""

from collections import Counter
from collections.abc import Sequence

from provisioner.checks.standard.part import Errors, Finding, Part, rows, scripted
from provisioner.cluster.exec import Executed

MOST_LOST_ROWS = 0.05
"""The share of rows that may be gone since the last session that passed; half a table is more."""

MOST_LOST_OF_A_TABLE = 0.1
"""The same of one table: half of its rows may be few among all."""

MOST_TABLES = 1000
"""The largest are recorded: later sessions look back at each."""

_KINDS = ("tables", "indexes", "constraints", "routines and triggers")


def judge_rows(done: Executed, errors: Errors) -> list[Finding]:
    """At least one table has rows; that none is in the database that is named leaves a doubt.

    A name alone tells not whose data is missing: the variable of a container that was restored
    does nothing. MySQL may keep names in lower case.
    """
    found = rows(done.stdout)
    named = next((row[1] for row in found if row[0] == "named" and len(row) > 1), "")
    tables = [row for row in found if row[0] == "table"]
    full = sorted({row[1] for row in tables if int(row[3])})
    if faults := errors(done, "tables"):
        return faults
    if not full:
        return [
            Finding(f"no table has a row; databases with tables: {_databases(tables)}", bad=True)
        ]
    there = named.lower() in ("", *map(str.lower, full))
    return [_counted(tables, full, "" if there else _lacking(named, tables))]


def _counted(tables: Sequence[Sequence[str]], full: Sequence[str], doubt: str) -> Finding:
    filled = sum(bool(int(row[3])) for row in tables)
    counts = Counter({f"{row[1]}.{row[2]}": int(row[3]) for row in tables})
    count = counts.total()
    text = f"{count} rows in {filled} of {len(tables)} tables of {', '.join(full)}"
    return Finding(text, count=count, counts=dict(counts.most_common(MOST_TABLES)), doubt=doubt)


def _lacking(named: str, tables: Sequence[Sequence[str]]) -> str:
    return (
        f"database {named}, which the container is set up for, has no rows; "
        f"databases with tables: {_databases(tables)}"
    )


def _databases(tables: Sequence[Sequence[str]]) -> str:
    return ", ".join(sorted({row[1] for row in tables})) or "none"


def judge_objects(done: Executed, errors: Errors) -> list[Finding]:
    """How many objects of each kind there are, in all databases."""
    if faults := errors(done, "objects"):
        return faults
    found = [list(map(int, row[2:])) for row in rows(done.stdout) if row[0] == "objects"]
    totals = [sum(column) for column in zip(*found, strict=True)]
    text = ", ".join(f"{count} {kind}" for count, kind in zip(totals, _KINDS, strict=False))
    return [Finding(text or "no objects", count=sum(totals))]


def counting(name: str, ask_rows: str, ask_objects: str, errors: Errors) -> tuple[Part, Part]:
    """The two parts that count, of the set with that name; by scripts that put its statements."""
    return (
        scripted(
            "there is data",
            "tables with rows, in the database that the container is set up for",
            ask_rows,
            lambda done: judge_rows(done, errors),
            f"{name}_rows.sql",
            reads_data=True,
            counts=MOST_LOST_ROWS,
            each=MOST_LOST_OF_A_TABLE,
        ),
        scripted(
            "nothing is left out",
            "as many tables, indexes, constraints, routines and triggers as before",
            ask_objects,
            lambda done: judge_objects(done, errors),
            f"{name}_objects.sql",
            counts=0.0,
        ),
    )
