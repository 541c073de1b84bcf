"""What is found wrong, and what to do about it."""

import stat
from pathlib import Path
from typing import Any

import pytest

from provisioner import doctor
from provisioner.cluster.api import Cluster, Object
from provisioner.doctor import access_review, examine, judge_rights, judge_storage, judge_version
from provisioner.errors import ClusterError


@pytest.mark.parametrize(
    ("said", "ok"),
    [
        ("v3.14.0", True),
        ("v3.13.9", False),
        ("v4.0.1", True),
        ("3.100.0-rc.1+g1", True),
        ("", False),
        ("nonsense", False),
    ],
)
def test_versions_are_compared_as_numbers(said: str, ok: bool) -> None:
    found = judge_version("helm", "helm", said, (3, 14), "install it")
    assert (found.ok, found.hint) == (ok, "" if ok else "install it")


def test_missing_rights_are_told_by_resource() -> None:
    denied = [("list", "", "pods"), ("watch", "", "pods"), ("create", "batch", "jobs")]
    found = judge_rights(denied, 80)
    assert not found.ok
    assert found.message == "missing in all namespaces: pods: list, watch; jobs.batch: create"


def test_a_subresource_is_asked_for_as_one() -> None:
    asked = access_review("create", "", "pods/exec")["spec"]["resourceAttributes"]
    assert asked == {"verb": "create", "group": "", "resource": "pods", "subresource": "exec"}


def storage_class(name: str, **annotations: str) -> Object:
    return {"metadata": {"name": name, "annotations": annotations}}


def test_a_default_storage_class_is_wanted() -> None:
    default = storage_class("fast", **{doctor.DEFAULT_CLASS: "true"})
    assert judge_storage([storage_class("slow"), default]).message == "the default is fast"
    found = judge_storage([storage_class("slow", **{doctor.DEFAULT_CLASS: "false"})])
    assert (found.ok, found.message) == (False, "none is the default; there are: slow")
    assert judge_storage([]).message == "none is the default"


class FakeCluster:
    server = "https://10.0.0.1:6443"
    namespace = "default"

    def __init__(self, policies: int | None = None, allowed: bool = True) -> None:
        self._policies, self._allowed = policies, allowed

    async def version(self) -> str:
        return "v1.34.4"

    async def create(self, *_: object) -> Object:
        return {"status": {"allowed": self._allowed}}

    async def list_all(self, *_: object) -> list[Object]:
        return [storage_class("fast", **{doctor.DEFAULT_CLASS: "true"})]

    async def list_page(self, *_: object) -> Object:
        if self._policies:
            raise ClusterError("refused", status=self._policies)
        return {}


@pytest.fixture
def programs(tmp_path: Path) -> tuple[str, str]:
    for name, said in (("helm", "v4.1.0"), ("restic", "restic 0.18.1 compiled with go")):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho '{said}'\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(tmp_path / "helm"), str(tmp_path / "restic")


def use(cluster: FakeCluster | Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(*_: object) -> Any:
        if isinstance(cluster, Exception):
            raise cluster
        return cluster

    monkeypatch.setattr(Cluster, "connect", connect)


async def test_all_is_well(programs: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    use(FakeCluster(), monkeypatch)
    found = await examine(None, None, *programs)
    assert [one.ok for one in found] == [True] * 6
    assert [one.message for one in found[:3]] == [
        "v4.1.0",
        "0.18.1",
        "https://10.0.0.1:6443, Kubernetes v1.34.4",
    ]


async def test_what_is_missing_stops_no_other_look(
    programs: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(ClusterError("no answer", hint="is it up?"), monkeypatch)
    helm, restic, cluster = await examine(None, None, "/no/such/helm", programs[1])
    assert (helm.ok, restic.ok, cluster.ok) == (False, True, False)
    assert (cluster.message, cluster.hint) == ("no answer", "is it up?")


@pytest.mark.parametrize(("status", "ok"), [(404, False), (403, True), (500, False)])
async def test_network_policies_by_the_servers_answer(
    status: int, ok: bool, programs: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(FakeCluster(policies=status), monkeypatch)
    assert (await examine(None, None, *programs))[-1].ok is ok


async def test_no_rights(programs: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    use(FakeCluster(allowed=False), monkeypatch)
    rights = (await examine(None, None, *programs))[3]
    assert (rights.name, rights.ok) == ("rights", False)
