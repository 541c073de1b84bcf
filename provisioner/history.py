"""What former sessions of a verifier say. Pure: the store is read by others."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from provisioner.models.session import CheckRecord, Session
from provisioner.models.words import CheckState, Cleanup, Outcome

_NEVER = datetime.min.replace(tzinfo=UTC)


def whose(session: Session) -> tuple[str, str, str]:
    """What tells one verifier from another: its name, its namespace, and the cluster's server."""
    server = session.cluster.server if session.cluster else ""
    return (session.verifier, session.source_namespace, server)


def former(session: Session, sessions: Sequence[Session]) -> list[Session]:
    """The other sessions of the same verifier, in the order that they are given in."""
    return [one for one in sessions if one.id != session.id and whose(one) == whose(session)]


def of_no_newer(session: Session, sessions: Sequence[Session]) -> list[Session]:
    """Those of no snapshot that is newer than the session's own for the same restore.

    Data grows: that an older backup holds less than a newer one is no fault of it.
    """
    own = {one.restore: one.time for one in session.snapshots}
    return [
        one
        for one in sessions
        if all(each.time <= own.get(each.restore, each.time) for each in one.snapshots)
    ]


def baseline(
    name: str, fingerprint: str, sessions: Sequence[Session]
) -> tuple[Session, CheckRecord] | None:
    """The Passed session of the newest snapshots in which the same check passed with a number.

    A check of that name that asked something else is another one. ``sessions``: newest first; of
    several that verified snapshots of one moment the newest counts.
    """
    found = (
        (session, one)
        for session in sessions
        if session.outcome is Outcome.PASSED
        for one in session.checks
        if _is_number_of(one, name, fingerprint)
    )
    return max(found, key=lambda it: _taken(it[0]), default=None)


def _taken(session: Session) -> datetime:
    """When its oldest snapshot was: no check says which of them it reads."""
    return min((one.time for one in session.snapshots), default=_NEVER)


def _is_number_of(one: CheckRecord, name: str, fingerprint: str) -> bool:
    same = one.name == name and one.fingerprint == fingerprint
    return same and one.state is CheckState.PASSED and one.value is not None


def outdated(session: Session, sessions: Sequence[Session], limit: int) -> list[str]:
    """Ids of the verifier's sessions beyond its limit, ``session`` being the newest.

    What is still needed stays: the last that passed, the baseline of every check that any of them
    put, and what has not ended or left something behind. ``sessions``: newest first.
    """
    own = [session, *former(session, sessions)]
    needed = set(_needed(session, own))
    return [one.id for one in own[limit:] if one.id not in needed and _is_over(one)]


def _needed(session: Session, own: Sequence[Session]) -> Iterator[str]:
    """A session that ended early put no check, and the next one needs a baseline all the same."""
    passed = [one for one in own if one.outcome is Outcome.PASSED]
    yield from (one.id for one in itertools.islice(passed, 1))
    for sessions, before in (([session], of_no_newer(session, own)), (passed, own)):
        for name, fingerprint in {(it.name, it.fingerprint) for s in sessions for it in s.checks}:
            if found := baseline(name, fingerprint, before):
                yield found[0].id


def _is_over(session: Session) -> bool:
    return session.finished_at is not None and session.cleanup is Cleanup.CLEAN
