"""Claims that an installed application makes, when they come and when they do not."""

from typing import Any

import pytest
from inplace_fakes import DATA, Namespace, claim, inplace, maker, pod

from provisioner.deadline import Deadline
from provisioner.errors import ConfigurationError
from provisioner.restores.claims.targets import targets_of
from provisioner.restores.inplace import appearing
from provisioner.restores.inplace.appearing import Appearing

DB = {"volume": {"workload": "StatefulSet/db", "name": "data"}}
TEMPLATE = {"metadata": {"name": "data"}, "spec": claim()["spec"]}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appearing, "LOOK_SECONDS", 0)


def one_by_one(*objects: Any) -> Any:
    """An operator that makes one object each time that somebody looks."""
    left = list(objects)

    def make(cluster: Namespace) -> None:
        if left:
            cluster.objects.append(left.pop(0))

    return make


async def wait(cluster: Any, into: dict[str, Any], seconds: float = 600) -> tuple[Any, list[str]]:
    told: list[str] = []
    one = Appearing(cluster, "x", [inplace(into)], told.append)
    return await one.wait(Deadline.after(seconds)), told


def bound(name: str = "data") -> dict[str, Any]:
    return claim(name, phase="Bound")


async def test_a_claim_is_there_when_something_mounts_it_and_it_has_a_volume() -> None:
    web = maker("Deployment", "web", "data")
    made = one_by_one(claim("other"), claim(), web)

    def operate(cluster: Namespace) -> None:
        if cluster.objects and cluster.objects[-1] == web:
            cluster.named("PersistentVolumeClaim", "data")["status"]["phase"] = "Bound"
        made(cluster)

    live, told = await wait(Namespace(operator=operate), DATA)
    assert told == [
        "waiting for claim data",
        "waiting for what mounts claim data",
        "waiting for the volume of claim data",
    ]
    (target,) = targets_of(inplace(DATA).restore, live.made)
    assert (target.name, target.workload["metadata"]["name"]) == ("data", "web")


async def test_a_claim_that_nothing_mounts_is_filled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(appearing, "IDLE_SECONDS", 0)
    live, _ = await wait(Namespace(claim()), DATA)
    assert list(live.claims) == ["data"]


async def test_a_volume_of_a_workload_that_an_operator_makes() -> None:
    database = maker("StatefulSet", "db", replicas=2, volumeClaimTemplates=[TEMPLATE])
    made = (database, bound("data-db-0"), bound("data-db-1"))
    live, told = await wait(Namespace(operator=one_by_one(*made)), DB)
    assert told == [
        "waiting for claim data-db-0", "waiting for claim data-db-1"
    ]  # fmt: skip
    names = [one.name for one in targets_of(inplace(DB).restore, live.made)]
    assert names == ["data-db-0", "data-db-1"]


async def test_a_workload_without_such_a_volume_is_not_waited_for() -> None:
    database = maker("StatefulSet", "db", volumeClaimTemplates=[])
    with pytest.raises(ConfigurationError, match="StatefulSet/db has no volume data on a claim"):
        await wait(Namespace(database), DB)


@pytest.mark.parametrize(
    ("into", "what"), [(DATA, "claim data"), (DB, "volume data of StatefulSet/db")]
)
async def test_what_never_appears_is_named_with_what_is_there(
    monkeypatch: pytest.MonkeyPatch, into: dict[str, Any], what: str
) -> None:
    monkeypatch.setattr(appearing, "TELLING_SECONDS", 599.99)
    cluster = Namespace(claim("dta"), maker("Deployment", "web", "dta"), pod("once"))
    with pytest.raises(ConfigurationError) as caught:
        await wait(cluster, into)
    assert caught.value.message == (
        f"the installed application did not make {what} within the session's 600 s"
    )
    assert "Its claims: dta; its workloads: Deployment/web" in caught.value.hint
