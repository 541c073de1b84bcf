"""Every check is asked, and each way of not answering keeps its own state."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from provisioner.checks import runner
from provisioner.checks.answer import Answer
from provisioner.checks.kinds import questions
from provisioner.checks.patience import NotYetError, patiently
from provisioner.checks.question import Question
from provisioner.checks.runner import run_check, run_checks
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.errors import (
    BackupError,
    CapacityError,
    CheckRefusedError,
    CheckUnableError,
    ClusterAwayError,
    ClusterError,
    ConfigurationError,
    ProvisionerError,
    SnapshotGoneError,
)
from provisioner.models.checks import Check
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState, Severity

Answers = dict[str, Any]


def sandbox() -> Sandbox:
    return Sandbox(cast("Any", None), "ns", "blog", cast("Any", None))


@pytest.fixture
def answers() -> Answers:
    """What each check answers, by its name: an Answer, an error, or several of them in turn."""
    return {}


def question(answers: Answers, name: str, **more: Any) -> Question:
    one = Check.model_validate({"name": name, "tcp": {"service": "s", "port": 1}, **more})

    async def ask(_app: Sandbox, _yardstick: Yardstick) -> Answer:
        answer = answers[name]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            return cast("Answer", await answer())
        return cast("Answer", answer)

    (made,) = questions([one])
    return replace(made, ask=ask)


async def run_all(
    asked: list[Question], on_record: Callable[[CheckRecord], None] = lambda _record: None
) -> list[CheckRecord]:
    return await run_checks(asked, sandbox(), lambda _one: Yardstick(), on_record)


async def run_one(asked: Question) -> CheckRecord:
    return await run_check(asked, sandbox(), Yardstick())


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(True, "e", "s"), CheckState.PASSED),
        (Answer(False, "e", "s"), CheckState.FAILED),
        (CheckUnableError("no client"), CheckState.ERRORED),
        (ClusterError("no answer"), CheckState.ERRORED),
        (ConfigurationError("no Service"), CheckState.ERRORED),
        (CheckRefusedError("access denied"), CheckState.INCONCLUSIVE),
        (SnapshotGoneError("removed"), CheckState.INCONCLUSIVE),
        (BackupError("a pack is damaged"), CheckState.FAILED),
        (CapacityError("no room"), CheckState.ERRORED),
        (KeyError("a fault of ours"), CheckState.ERRORED),
    ],
)
async def test_every_answer_becomes_a_record(
    answers: Answers, answer: Any, state: CheckState
) -> None:
    answers["one"] = answer
    record = await run_one(question(answers, "one"))
    assert record.state is state
    assert record.seconds >= 0
    if isinstance(answer, Exception):
        assert record.message
    assert record.error == (type(answer).__name__ if isinstance(answer, ProvisionerError) else "")


async def test_a_check_whose_way_broke_is_put_again(answers: Answers) -> None:
    answers["one"] = [ClusterAwayError("the connection broke"), Answer(True, "e", "s")]
    record = await run_one(question(answers, "one"))
    assert (record.state, record.earlier) == (CheckState.PASSED, [])
    assert answers["one"] == []


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between two tries, none of them taken."""
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr(runner.asyncio, "sleep", sleep)
    return taken


WRONG, RIGHT = Answer(False, "5", "4"), Answer(True, "5", "5")


async def test_what_is_not_passed_is_put_again_and_each_try_is_told(
    answers: Answers, pauses: list[float]
) -> None:
    answers["one"] = [WRONG, CheckUnableError("away"), RIGHT]
    record = await run_one(question(answers, "one", retries=3))
    assert (record.state, record.saw) == (CheckState.PASSED, "5")
    assert record.earlier == ["Failed: 4", "Errored: away"]
    assert pauses == [1.0, 2.0]


async def test_retries_have_an_end_and_a_wrong_answer_stays_one(
    answers: Answers, pauses: list[float]
) -> None:
    answers["one"] = [WRONG] * 7
    record = await run_one(question(answers, "one", retries=6))
    assert record.state is CheckState.FAILED
    assert len(record.earlier) == 6
    assert pauses[-1] == runner.LONGEST_PAUSE


async def test_without_retries_a_wrong_answer_counts_at_once(answers: Answers) -> None:
    answers["one"] = [WRONG, RIGHT]
    assert (await run_one(question(answers, "one"))).state is CheckState.FAILED


async def test_a_pass_that_saw_nothing_is_none(answers: Answers) -> None:
    answers["one"] = Answer(True, "any answer", " ")
    record = await run_one(question(answers, "one"))
    assert record.state is CheckState.FAILED
    assert "returned nothing" in record.saw


async def test_what_a_check_needs_is_put_first(answers: Answers) -> None:
    order: list[str] = []
    answers.update(dict.fromkeys("abc", RIGHT))
    asked = [
        question(answers, "a", needs=["b"]),
        question(answers, "b", needs=["c"]),
        question(answers, "c"),
    ]
    records = await run_all(asked, lambda one: order.append(one.name))
    assert order == ["c", "b", "a"]
    assert [one.name for one in records] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("answer", "word"),
    [(WRONG, "failed"), (CheckUnableError("x"), "errored"), (CheckRefusedError("x"), "incon")],
)
async def test_a_check_whose_need_was_not_passed_is_not_put(
    answers: Answers, answer: Any, word: str
) -> None:
    answers["first"] = answer  # the others would not know what to answer
    asked = [
        question(answers, "third", needs=["second"]),
        question(answers, "second", needs=["first"]),
        question(answers, "first"),
    ]
    third, second, _ = await run_all(asked)
    assert second.state is third.state is CheckState.SKIPPED
    assert second.message.startswith(f"not put: it needs first ({word}")
    assert third.message == "not put: it needs second (skipped)"


