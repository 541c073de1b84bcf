"""What former sessions of a verifier say. Pure: the store is read by others."""

import itertools
from collections.abc import Iterator, Sequence

from provisioner.models.session import CheckRecord, Session
from provisioner.models.words import CheckState, Cleanup, Outcome


def former(session: Session, sessions: Sequence[Session]) -> list[Session]:
    """The other sessions of the same verifier, in the order that they are given in."""
    return [
        one
        for one in sessions
        if one.id != session.id
        and one.verifier == session.verifier
        and one.source_namespace == session.source_namespace
    ]


def baseline(
    name: str, fingerprint: str, sessions: Sequence[Session]
) -> tuple[Session, CheckRecord] | None:
    """The last Passed session in which the same check passed with a number.

    A check of that name that asked something else is another one. ``sessions``: newest first.
    """
    for session in sessions:
        if session.outcome is Outcome.PASSED:
            for one in session.checks:
                if _is_number_of(one, name, fingerprint):
                    return session, one
    return None


def _is_number_of(one: CheckRecord, name: str, fingerprint: str) -> bool:
    same = one.name == name and one.fingerprint == fingerprint
    return same and one.state is CheckState.PASSED and one.value is not None


def outdated(session: Session, sessions: Sequence[Session], limit: int) -> list[str]:
    """Ids of the verifier's sessions beyond its limit, ``session`` being the newest.

    What is still needed stays: baselines of the session's checks, the last that passed, and what
    has not ended or left something behind. ``sessions``: newest first.
    """
    own = [session, *former(session, sessions)]
    needed = set(_needed(session, own))
    return [one.id for one in own[limit:] if one.id not in needed and _is_over(one)]


def _needed(session: Session, own: Sequence[Session]) -> Iterator[str]:
    passed = (one.id for one in own if one.outcome is Outcome.PASSED)
    yield from itertools.islice(passed, 1)
    for check in session.checks:
        if found := baseline(check.name, check.fingerprint, own):
            yield found[0].id


def _is_over(session: Session) -> bool:
    return session.finished_at is not None and session.cleanup is Cleanup.CLEAN
