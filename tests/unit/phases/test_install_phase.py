"""What it means that an install fails: the workloads are looked at before anybody is blamed."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner import errors
from provisioner.helm.release import Release
from provisioner.phases import hooks, install
from provisioner.phases.hooks import failed


async def installed(
    monkeypatch: pytest.MonkeyPatch, helm: Exception | None, trouble: Exception | None
) -> None:
    """An install whose readiness watch shows its trouble a little after Helm gave up."""
    monkeypatch.setattr(install, "TROUBLE_SECONDS", 0.2)

    async def helm_install(*_: Any) -> None:
        if helm:
            raise helm

    async def watch() -> None:
        await asyncio.sleep(0.05)
        if trouble:
            raise trouble
        await asyncio.sleep(60)

    async def words(*_: Any) -> list[str]:
        return ["the hook's last words"]

    monkeypatch.setattr(install, "last_words", words)
    context: Any = SimpleNamespace(
        helm=SimpleNamespace(install=helm_install),
        deadline=SimpleNamespace(left=lambda: 9.0),
        cluster=None,
        sandbox="verify-x",
    )
    release = Release("web", "verify-x", Path("chart"), {})
    plan: Any = SimpleNamespace(installed=release, streams=[], inplace=[])
    ready = asyncio.create_task(watch())
    try:
        await install.install(context, plan, ready)
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)


async def test_a_workload_in_trouble_explains_a_hook_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(errors.ApplicationError):
        await installed(monkeypatch, errors.HookError("x"), errors.ApplicationError("crashed"))


async def test_a_hook_that_failed_alone_is_told_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(errors.HookError) as caught:
        await installed(monkeypatch, errors.HookError("x"), None)
    assert caught.value.details == ["the hook's last words"]


async def test_a_chart_that_is_refused_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.ChartError):
        await installed(monkeypatch, errors.ChartError("x"), errors.ApplicationError("crashed"))
    await installed(monkeypatch, None, None)


def pod(name: str, exit_code: int, **metadata: Any) -> dict[str, Any]:
    state = {"terminated": {"exitCode": exit_code}}
    return {
        "metadata": {"name": name, **metadata},
        "status": {"containerStatuses": [{"name": "main", "state": state}]},
    }


def test_only_hooks_that_failed_have_last_words() -> None:
    job = {"ownerReferences": [{"kind": "Job", "name": "migrate", "controller": True}]}
    hook = {"annotations": {"helm.sh/hook": "post-install"}}
    ours = {"labels": {"app.kubernetes.io/managed-by": "provisioner"}, **job}
    pods = [
        pod("migrate-x", 1, **job),
        pod("hook", 2, **hook),
        pod("fine", 0, **job),
        pod("web", 1),
        pod("restore-x", 1, **ours),
    ]
    assert failed(pods) == [("migrate-x", "main"), ("hook", "main")]


async def test_hooks_that_cannot_be_asked_are_no_error() -> None:
    async def list_all(*_: Any) -> None:
        raise errors.ClusterError("away")

    cluster: Any = SimpleNamespace(list_all=list_all)
    assert await hooks.last_words(cluster, "verify-x") == []
