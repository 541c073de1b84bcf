"""The order of a session, and that its end comes whatever happens; the phases are fakes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner import pipeline
from provisioner.cli.junit import junit
from provisioner.errors import BackupError, CapacityError, ConfigurationError, ProvisionerError
from provisioner.models.session import CheckRecord, Report, Session
from provisioner.models.verified import Verified
from provisioner.models.verifier import BackupVerifier
from provisioner.models.words import (
    STOPPED,
    Cause,
    CheckState,
    Cleanup,
    Evidence,
    Outcome,
    PhaseName,
    PhaseState,
)
from provisioner.phases import attempt
from provisioner.progress import RestoreProgress
from provisioner.tasks import result_of, uninterrupted

PROOF = CheckRecord(name="c", kind="sql", state=CheckState.PASSED, reads_data=True)


class FakeCluster:
    """There is one, and nobody asks it anything."""

    namespace = "default"
    server = "https://10.0.0.1:6443"
    kubeconfig = None
    context = None
    requests = 0


class Phases:
    """Stand-ins for the phases; each notes that it ran, and does what a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[str] = []
        self.does: dict[str, Callable[[], Awaitable[None]]] = {}
        for name in ("plan", "sandbox", "restore", "install", "ready", "keep", "teardown"):
            monkeypatch.setattr(pipeline, name, self._phase(name))
        monkeypatch.setattr(pipeline, "check", self._phase("check"))
        monkeypatch.setattr(pipeline, "look_back", self._look_back)
        monkeypatch.setattr(attempt, "FIRST_PAUSE", timedelta(0))
        self.verified: Report | None = None
        self.looked_back = 0
        monkeypatch.setattr(pipeline.Cluster, "connect", self._connect)
        monkeypatch.setattr(pipeline, "watching_readiness", _nothing_watched)
        monkeypatch.setattr(pipeline, "outlining", self._outlining)

    async def _connect(self, *_: object) -> FakeCluster:
        return FakeCluster()

    @asynccontextmanager
    async def _outlining(self, _: object) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(self.does.get("outline", _nothing)())
        yield task
        await asyncio.gather(task, return_exceptions=True)

    async def _look_back(self, context: Any, _former: object) -> Report | None:
        context.recorder.update(message="a look that nobody watches")
        self.looked_back += 1
        return self.verified

    def _phase(self, name: str) -> Any:
        async def run(context: Any, *arguments: object) -> None:
            self.ran.append(name)
            if name == "plan":
                await result_of(arguments[0])  # type: ignore[arg-type]
            if name in self.does:
                await self.does[name]()
            elif name in SEEN:
                context.recorder.update(**SEEN[name])

        return run


SEEN: dict[str, dict[str, Any]] = {
    "restore": {"evidence": Evidence.RESTORED},
    "ready": {"evidence": Evidence.BOOTED},
    "check": {"evidence": Evidence.PROVEN, "checks": [PROOF]},
    "teardown": {"cleanup": Cleanup.CLEAN},
}


async def _nothing() -> None: ...


class _nothing_watched:  # noqa: N801 - stands for a function
    def __init__(self, *_: object) -> None: ...

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


