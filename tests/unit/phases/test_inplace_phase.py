"""The steps of a restore in place, and that nothing before it blames a backup."""

from types import SimpleNamespace
from typing import Any

import pytest
from inplace_fakes import DATA, Namespace, claim, inplace, maker, pod

from provisioner.deadline import Deadline
from provisioner.errors import ChartError, DeadlineExceededError, HookError, ProvisionerError
from provisioner.phases import inplace as phase
from provisioner.phases.plan import Plan
from provisioner.restores.inplace import appearing, stopping

WEB = maker("Deployment", "web", "data", replicas=2)


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order; nothing waits."""
    steps: list[str] = []

    def step(name: str) -> Any:
        async def take(*_: object) -> None:
            steps.append(name)

        return take

    monkeypatch.setattr(phase, "open_to_repositories", step("open"))
    monkeypatch.setattr(phase, "close_to_privileged", step("close"))
    monkeypatch.setattr(phase, "last_words", step("last words"))
    monkeypatch.setattr(appearing, "LOOK_SECONDS", 0)
    monkeypatch.setattr(stopping, "LOOK_SECONDS", 0)
    return steps


class Sandbox(Namespace):
    """One that Helm has nothing in yet."""

    def __init__(self, steps: list[str], *chart: Any, error: Exception | None = None) -> None:
        super().__init__()
        self.chart, self.steps, self.error = chart, steps, error

    async def install(self, *_: object) -> None:
        self.steps.append("install")
        if self.error:
            raise self.error
        self.objects += self.chart

    async def fill(self, planned: Any) -> None:
        pods = [one for one in self.objects if one["kind"] == "Pod"]
        self.steps.append(f"fill {[one.target.name for one in planned]} beside {len(pods)} pods")


async def filled(sandbox: Sandbox, seconds: float = 60) -> tuple[Plan, Any]:
    recorder = SimpleNamespace(
        session=SimpleNamespace(enlarged=[]), observer=SimpleNamespace(note=print), update=dict
    )
    context: Any = SimpleNamespace(
        cluster=sandbox, sandbox="x", helm=sandbox, recorder=recorder,
        deadline=Deadline.after(seconds),
    )  # fmt: skip
    release: Any = SimpleNamespace(name="web")
    plan = Plan(release, [WEB], [], [], {}, {}, inplace=[inplace(DATA)])
    return await phase.fill(context, plan, sandbox), plan  # type: ignore[arg-type]


async def test_installed_stopped_and_filled(done: list[str]) -> None:
    database = maker("StatefulSet", "db", replicas=1)
    there = [pod("db-0", "data", owner="StatefulSet/db"), claim("data", phase="Bound")]
    after, before = await filled(Sandbox(done, WEB, database, *there))
    assert done == ["install", "open", "fill ['data'] beside 0 pods", "close"]
    assert [one.target.name for one in after.restores] == ["data"]
    assert before.restores == []
    names = [one["metadata"]["name"] for one in after.objects]
    assert names == ["web", "db"], "readiness waits for what an operator has made, too"
    assert [one.release["spec"] for one in after.stopped] == [{"replicas": 2}, {"replicas": 1}]


async def test_a_hook_that_fails_before_anything_is_restored(done: list[str]) -> None:
    with pytest.raises(ChartError, match="before anything was restored: hook failed"):
        await filled(Sandbox(done, error=HookError("hook failed")))
    assert done == ["install", "last words"]


async def test_an_application_that_does_not_end_is_told(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phase, "TELLING_SECONDS", 59.9)
    stubborn = pod("web-0", "data", owner="ReplicaSet/web-abc")
    stubborn["metadata"]["finalizers"] = ["example.test/nobody"]
    part = maker("ReplicaSet", "web-abc")
    part["metadata"]["ownerReferences"] = [
        {"kind": "Deployment", "name": "web", "controller": True}
    ]
    monkeypatch.setattr(Sandbox, "_goes", lambda *_: False)
    with pytest.raises(DeadlineExceededError, match="stopping the application") as caught:
        await filled(Sandbox(done, WEB, part, stubborn, claim("data", phase="Bound")))
    assert isinstance(caught.value, ProvisionerError)
    assert "finalizers" in caught.value.hint
    assert done == ["install"]
