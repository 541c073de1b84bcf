"""Whether the same snapshots were verified before, and which document is the same."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from provisioner.deadline import Deadline
from provisioner.errors import RepositoryError
from provisioner.models.generation import generation_of
from provisioner.models.session import ClusterRecord, Report, Session, SnapshotRecord, Tools
from provisioner.models.targets import TargetRecord
from provisioner.models.verifier import VerifierSpec
from provisioner.models.words import Outcome
from provisioner.phases import verified as module
from provisioner.phases.inputs import note_inputs
from provisioner.phases.mapping import Mapped
from provisioner.phases.outline import Outline
from provisioner.phases.verified import look_back, verified

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def pinned(**ids: str) -> list[SnapshotRecord]:
    return [
        SnapshotRecord(restore=name, repository="r", id=one, time=BEGUN, age_seconds=1)
        for name, one in ids.items()
    ]


def values(**changes: Any) -> dict[str, Any]:
    return {
        "id": "blog-x7k2p",
        "verifier": "blog",
        "generation": "g1",
        "source_namespace": "production",
        "sandbox": "verify-blog-x7k2p",
        "started_at": BEGUN,
        "expires_at": BEGUN,
        "snapshots": pinned(database="a", uploads="b"),
        "cluster": ClusterRecord(server="https://one"),
        "tools": Tools(provisioner="1"),
    } | changes


def before(hours: float = 1, outcome: Outcome = Outcome.PASSED, **changes: Any) -> Report:
    at = BEGUN - timedelta(hours=hours)
    ended = {"started_at": at, "finished_at": at, "outcome": outcome}
    return Report(**values(**ended | changes))


NEW = Session(**values())


def test_the_same_set_that_passed_is_found_whatever_the_order() -> None:
    found = before(snapshots=pinned(uploads="b", database="a"))
    assert verified(NEW, [before(9), found, before(5)]) is found


@pytest.mark.parametrize(
    "changes",
    [
        {"snapshots": pinned(database="a", uploads="c")},
        {"snapshots": pinned(database="a")},
        {"snapshots": pinned(database="b", uploads="a")},
        {"generation": "g2"},
        {"inputs": "of another Secret"},
        {"tools": Tools(provisioner="2")},
        {"verifier": "shop"},
        {"source_namespace": "staging"},
        {"cluster": ClusterRecord(server="https://two")},
        {"outcome": Outcome.FAILED},
        {"outcome": Outcome.ERRORED},
        {"outcome": Outcome.INCONCLUSIVE},
        {"outcome": Outcome.CANCELLED},
    ],
    ids=str,
)
def test_another_question_or_another_end_verifies_nothing(changes: dict[str, Any]) -> None:
    assert verified(NEW, [before(**changes)]) is None


@pytest.mark.parametrize("since", [Outcome.FAILED, Outcome.INCONCLUSIVE])
def test_one_that_did_not_pass_since_then_counts_more(since: Outcome) -> None:
    assert verified(NEW, [before(1, since), before(2)]) is None
    assert verified(NEW, [before(2, since), before(1)]) is not None


@pytest.mark.parametrize("since", [Outcome.ERRORED, Outcome.CANCELLED])
def test_one_that_told_nothing_of_the_backup_since_then_does_not_count(since: Outcome) -> None:
    found = before(2)
    assert verified(NEW, [before(1, since), found]) is found


def test_one_whose_sandbox_is_still_kept_has_no_report_yet() -> None:
    assert verified(NEW, [Session(**values(outcome=Outcome.PASSED))]) is None


@pytest.mark.parametrize("met", [True, False])
def test_a_backup_that_has_become_too_old_is_no_pass_however_often_it_was_verified(
    met: bool,
) -> None:
    target = TargetRecord(name="age", limit_seconds=1, seen_seconds=2, met=met, message="old")
    now = Session(**values(targets=[target]))
    assert (verified(now, [before()]) is not None) is met


def test_without_snapshots_nothing_is_the_same() -> None:
    assert verified(Session(**values(snapshots=[])), [before(snapshots=[])]) is None


async def looked_back(monkeypatch: pytest.MonkeyPatch, pin: Callable[..., Any]) -> Report | None:
    async def outline(_: object) -> Outline:
        return Outline(cast("Any", None), Mapped([], [], {}), [])

    monkeypatch.setattr(module, "pin", pin)
    monkeypatch.setattr(module, "outline", outline)
    recorder = SimpleNamespace(session=NEW, update=lambda **_: None)
    context: Any = SimpleNamespace(
        recorder=recorder, deadline=Deadline.after(9), sandbox=NEW.sandbox
    )
    return await look_back(context, lambda: [before()])


async def test_a_look_back_pins_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pin(_: object) -> None: ...

    assert await looked_back(monkeypatch, pin) == before()


async def test_what_stands_in_its_way_is_left_to_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def pin(_: object) -> None:
        raise RepositoryError("away")

    assert await looked_back(monkeypatch, pin) is None


def spec(**changes: Any) -> VerifierSpec:
    return VerifierSpec.model_validate(
        {
            "application": {"chart": {"path": Path("/chart")}, "releaseName": "blog"},
            "repositories": [{"name": "r", "restic": {"url": "/r", "secret": "s"}}],
            "restores": [{"name": "d", "from": "r", "into": {"claim": {"name": "d"}}}],
            "checks": [{"name": "c", "tcp": {"service": "web", "port": 80}}],
            **changes,
        }
    )


def test_a_generation_is_what_the_document_asks_for() -> None:
    assert generation_of(spec()) == generation_of(spec(timeout="1h", retry={"attempts": 1}))
    assert generation_of(spec()) != generation_of(spec(timeout="2h"))
    assert generation_of(spec()) != generation_of(spec(skipIfVerified=True))


async def inputs(sandbox: str = "verify-blog-a", copied: str = "p", image: str = "i") -> str:
    """The digest of a release in that sandbox, and of a Secret that is copied."""
    noted: dict[str, Any] = {}
    recorder = SimpleNamespace(session=NEW, update=noted.update)
    context: Any = SimpleNamespace(recorder=recorder, sandbox=sandbox)
    web = {"kind": "Pod", "spec": {"image": image, "host": f"db.{sandbox}.svc"}}
    one = {"kind": "Secret", "data": {"password": copied}}
    await note_inputs(context, Outline(cast("Any", None), Mapped([web], [], {}), [one]))
    return str(noted["inputs"])


async def test_another_secret_or_release_are_other_inputs_and_another_sandbox_is_none() -> None:
    assert await inputs() == await inputs(sandbox="verify-blog-b")
    assert len({await inputs(), await inputs(copied="q"), await inputs(image="j")}) == 3
