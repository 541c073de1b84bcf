"""``sql``: a query over the Service, with the application's own credentials.

It runs where the engine's client is: in the workload's own pod. It goes over TCP to the Service
all the same, because a query to 127.0.0.1 may need no password, and a database whose restored
passwords are not the Secret's would pass.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field, replace

from provisioner.checks import mysql, postgres
from provisioner.checks.answer import Answer, one_line
from provisioner.checks.expect import describe, judge
from provisioner.checks.patience import SPAN, NotYetError, patiently
from provisioner.checks.speech import Kind, Said
from provisioner.checks.target import Sandbox, read_secret, ready_pod
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.api import Object
from provisioner.cluster.exec import (
    CAPTURE_LIMIT,
    CUT_MARK,
    NOT_EXECUTABLE_EXIT_CODE,
    NOT_FOUND_EXIT_CODE,
    execute,
)
from provisioner.errors import CheckRefusedError, CheckUnableError
from provisioner.models.checks import SqlCheck

_ENGINES = {"mysql": mysql, "mariadb": mysql, "postgres": postgres}

_SHORT = 4
"""Shorter passwords are only hidden as whole words: they are part of too many others."""


@dataclass(frozen=True)
class Login:
    """A user and a password out of a Secret. Neither is ever shown."""

    user: str = field(repr=False)
    password: bytes = field(repr=False)

    def hide(self, text: str, public: tuple[str, ...] = ()) -> str:
        """The text without them; what stands in the document anyway may stay."""
        password = self.password.decode(errors="replace")
        text = _without(text, password, "<password>", whole_word=len(password) < _SHORT)
        return text if self.user in public else _without(text, self.user, "<user>", whole_word=True)

    def hide_answer(self, answer: Answer, public: tuple[str, ...] = ()) -> Answer:
        """The same of an answer: a password may be a number."""
        saw = self.hide(answer.saw, public)
        if saw == answer.saw:
            return answer
        return replace(answer, saw=saw, value=None, trend=None)


def _without(text: str, secret: str, mark: str, *, whole_word: bool) -> str:
    if not secret:
        return text
    pattern = re.escape(secret)
    return re.sub(rf"(?<!\w){pattern}(?!\w)" if whole_word else pattern, mark, text)


def login_from(data: Object, question: SqlCheck) -> Login:
    """User and password out of a Secret's data.

    Raises:
        CheckUnableError: a key is not there or its value cannot be used.
    """
    user = _value(data, question.secret, question.user_key)
    password = _value(data, question.secret, question.password_key).rstrip(b"\n")
    if b"\n" in password or b"\0" in password:
        raise CheckUnableError(
            f"Secret {question.secret}: {question.password_key} has more than one line"
        )
    return Login(user.decode(errors="replace").strip(), password)


def _value(data: Object, secret: str, key: str) -> bytes:
    if key not in data:
        has = ", ".join(sorted(data)) or "no keys"
        raise CheckUnableError(
            f"Secret {secret} has no key {key}; it has: {has}",
            hint="userKey and passwordKey name the keys",
        )
    try:
        return base64.b64decode(data[key], validate=True)
    except binascii.Error as error:
        raise CheckUnableError(f"Secret {secret}: {key} is no base64") from error


async def ask(question: SqlCheck, app: Sandbox, yardstick: Yardstick) -> Answer:
    """Put the query and judge the first column of the first row."""
    login = login_from(await read_secret(app, question.secret), question)
    pod = await ready_pod(app, question.workload)

    async def once(_last: bool) -> Answer:
        return await _query(question, app, pod, login, yardstick)

    return await patiently(once, SPAN)


async def _query(
    question: SqlCheck, app: Sandbox, pod: str, login: Login, yardstick: Yardstick
) -> Answer:
    engine = _ENGINES[question.engine]
    done = await execute(
        app.cluster,
        app.namespace,
        pod,
        question.container,
        engine.command(question, login.user),
        stdin=login.password + b"\n" + question.query.encode() + b"\n",
    )
    public = (question.database, question.service)
    if done.exit_code in (NOT_FOUND_EXIT_CODE, NOT_EXECUTABLE_EXIT_CODE):
        said = login.hide(one_line(done.stderr), public)
        raise CheckUnableError(f"{question.workload} has no client for {question.engine}: {said}")
    if done.exit_code != 0:
        return _unanswered(question, engine.understand(done.stderr), login)
    if done.stdout.startswith(CUT_MARK):
        raise CheckUnableError(
            f"the answer is longer than {CAPTURE_LIMIT // 1024} KiB: its first row is lost",
            hint="let the query count, or give it a LIMIT",
        )
    judged = judge(question.expect, engine.first_value(done.stdout), yardstick)
    return login.hide_answer(judged, public)


def _unanswered(question: SqlCheck, said: Said, login: Login) -> Answer:
    """What an error of the client or the server means.

    Raises:
        CheckUnableError: nothing is known of the data.
        CheckRefusedError: the server would not answer.
        NotYetError: nobody answers yet.
    """
    sentence = login.hide(one_line(said.sentence), (question.database, question.service))
    where = f"Service {question.service}"
    match said.kind:
        case Kind.AWAY:
            raise NotYetError(CheckUnableError(f"{where} does not answer: {sentence}"))
        case Kind.REFUSED:
            raise CheckRefusedError(f"{where} refuses the credentials: {sentence}")
        case Kind.LOST:
            raise CheckRefusedError(f"{where} broke off while answering: {sentence}")
        case Kind.UNABLE:
            raise CheckUnableError(f"the query could not be put: {sentence}")
        case Kind.WRONG:
            return Answer(False, describe(question.expect), sentence)
