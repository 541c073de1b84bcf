"""What Redis is told, and what its replies mean; a server of our own stands in for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import hiredis
import pytest

from provisioner.checks import redis
from provisioner.checks.expect import UNKNOWN
from provisioner.checks.login import Login, login_from
from provisioner.checks.patience import NotYetError
from provisioner.checks.redis import commands, judge_reply, shown
from provisioner.errors import CheckRefusedError, CheckUnableError
from provisioner.models.expect import Expect
from provisioner.models.redis import RedisCheck

NOBODY = Login("", b"")


def question(*command: str, **more: Any) -> RedisCheck:
    return RedisCheck(service="queue", command=list(command or ("DBSIZE",)), **more)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (b"11.42", "11.42"),
        (7, "7"),
        (None, ""),
        ([], ""),
        ([b"a", 5, [b"b", None]], "a\n5\nb\n"),
        ("ö".encode(), "ö"),
        (b"\xff", "\ufffd"),
    ],
)
def test_replies_are_shown_as_in_a_pipe(reply: Any, text: str) -> None:
    assert shown(reply) == text


@pytest.mark.parametrize(
    ("reply", "passed"), [(3, True), (0, False), (None, False), (b"", False), ([], False)]
)
def test_a_reply_is_judged_and_none_never_passes(reply: Any, passed: bool) -> None:
    assert judge_reply(question(), reply, NOBODY, UNKNOWN).passed is passed


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("LOADING Redis is loading the dataset in memory", NotYetError),
        ("MASTERDOWN Link with MASTER is down", NotYetError),
        ("ERR max number of clients reached", NotYetError),
        ("NOAUTH Authentication required.", CheckRefusedError),
        ("WRONGPASS invalid username-password pair", CheckRefusedError),
        ("ERR invalid password", CheckRefusedError),
        ("NOPERM this user has no permissions", CheckRefusedError),
        ("ERR AUTH <password> called without any password configured", CheckUnableError),
        ("ERR unknown command 'JSON.GET'", CheckUnableError),
        ("ERR wrong number of arguments for 'get' command", CheckUnableError),
        ("MOVED 3999 127.0.0.1:6381", CheckUnableError),
    ],
)
def test_an_error_that_says_nothing_of_the_data_is_no_verdict(
    said: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        judge_reply(question(), hiredis.ReplyError(said), NOBODY, UNKNOWN)


@pytest.mark.parametrize("said", ["WRONGTYPE Operation against a key", "ERR no such key"])
def test_a_key_of_another_type_is_the_datas_fault(said: str) -> None:
    answer = judge_reply(question(), hiredis.ReplyError(said), NOBODY, UNKNOWN)
    assert (answer.passed, answer.saw) == (False, said)


def test_who_asks_and_where_come_before_the_question() -> None:
    login = Login("reader", b"p w")
    asked = commands(question("GET", "a b", database=2), login)
    assert asked == [("AUTH", "reader", b"p w"), ("SELECT", "2"), ("GET", "a b")]
    assert commands(question("GET", "a"), Login("", b"x")) == [("AUTH", b"x"), ("GET", "a")]
    assert commands(question("GET", "a"), NOBODY) == [("GET", "a")]


def test_a_password_needs_no_user() -> None:
    login = login_from({"password": "cHc="}, question(secret="queue"))
    assert (login.user, login.password) == ("", b"pw")


def test_a_password_is_not_shown() -> None:
    login = Login("", b"hunter22")
    answer = judge_reply(question(expect=Expect(matches="x")), b"x hunter22", login, UNKNOWN)
    assert answer.saw == "x <password>"


@pytest.mark.parametrize("command", ["SET", "flushall", "EVAL", "PING", "CONFIG", "echo"])
def test_a_command_that_reads_no_key_is_refused(command: str) -> None:
    with pytest.raises(ValueError, match="no command that reads keys"):
        question(command)


class Way(SimpleNamespace):
    def begin(self) -> None: ...

    def raise_if_away(self) -> None: ...


Serve = Callable[[bytes], bytes]


@pytest.fixture
async def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Asks a server that answers each command with what ``serve`` makes of it."""

    async def asking(serve: Serve, **more: Any) -> Any:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(4096):
                writer.write(serve(data))
                await writer.drain()
                if not serve(data):
                    break
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]

        @asynccontextmanager
        async def forward(*_: Any) -> AsyncIterator[Way]:
            yield Way(port=port, trouble="")

        monkeypatch.setattr(redis, "forward", forward)
        monkeypatch.setattr(redis, "SPAN", 0.0)
        app: Any = SimpleNamespace(cluster=None, namespace="verify-x")
        try:
            return await redis.ask(question(**more), app, UNKNOWN)
        finally:
            server.close()

    return asking


async def test_a_command_is_sent_and_its_reply_read(ask: Any) -> None:
    heard: list[bytes] = []

    def serve(data: bytes) -> bytes:
        heard.append(data)
        return b":42\r\n"

    answer = await ask(serve)
    assert (answer.passed, answer.saw, answer.value) == (True, "42", 42)
    assert heard[0] == b"*1\r\n$6\r\nDBSIZE\r\n"


async def test_a_refused_selection_ends_the_talk(ask: Any) -> None:
    with pytest.raises(CheckUnableError, match="DB index is out of range"):
        await ask(lambda _: b"-ERR DB index is out of range\r\n", database=99)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n"])
async def test_who_speaks_otherwise_or_not_at_all_gives_no_answer(ask: Any, said: bytes) -> None:
    with pytest.raises(CheckUnableError, match="Service queue does not answer"):
        await ask(lambda _: said)


async def test_a_reply_without_an_end_is_not_read_for_ever(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "REPLY_LIMIT", 1000)
    with pytest.raises(CheckUnableError, match="the reply is longer"):
        await ask(lambda _: b"$5000\r\n" + b"x" * 2000)