async def test_an_entry_of_several_questions_is_passed_when_all_are(answers: Answers) -> None:
    answers.update(a=RIGHT, b=WRONG, last=RIGHT)
    asked = [replace(question(answers, name), entry="set") for name in "ab"]
    *_, last = await run_all([*asked, question(answers, "last", needs=["set"])])
    assert last.state is CheckState.SKIPPED
    assert last.message == "not put: it needs b (failed)"


async def test_more_than_run_at_once_may_wait_for_the_last(answers: Answers) -> None:
    many = [str(number) for number in range(runner.AT_ONCE + 2)]
    answers.update(dict.fromkeys([*many, "last"], RIGHT))
    asked = [question(answers, name, needs=["last"]) for name in many]
    records = await run_all([*asked, question(answers, "last")])
    assert {one.state for one in records} == {CheckState.PASSED}


async def test_a_record_says_what_the_document_said(answers: Answers) -> None:
    answers["one"] = Answer(True, "e", "5", value=5.0, unmeasured=True)
    record = await run_one(question(answers, "one", severity="advisory"))
    assert record.severity is Severity.ADVISORY
    assert (record.value, record.unmeasured) == (5.0, True)
    assert record.fingerprint


async def test_a_check_that_takes_too_long_is_no_wrong_answer(answers: Answers) -> None:
    answers["slow"] = asyncio.Event().wait
    record = await run_one(question(answers, "slow", timeout="10ms"))
    assert record.state is CheckState.ERRORED
    assert "could not be asked in time" in record.message


async def test_all_checks_are_asked_and_come_in_the_documents_order(
    answers: Answers,
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

    records = await run_all([question(answers, name) for name in "abc"], on_record)
    assert [one.name for one in records] == ["a", "b", "c"]
    assert seen == ["b", "c", "a"]


async def test_a_cancelled_check_ends_all(answers: Answers) -> None:
    answers.update(a=asyncio.Event().wait, b=asyncio.Event().wait)
    task = asyncio.create_task(run_all([question(answers, name) for name in "ab"]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


MOUNT = {"name": "c", "path": "/c"}
SQL = {
    "engine": "mysql",
    "workload": "StatefulSet/db",
    "service": "db",
    "secret": "db",
    "database": "d",
    "query": "SELECT count(*) FROM posts",
}


@pytest.mark.parametrize(
    ("kind", "question", "reads"),
    [
        ("sql", SQL, True),
        ("sql", SQL | {"expect": {}}, False),
        ("sql", SQL | {"query": "SELECT 1"}, False),
        ("redis", {"service": "s", "command": ["LLEN", "failed"]}, True),
        ("redis", {"service": "s", "command": ["LLEN", "failed"], "expect": {}}, False),
        ("exec", {"workload": "Deployment/x", "command": ["ls"]}, False),
        ("exec", {"workload": "Deployment/x", "command": ["ls"], "expect": {}}, False),
        ("exec", {"workload": "Deployment/x", "command": ["ls"], "expect": {"min": 1}}, True),
        (
            "exec",
            {"workload": "Deployment/x", "command": ["echo", "ok"], "expect": {"equals": "ok"}},
            False,
        ),
        ("tcp", {"service": "s", "port": 1}, False),
        ("http", {"service": "s"}, False),
        ("http", {"service": "s", "expect": {"contains": "x"}}, True),
        ("http", {"service": "s", "expect": {"matches": "x"}}, True),
        ("script", {"image": "i", "source": "#!x"}, False),
        ("script", {"image": "i", "source": "#!x\nrun", "secrets": ["s"]}, True),
        ("script", {"image": "i", "source": "#!x\necho ok", "secrets": ["s"]}, False),
        ("script", {"image": "i", "source": "#!x\nls", "claims": [MOUNT]}, True),
        ("job", {"image": "i"}, False),
        ("job", {"image": "i", "claims": [MOUNT]}, True),
        ("job", {"image": "i", "claims": [MOUNT], "command": ["echo", "ok"]}, False),
        ("helmTest", {}, False),
    ],
)
def test_a_check_reads_data_by_its_kind(kind: str, question: Any, reads: bool) -> None:
    (one,) = questions([Check.model_validate({"name": "x", kind: question})])
    assert one.reads_data is reads


def sql_question(**changes: Any) -> Question:
    (one,) = questions([Check.model_validate({"name": "x", "sql": {**SQL, **changes}})])
    return one


def test_a_question_is_the_same_whatever_is_expected_and_another_when_it_asks_otherwise() -> None:
    same, other = sql_question(expect={"min": 7}), sql_question(query="other")
    assert sql_question().fingerprint == same.fingerprint != other.fingerprint


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
