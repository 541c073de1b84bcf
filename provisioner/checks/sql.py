"""``sql``: a query over the Service, with the application's own credentials.

It runs where the engine's client is: in the workload's own pod. It goes over TCP to the Service
all the same, because a query to 127.0.0.1 may need no password, and a database whose restored
passwords are not the Secret's would pass.
"""

from provisioner.checks import mysql, postgres
from provisioner.checks.answer import Answer, one_line
from provisioner.checks.expect import describe, judge
from provisioner.checks.login import Login, login_from
from provisioner.checks.patience import SPAN, NotYetError, patiently
from provisioner.checks.speech import Kind, Said
from provisioner.checks.target import Sandbox, read_secret, ready_pod
from provisioner.checks.yardstick import Yardstick
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
