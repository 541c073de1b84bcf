"""Claims without an application: their specs, how large they are, and who mounts them."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.deadline import Deadline
from provisioner.errors import CapacityError, ChartError, ClusterError
from provisioner.helm.release import Release
from provisioner.models.verifier import VerifierSpec
from provisioner.phases import sandbox
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims import room
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.restores.claims.scratch import scratch_targets, with_room
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.placement import side_by_side

GIB = 2**30


def storage(size: str) -> dict[str, Any]:
    return {"requests": {"storage": size}}


def spec(*names: str, **more: Any) -> VerifierSpec:
    restores = [
        {"name": name, "from": "r", "into": {"claim": {"name": name, "subPath": "x"}}}
        for name in names
    ]
    repositories = [{"name": "r", "restic": {"url": "/r", "secret": "s"}}]
    given = {"repositories": repositories, "restores": restores, "restoreOnly": True, **more}
    return VerifierSpec.model_validate(given)


def target(of: VerifierSpec, name: str = "data") -> ClaimTarget:
    (found,) = scratch_targets(of)[name]
    return found


def planned(of: VerifierSpec, size: int | None) -> list[PlannedRestore]:
    time = datetime(2026, 3, 1, tzinfo=UTC)
    snapshot = Snapshot(id="a", time=time, host="", paths=(), tags=(), bytes=size)
    return [
        PlannedRestore(one, of.repositories[0], snapshot, "/", target(of, one.name))
        for one in of.restores
    ]


def test_a_claim_is_as_the_document_lists_it() -> None:
    claim = {"resources": storage("2Gi"), "storageClassName": "fast"}
    found = target(spec("data", sandbox={"claims": {"data": claim}, "storageClass": "slow"}))
    assert found.spec == {
        "accessModes": ["ReadWriteOnce"],
        "resources": storage("2Gi"),
        "storageClassName": "fast",
        "volumeMode": "Filesystem",
    }
    assert (found.name, found.sub_path) == ("data", "x")
    assert not found.existing  # production's claim of that name is not asked for


def test_one_that_names_no_class_gets_the_sandboxs() -> None:
    assert target(spec("data", sandbox={"storageClass": "slow"})).spec["storageClassName"] == "slow"
    assert "storageClassName" not in target(spec("data")).spec


@pytest.mark.parametrize(("size", "asked"), [(None, "1Gi"), (1, "1Gi"), (10 * GIB, "11Gi")])
def test_one_without_a_size_has_room_for_its_snapshot(size: int | None, asked: str) -> None:
    (one,) = with_room(planned(spec("data"), size))
    assert room.bytes_of(one.target.requested) == room.bytes_of(asked)
    assert room.enlargements([one]) == []


def test_one_that_the_document_makes_too_small_is_enlarged_and_told() -> None:
    listed = spec("data", sandbox={"claims": {"data": {"resources": storage("1Gi")}}})
    (larger,) = room.enlargements(with_room(planned(listed, 10 * GIB)))
    assert (larger.claim, larger.requested, larger.enlarged) == ("data", "1Gi", "11264Mi")


def test_claims_that_one_check_mounts_are_filled_on_one_node() -> None:
    def script(*claims: str) -> dict[str, Any]:
        mounts = [{"name": one, "path": f"/{one}"} for one in claims]
        return {
            "name": "-".join(claims),
            "script": {"image": "i", "source": "#!/bin/sh", "claims": mounts},
        }

    checks = [script("a", "b"), script("c"), {"name": "f", "files": {"restore": "c"}}]
    found = scratch_targets(spec("a", "b", "c", restoreOnly=False, checks=checks))
    together = side_by_side({name: one for name, (one,) in found.items()})
    assert set(together) == {"a", "b"}


UNCOUNTED = ChartError("the chart does not install: status unknown for quota: verify-sandbox")


class Helm:
    """Refuses with these errors, one after the other, and then installs."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.installed: list[Release] = []

    async def install(self, release: Release, _: float) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.installed.append(release)


async def make(helm: Helm, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(sandbox, "AGAIN_SECONDS", 0)
    context: Any = SimpleNamespace(
        helm=helm, sandbox="verify-x", deadline=Deadline.after(9),
        verifier=SimpleNamespace(spec=spec("data", sandbox={"quota": {"pods": "3"}})),
    )  # fmt: skip
    await sandbox.make_claims(context, [target(spec(*names), name) for name in names])


async def test_the_fences_own_chart_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    helm = Helm(UNCOUNTED, UNCOUNTED)
    await make(helm, monkeypatch, "data", "wal")
    (release,) = helm.installed
    assert release.name == "verify-sandbox"
    assert list(release.values["claims"]) == ["data", "wal"]
    assert release.values["quota"] == {"pods": "3"}  # what fences must not change with it


async def test_an_application_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    helm = Helm()
    await make(helm, monkeypatch)
    assert helm.installed == []


@pytest.mark.parametrize(
    ("error", "raised"),
    [(ChartError("admission webhook denied"), ClusterError), (CapacityError("x"), CapacityError)],
)
async def test_a_refusal_is_no_charts_fault(
    monkeypatch: pytest.MonkeyPatch, error: Exception, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        await make(Helm(error), monkeypatch, "data")
