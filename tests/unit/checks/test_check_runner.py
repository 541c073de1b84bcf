"""Every check is asked, and each way of not answering keeps its own state."""

import asyncio
from typing import Any, cast

import pytest

from provisioner.checks import runner
from provisioner.checks.answer import Answer
from provisioner.checks.patience import NotYetError, patiently
from provisioner.checks.runner import reads_data, run_check, run_checks
from provisioner.checks.target import Sandbox
from provisioner.errors import (
    CheckRefusedError,
    CheckUnableError,
    ClusterAwayError,
    ClusterError,
    ConfigurationError,
)
from provisioner.models.checks import Check
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState


def sandbox() -> Sandbox:
    return Sandbox(cast("Any", None), "ns", "blog", cast("Any", None))


def check(name: str, **more: Any) -> Check:
    return Check.model_validate({"name": name, "tcp": {"service": "s", "port": 1}, **more})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each check answers, by its name: an Answer, or an error."""
    table: dict[str, Any] = {}

    async def ask(one: Check, _app: Sandbox) -> Answer:
        answer = table[one.name]
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            return cast("Answer", await answer())
        return cast("Answer", answer)

    monkeypatch.setattr(runner, "_ask", ask)
    return table


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(True, "e", "s"), CheckState.PASSED),
        (Answer(False, "e", "s"), CheckState.FAILED),
        (CheckUnableError("no client"), CheckState.ERRORED),
        (ClusterError("no answer"), CheckState.ERRORED),
        (ConfigurationError("no Service"), CheckState.ERRORED),
        (CheckRefusedError("access denied"), CheckState.INCONCLUSIVE),
        (KeyError("a fault of ours"), CheckState.ERRORED),
    ],
)
async def test_every_answer_becomes_a_record(
    answers: dict[str, Any], answer: Any, state: CheckState
) -> None:
    answers["one"] = answer
    record = await run_check(check("one"), sandbox())
    assert record.state is state
    assert record.seconds >= 0
    if isinstance(answer, Exception):
        assert record.message


async def test_a_check_whose_way_broke_is_put_again(answers: dict[str, Any]) -> None:
    left: list[Any] = [ClusterAwayError("the connection broke"), Answer(True, "e", "s")]

    async def ask() -> Answer:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return cast("Answer", answer)

    answers["one"] = ask
    assert (await run_check(check("one"), sandbox())).state is CheckState.PASSED
    assert left == []


async def test_a_check_that_takes_too_long_is_no_wrong_answer(answers: dict[str, Any]) -> None:
    answers["slow"] = asyncio.Event().wait
    record = await run_check(check("slow", timeout="10ms"), sandbox())
    assert record.state is CheckState.ERRORED
    assert "could not be asked in time" in record.message


async def test_all_checks_are_asked_and_come_in_the_documents_order(
    answers: dict[str, Any],
) -> None:
    gate = asyncio.Event()

    async def held() -> Answer:
        await gate.wait()
        return Answer(True, "", "first")

    answers.update(a=held, b=CheckUnableError("x"), c=Answer(False, "", "third"))
    seen: list[str] = []

    def on_record(record: CheckRecord) -> None:
        seen.append(record.name)
        if len(seen) == 2:
            gate.set()

    records = await run_checks([check("a"), check("b"), check("c")], sandbox(), on_record)
    assert [one.name for one in records] == ["a", "b", "c"]
    assert seen == ["b", "c", "a"]


async def test_a_cancelled_check_ends_all(answers: dict[str, Any]) -> None:
    answers.update(a=asyncio.Event().wait, b=asyncio.Event().wait)
    task = asyncio.create_task(
        run_checks([check("a"), check("b")], sandbox(), lambda _record: None)
    )
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


SQL = {
    "engine": "mysql",
    "workload": "StatefulSet/db",
    "service": "db",
    "secret": "db",
    "database": "d",
    "query": "q",
}


@pytest.mark.parametrize(
    ("kind", "question", "reads"),
    [
        ("sql", SQL, True),
        ("exec", {"workload": "Deployment/x", "command": ["ls"]}, False),
        ("exec", {"workload": "Deployment/x", "command": ["ls"], "expect": {}}, False),
        ("exec", {"workload": "Deployment/x", "command": ["ls"], "expect": {"min": 1}}, True),
        ("tcp", {"service": "s", "port": 1}, False),
        ("http", {"service": "s"}, False),
        ("http", {"service": "s", "expect": {"contains": "x"}}, True),
        ("http", {"service": "s", "expect": {"matches": "x"}}, True),
        ("script", {"image": "i", "source": "#!x"}, False),
        ("script", {"image": "i", "source": "#!x", "secrets": ["s"]}, True),
        ("script", {"image": "i", "source": "#!x", "claims": [{"name": "c", "path": "/c"}]}, True),
        ("helmTest", {}, False),
    ],
)
def test_a_check_reads_data_by_its_kind(kind: str, question: Any, reads: bool) -> None:
    one = Check.model_validate({"name": "x", kind: question})
    assert reads_data(one) is reads


async def test_not_yet_is_asked_again_and_ends_in_its_last_word() -> None:
    asked: list[bool] = []

    async def ask(last: bool) -> str:
        asked.append(last)
        if len(asked) < 3:
            raise NotYetError(CheckUnableError("refused"))
        return "here"

    assert await patiently(ask, 1.0) == "here"

    async def never(_last: bool) -> str:
        raise NotYetError(CheckUnableError("connection refused"))

    with pytest.raises(CheckUnableError, match="connection refused"):
        await patiently(never, 0.0)
