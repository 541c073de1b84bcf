"""``redis``: a command that reads, to a Service of the sandbox.

Spoken over a port-forward, not by redis-cli in the pod: the image may have none, and replies keep
their types. The password goes over that connection and nowhere else.
"""

import asyncio
import contextlib
import ssl
from typing import Any

import hiredis

from provisioner.checks.answer import Answer, one_line
from provisioner.checks.expect import describe, judge
from provisioner.checks.login import Login, login_from
from provisioner.checks.patience import SPAN, NotYetError, patiently
from provisioner.checks.speech import Kind
from provisioner.checks.target import Sandbox, read_secret
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.forward import Forwarding, forward
from provisioner.errors import CheckRefusedError, CheckUnableError
from provisioner.models.redis import RedisCheck

REPLY_LIMIT = 1024 * 1024
"""Bytes of a reply that are read; an answer is shorter."""

_CODES = {
    **dict.fromkeys(("LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"), Kind.AWAY),
    **dict.fromkeys(("NOAUTH", "WRONGPASS", "NOPERM"), Kind.REFUSED),
    "WRONGTYPE": Kind.WRONG,
}
"""What the first word of an error means."""

_PHRASES = {
    "max number of clients": Kind.AWAY,
    "invalid password": Kind.REFUSED,
    "no such key": Kind.WRONG,
}


async def ask(question: RedisCheck, app: Sandbox, yardstick: Yardstick) -> Answer:
    """Send the command and judge the reply."""
    login = Login("", b"")
    if question.secret is not None:
        login = login_from(await read_secret(app, question.secret), question)
    async with forward(app.cluster, app.namespace, question.service, question.port) as way:

        async def once(_last: bool) -> Answer:
            try:
                reply = await _converse(question, login, way)
            except (OSError, EOFError, hiredis.ProtocolError) as error:
                way.raise_if_away()
                said = way.trouble or str(error) or type(error).__name__
                raise NotYetError(_silent(question, said)) from error
            return judge_reply(question, reply, login, yardstick)

        return await patiently(once, SPAN)


async def _converse(question: RedisCheck, login: Login, way: Forwarding) -> Any:
    """The reply to the command, or the first error on the way to it."""
    way.begin()
    tls = _without_a_name() if question.scheme == "rediss" else None
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port, ssl=tls)
    try:
        replies = hiredis.Reader(notEnoughData=...)
        for command in commands(question, login):
            # Its stub knows commands of one word.
            writer.write(hiredis.pack_command(command))  # type: ignore[arg-type]
            await writer.drain()
            reply = await _reply(reader, replies)
            if isinstance(reply, hiredis.ReplyError):
                break
        return reply
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _without_a_name() -> ssl.SSLContext:
    """The certificate is made out for production's name; the way is the API server's own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def commands(question: RedisCheck, login: Login) -> list[tuple[str | bytes, ...]]:
    """Who asks, where, and the question itself."""
    user = (login.user,) if login.user else ()
    signing_in = [("AUTH", *user, login.password)] if login.password else []
    choosing = [("SELECT", str(question.database))] if question.database else []
    return [*signing_in, *choosing, tuple(question.command)]


async def _reply(reader: asyncio.StreamReader, replies: hiredis.Reader) -> Any:
    """The next reply.

    Raises:
        EOFError: the connection ended before it.
        CheckUnableError: it is too long.
    """
    read = 0
    while (reply := replies.gets()) is ...:
        data = await reader.read(64 * 1024)
        if not data:
            raise EOFError("the connection was closed")
        read += len(data)
        if read > REPLY_LIMIT:
            raise CheckUnableError(
                f"the reply is longer than {REPLY_LIMIT // 1024} KiB",
                hint="ask for its length, e.g. by LLEN or HLEN",
            )
        replies.feed(data)
    return reply


def judge_reply(question: RedisCheck, reply: Any, login: Login, yardstick: Yardstick) -> Answer:
    """Whether the reply is what was expected; what an error means.

    Raises:
        CheckUnableError: nothing is known of the data.
        CheckRefusedError: the server would not answer.
        NotYetError: it cannot answer yet.
    """
    if isinstance(reply, hiredis.ReplyError):
        return _unanswered(question, one_line(login.hide(str(reply))), yardstick)
    judged = judge(question.expect, shown(reply), yardstick)
    return login.hide_answer(judged, (question.service,))


def shown(reply: Any) -> str:
    """A reply as redis-cli prints it into a pipe: each value a line; none is nothing."""
    if reply is None:
        return ""
    if isinstance(reply, list):
        return "\n".join(map(shown, reply))
    return reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)


def understand(said: str) -> Kind:
    """What an error's text means; one that is not known says nothing of the data."""
    if found := _CODES.get(said.split(" ", 1)[0]):
        return found
    return next((kind for phrase, kind in _PHRASES.items() if phrase in said), Kind.UNABLE)


def _unanswered(question: RedisCheck, said: str, yardstick: Yardstick) -> Answer:
    match understand(said):
        case Kind.AWAY:
            raise NotYetError(_silent(question, said))
        case Kind.REFUSED:
            where = f"Service {question.service}"
            raise CheckRefusedError(f"{where} refuses the credentials: {said}")
        case Kind.WRONG:
            return Answer(False, describe(question.expect, yardstick), said)
        case _:
            raise CheckUnableError(f"the command could not be put: {said}")


def _silent(question: RedisCheck, said: str) -> CheckUnableError:
    return CheckUnableError(f"Service {question.service} does not answer: {said}")