class Watcher:
    """An observer that may act when a phase begins."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.seen: list[Session] = []
        self.at: dict[PhaseName, Callable[[], object]] = {}

    def record(self, session: Session) -> None:
        self.seen.append(session)
        for phase in session.phases:
            if phase.state is PhaseState.RUNNING and (act := self.at.pop(phase.name, None)):
                act()

    def restoring(self, progress: RestoreProgress) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)

    def kept(self, until: datetime) -> None: ...


class Store:
    """Keeps records, as long as its disk has room."""

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.saved: list[Session] = []

    def save(self, session: Session) -> None:
        if len(self.saved) >= self.room:
            raise ConfigurationError("no space left on device")
        self.saved.append(session)

    def load(self, session_id: str) -> Session:
        raise KeyError(session_id)

    def list(self) -> list[Session]:
        latest = {one.id: one for one in self.saved}
        return sorted(latest.values(), key=lambda one: one.started_at, reverse=True)

    def remove(self, session_id: str) -> None:
        self.saved = [one for one in self.saved if one.id != session_id]


@pytest.fixture
def phases(monkeypatch: pytest.MonkeyPatch) -> Phases:
    return Phases(monkeypatch)


async def run(
    watcher: Watcher | None = None,
    store: Store | None = None,
    keep: int = 0,
    span: str = "1h",
    **changes: Any,
) -> Report:
    ended = await run_or_skip(watcher, store, timedelta(seconds=keep), timeout=span, **changes)
    assert isinstance(ended, Report)
    return ended


async def run_or_skip(
    watcher: Watcher | None = None,
    store: Store | None = None,
    keep: timedelta | None = None,
    **changes: Any,
) -> Report | Verified:
    into = {"claim": {"name": "data"}}
    spec: dict[str, Any] = {
        "application": {"chart": {"path": "chart"}, "releaseName": "web"},
        "repositories": [{"name": "r", "restic": {"url": "/r", "secret": "s"}}],
        "restores": [{"name": "data", "from": "r", "into": into}],
        "checks": [{"name": "c", "tcp": {"service": "web", "port": 80}}],
        **changes,
    }
    spec = {name: value for name, value in spec.items() if value is not None}
    document = {
        "apiVersion": "verify.provisioner.dev/v1alpha1",
        "kind": "BackupVerifier",
        "metadata": {"name": "web"},
        "spec": spec,
    }
    request = pipeline.Request(BackupVerifier.model_validate(document), Path("v.yaml"), keep=keep)
    return await pipeline.run(request, store or Store(), watcher or Watcher())


def raising(error: Exception) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        raise error

    return act


def cancelling() -> Callable[[], object]:
    task = asyncio.current_task()
    assert task is not None
    return task.cancel


async def test_phases_run_once_and_in_order(phases: Phases) -> None:
    report = await run()
    order = ["plan", "sandbox", "restore", "install", "ready", "check", "teardown"]
    assert phases.ran == order
    assert (report.outcome, report.cleanup) == (Outcome.PASSED, Cleanup.CLEAN)
    assert [one.name for one in report.phases] == [*order[:6], "keep", "teardown", "report"]


@pytest.mark.parametrize("checks", [True, False])
async def test_without_an_application_nothing_is_installed(phases: Phases, checks: bool) -> None:
    alone: dict[str, Any] = {} if checks else {"checks": None, "restore_only": True}
    report = await run(application=None, **alone)
    asked = ["check"] if checks else []
    assert phases.ran == ["plan", "sandbox", "restore", *asked, "teardown"]
    skipped = {one.name for one in report.phases if one.state is PhaseState.SKIPPED}
    assert skipped >= {PhaseName.INSTALL, PhaseName.READY}
    assert (report.outcome, report.data_only) == (Outcome.PASSED, True)


async def test_nothing_is_torn_down_that_was_not_begun(phases: Phases) -> None:
    phases.does["outline"] = raising(ConfigurationError("no such chart"))
    report = await run(keep=600)
    assert phases.ran == ["plan"]
    assert (report.outcome, report.cleanup) == (Outcome.ERRORED, Cleanup.CLEAN)
    assert report.message == report.phases[0].message == "no such chart"


async def test_sandbox_is_made_while_snapshots_are_looked_for(phases: Phases) -> None:
    made = asyncio.Event()

    async def sandbox() -> None:
        made.set()

    phases.does |= {"sandbox": sandbox, "plan": made.wait}  # type: ignore[dict-item]
    assert (await run()).outcome is Outcome.PASSED


async def test_sandbox_goes_when_no_snapshot_is_found_after_all(phases: Phases) -> None:
    made = asyncio.Event()

    async def sandbox() -> None:
        made.set()
        await asyncio.Event().wait()

    async def plan() -> None:
        await made.wait()
        raise BackupError("nothing there")

    phases.does |= {"sandbox": sandbox, "plan": plan}
    report = await run()
    assert phases.ran == ["plan", "sandbox", "teardown"]
    assert (report.outcome, report.message) == (Outcome.FAILED, "nothing there")
    told = {one.name: one.message for one in report.phases if one.state is PhaseState.FAILED}
    assert told == {PhaseName.PLAN: "nothing there", PhaseName.SANDBOX: STOPPED}
    assert junit(report).count("<error") + junit(report).count("<failure") == 1


@pytest.mark.parametrize("name", ["sandbox", "restore", "install", "ready", "check"])
async def test_a_phase_that_fails_ends_in_teardown(phases: Phases, name: str) -> None:
    phases.does[name] = raising(BackupError("damaged"))
    report = await run()
    assert phases.ran[-2:] == [name, "teardown"]
    assert (report.outcome, report.message) == (Outcome.FAILED, "damaged")


@pytest.mark.parametrize("name", ["sandbox", "restore", "install", "ready", "check"])
async def test_cancelled_as_a_phase_begins(phases: Phases, name: str) -> None:
    watcher = Watcher()
    watcher.at[PhaseName(name)] = cancelling()
    report = await run(watcher, keep=600)
    assert phases.ran[-1] == "teardown"
    assert "keep" not in phases.ran
    assert (report.outcome, report.cleanup) == (Outcome.CANCELLED, Cleanup.CLEAN)
    assert {one.name: one.state for one in report.phases}[PhaseName(name)] is PhaseState.FAILED


async def test_cancelled_as_keep_begins_is_still_torn_down(phases: Phases) -> None:
    watcher = Watcher()
    watcher.at[PhaseName.KEEP] = cancelling()
    report = await run(watcher, keep=600)
    assert phases.ran[-1] == "teardown"
    assert (report.outcome, report.cleanup) == (Outcome.PASSED, Cleanup.CLEAN)


async def test_a_session_that_takes_too_long_says_where_it_was(phases: Phases) -> None:
    phases.does["restore"] = asyncio.Event().wait
    report = await run(span="50ms")
    assert phases.ran[-2:] == ["restore", "teardown"]
    assert (report.outcome, report.cleanup) == (Outcome.INCONCLUSIVE, Cleanup.CLEAN)
    assert report.message == "the session did not end within 0 s; last seen: in phase restore"
    assert report.hint == "spec.timeout is what a whole session may take"


async def test_cancelled_during_teardown_it_goes_on(phases: Phases) -> None:
    watcher = Watcher()
    watcher.at[PhaseName.TEARDOWN] = cancelling()
    report = await run(watcher)
    assert (report.outcome, report.cleanup) == (Outcome.PASSED, Cleanup.CLEAN)


async def test_cancelled_while_work_fails_that_may_not_be_interrupted(phases: Phases) -> None:
    cancel = cancelling()

    async def withdraw() -> None:
        cancel()
        await asyncio.sleep(0)
        raise BackupError("damaged")

    async def restore() -> None:
        await uninterrupted(withdraw())

    phases.does["restore"] = restore
    report = await run(keep=600)
    assert report.outcome is Outcome.CANCELLED
    assert "keep" not in phases.ran


async def test_full_disk_keeps_nobody_from_verdict_and_cleanup(phases: Phases) -> None:
    watcher = Watcher()
    report = await run(watcher, Store(room=1))
    assert (report.outcome, report.cleanup) == (Outcome.PASSED, Cleanup.CLEAN)
    assert "the session is not recorded: no space left on device" in watcher.notes


@pytest.mark.parametrize("name", ["restore", "check"])
async def test_cancelled_while_the_disk_is_full_it_stops(phases: Phases, name: str) -> None:
    watcher = Watcher()
    watcher.at[PhaseName(name)] = cancelling()
    report = await run(watcher, Store(room=1))
    assert report.outcome is Outcome.CANCELLED
    assert name not in phases.ran
    assert "the session is not recorded: no space left on device" in watcher.notes


async def test_session_that_cannot_be_recorded_at_all_begins_nothing(phases: Phases) -> None:
    with pytest.raises(ConfigurationError, match="no space left"):
        await run(store=Store(room=0))
    assert phases.ran == []


@pytest.mark.parametrize("error", [KeyError("x"), ConfigurationError("no")])
async def test_teardown_that_fails_names_what_may_be_left(phases: Phases, error: Exception) -> None:
    phases.does["teardown"] = raising(error)
    report = await run()
    assert (report.outcome, report.cleanup) == (Outcome.PASSED, Cleanup.LEAKED)
    assert report.leftovers[0].command == f"kubectl delete namespace {report.sandbox}"


async def test_fault_of_our_own_is_errored_and_torn_down(phases: Phases) -> None:
    phases.does["ready"] = raising(KeyError("bug"))
    report = await run()
    assert (report.outcome, phases.ran[-1]) == (Outcome.ERRORED, "teardown")
    assert "provisioner itself failed" in report.message


async def test_verdict_is_recorded_before_the_sandbox_is_kept(phases: Phases) -> None:
    store, seen = Store(), []

    async def keep() -> None:
        seen.append(store.saved[-1].outcome)

    phases.does["keep"] = keep
    await run(store=store, keep=600)
    assert seen == [Outcome.PASSED]


def after(attempts: int, error: ProvisionerError) -> Callable[[], Awaitable[None]]:
    """Fails so often, and not again."""
    left = [error] * attempts

    async def act() -> None:
        if left:
            raise left.pop()

    return act


FULL = CapacityError("no room")


async def test_what_was_not_the_backups_fault_is_tried_again_in_a_new_sandbox(
    phases: Phases,
) -> None:
    store = Store()
    phases.does["restore"] = after(2, FULL)
    report = await run(store=store, retry={"attempts": 3})
    assert (report.outcome, report.evidence) == (Outcome.PASSED, Evidence.PROVEN)
    once = ["plan", "sandbox", "restore"]
    assert phases.ran == [*[*once, "teardown"] * 2, *once, "install", "ready", "check", "teardown"]
    told = [(one.outcome, one.cause, one.message) for one in report.attempts]
    assert told == [
        *[(Outcome.ERRORED, Cause.CAPACITY, "no room")] * 2,
        (Outcome.PASSED, None, "the application came back: 1 checks passed"),
    ]
    sandboxes = [one.sandbox for one in report.attempts]
    assert len(set(sandboxes)) == 3
    assert report.sandbox == sandboxes[-1]
    assert {one.id for one in store.saved} == {report.id}
    assert PhaseState.FAILED not in {one.state for one in report.phases}


async def test_the_last_attempt_is_the_verdict_and_alone_is_kept(phases: Phases) -> None:
    phases.does["ready"] = raising(FULL)
    report = await run(keep=600, retry={"attempts": 2})
    assert (report.outcome, report.cause) == (Outcome.ERRORED, Cause.CAPACITY)
    assert phases.ran.count("plan") == 2
    assert phases.ran.count("keep") == 1
    assert phases.ran[-2:] == ["keep", "teardown"]
    assert len(report.attempts) == 2


@pytest.mark.parametrize(
    "error", [BackupError("damaged"), ConfigurationError("no such Secret"), KeyError("a bug")]
)
async def test_what_would_end_the_same_is_not_tried_again(phases: Phases, error: Exception) -> None:
    phases.does["restore"] = raising(error)
    report = await run(retry={"attempts": 3})
    assert phases.ran.count("restore") == len(report.attempts) == 1


async def test_nothing_is_tried_again_beside_a_sandbox_that_stayed(phases: Phases) -> None:
    phases.does["restore"] = raising(FULL)
    phases.does["teardown"] = raising(ConfigurationError("no"))
    report = await run(retry={"attempts": 3})
    assert (report.cleanup, phases.ran.count("restore")) == (Cleanup.LEAKED, 1)


async def test_nothing_is_tried_again_when_the_time_would_not_do(
    phases: Phases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "FIRST_PAUSE", timedelta(hours=2))
    monkeypatch.setattr(attempt, "LONGEST_PAUSE", timedelta(hours=2))
    phases.does["restore"] = raising(FULL)
    assert len((await run(retry={"attempts": 3})).attempts) == 1


async def test_the_pause_doubles_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "FIRST_PAUSE", timedelta(seconds=15))
    after_so_many = [
        attempt.pause(
            SimpleNamespace(recorder=SimpleNamespace(session=SimpleNamespace(attempts=[0] * n)))  # type: ignore[arg-type]
        ).total_seconds()
        for n in range(1, 8)
    ]
    assert after_so_many == [15, 30, 60, 120, 240, 300, 300]


async def test_cancelled_between_two_attempts(
    phases: Phases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "FIRST_PAUSE", timedelta(minutes=1))
    phases.does["restore"] = raising(FULL)
    watcher, cancel = Watcher(), cancelling()
    monkeypatch.setattr(watcher, "note", lambda text: "attempt 2 of 3" in text and cancel())
    report = await run(watcher, retry={"attempts": 3}, keep=600)
    assert (report.outcome, report.cleanup) == (Outcome.CANCELLED, Cleanup.CLEAN)
    assert [one.outcome for one in report.attempts] == [Outcome.ERRORED, Outcome.CANCELLED]
    assert phases.ran == ["plan", "sandbox", "restore", "teardown"]


async def test_stopped_while_an_attempt_is_removed_no_other_begins(phases: Phases) -> None:
    watcher = Watcher()
    watcher.at[PhaseName.TEARDOWN] = cancelling()
    phases.does["restore"] = raising(FULL)
    report = await run(watcher, retry={"attempts": 3})
    assert (report.outcome, len(report.attempts)) == (Outcome.ERRORED, 1)


@pytest.mark.parametrize(
    ("required", "ran", "message"),
    [
        (None, [], "the data came back; the application was not started"),
        ("restored", [], "the data came back; the application was not started"),
        ("booted", ["install", "ready"],
         "the application is ready on the restored data; it was not asked anything"),
    ],
)  # fmt: skip
async def test_restore_only_ends_where_the_evidence_is_enough(
    phases: Phases, required: str | None, ran: list[str], message: str
) -> None:
    report = await run(restoreOnly=True, checks=None, requireEvidence=required)
    assert phases.ran == ["plan", "sandbox", "restore", *ran, "teardown"]
    assert (report.outcome, report.message) == (Outcome.PASSED, message)
    skipped = {one.name for one in report.phases if one.state is PhaseState.SKIPPED}
    assert skipped == {"install", "ready", "check", "keep"} - set(ran)


async def test_nothing_is_run_or_recorded_when_the_same_was_verified(phases: Phases) -> None:
    phases.verified = await run()
    phases.ran.clear()
    store, watcher = Store(), Watcher()
    ended = await run_or_skip(watcher, store, skipIfVerified=True)
    assert ended == Verified(phases.verified)
    assert (store.saved, phases.ran, watcher.seen) == ([], [], [])


async def test_a_session_follows_when_it_was_not(phases: Phases) -> None:
    ended = await run_or_skip(skipIfVerified=True)
    assert isinstance(ended, Report)
    assert phases.looked_back == 1


@pytest.mark.parametrize(
    ("skip", "keep"), [(False, None), (True, timedelta(0)), (True, timedelta(minutes=1))]
)
async def test_nobody_looks_back_unasked_or_when_a_sandbox_is_wanted(
    phases: Phases, skip: bool, keep: timedelta | None
) -> None:
    assert isinstance(await run_or_skip(keep=keep, skipIfVerified=skip), Report)
    assert phases.looked_back == 0


async def test_sessions_beyond_the_limit_are_forgotten(phases: Phases) -> None:
    store = Store()
    reports = [await run(store=store) for _ in range(12)]
    assert [one.id for one in store.list()] == [one.id for one in reversed(reports[2:])]
