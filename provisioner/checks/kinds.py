"""The kinds of checks: how each is asked, and whether it reads restored data.

This is the one place to register a kind. What stands for several questions, e.g. a standard set,
yields them from ``questions``.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from provisioner.checks import content, files, helm_test, http, kubernetes, program, redis, sql, tcp
from provisioner.checks import exec as exec_check
from provisioner.checks.question import Ask, Question
from provisioner.checks.standard import sets
from provisioner.models.checks import Check
from provisioner.models.expect import Expect
from provisioner.models.standard import StandardCheck


@dataclass(frozen=True)
class Kind:
    """One kind: how to ask it, and whether a pass of it can only come from restored data."""

    ask: Callable[[Check], Ask]
    reads_data: Callable[[Any], bool]


def _always(_question: Any) -> bool:
    return True


def _asks_a_table(question: Any) -> bool:
    """``SELECT 1`` answers on any server."""
    return _is_judged(question) and content.reads_a_table(question.query)


def _never(_question: Any) -> bool:
    return False


def _is_judged(question: Any) -> bool:
    """Without an expectation a count of 0 passes, too."""
    return question.expect not in (None, Expect())


def _expects_a_text(question: Any) -> bool:
    """An installer has a status, too."""
    return question.expect.contains is not None or question.expect.matches is not None


def _looks_itself(question: Any) -> bool:
    """``echo ok`` passes everywhere, whatever is expected of it."""
    return _is_judged(question) and not content.only_speaks(question.command)


def _gets_at_data(question: Any) -> bool:
    """Without a claim and without a Secret it cannot reach the data."""
    return bool(question.claims or question.secrets)


def _script_looks(question: Any) -> bool:
    return _gets_at_data(question) and not content.is_only_speech(question.source)


def _job_looks(question: Any) -> bool:
    words = [*question.command, *question.args]
    return _gets_at_data(question) and not content.only_speaks(words)


KINDS = {
    "sql": Kind(lambda one: partial(sql.ask, one.question), _asks_a_table),
    "redis": Kind(lambda one: partial(redis.ask, one.question), _is_judged),
    "exec": Kind(lambda one: partial(exec_check.ask, one.question), _looks_itself),
    "script": Kind(lambda one: partial(program.ask, one.question, one.name), _script_looks),
    "job": Kind(lambda one: partial(program.ask, one.question, one.name), _job_looks),
    "files": Kind(lambda one: partial(files.ask, one.question, one.name), _always),
    "http": Kind(lambda one: partial(http.ask, one.question), _expects_a_text),
    # A port is open on an empty application, too.
    "tcp": Kind(lambda one: partial(tcp.ask, one.question), _never),
    # Charts' tests ask whether the application answers, not what.
    "helmTest": Kind(lambda one: partial(helm_test.ask, one.question), _never),
    "kubernetes": Kind(lambda one: partial(kubernetes.ask, one.question), _never),
}


def questions(checks: Sequence[Check]) -> list[Question]:
    """All questions of a document, in its order."""
    return [question for check in checks for question in _questions(check)]


def _questions(check: Check) -> Iterator[Question]:
    if check.standard is not None:
        where = _whereabouts(check.standard)
        for one in sets.questions(check, check.standard):
            yield replace(one, fingerprint=f"{one.fingerprint} {where}")
        return
    kind = KINDS[check.kind]
    yield Question(
        name=check.name,
        entry=check.name,
        kind=check.kind,
        reads_data=kind.reads_data(check.question),
        ask=kind.ask(check),
        timeout=check.timeout,
        retries=check.retries,
        severity=check.severity,
        needs=tuple(check.needs),
        fingerprint=_fingerprint(check),
    )


def _whereabouts(standard: StandardCheck) -> str:
    """Another server, or another login, which may see other tables, is another question."""
    return f"{standard.workload} {standard.container} {standard.secret}"


def _fingerprint(check: Check) -> str:
    asked = check.question.model_dump_json(exclude={"expect"})
    return hashlib.sha256(f"{check.kind} {asked}".encode()).hexdigest()[:16]
