"""An application that is stopped for a restore in place, and started again."""

from typing import Any

import pytest
from inplace_fakes import Namespace, claim, maker, pod

from provisioner.errors import ConfigurationError
from provisioner.models.base import HELD
from provisioner.restores.held import start
from provisioner.restores.inplace import stopping
from provisioner.restores.inplace.live import look
from provisioner.restores.inplace.stopping import Stopping

WEB = maker("Deployment", "web", "data", replicas=2)
WEB_PODS = [pod(f"web-{one}", "data", owner="ReplicaSet/web-abc") for one in range(2)]
PART = maker("ReplicaSet", "web-abc", "data")
PART["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "controller": True}]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "LOOK_SECONDS", 0)
    monkeypatch.setattr(stopping, "STAY_SECONDS", 0)


async def stopped(cluster: Namespace, *own: str) -> tuple[Any, list[str]]:
    told: list[str] = []
    client: Any = cluster
    there = await look(client, "x")
    return await Stopping(client, "x", {"data"}, told.append).stop(there, set(own)), told


async def test_everything_goes_to_0_and_back_to_what_it_was() -> None:
    cache = maker("StatefulSet", "cache", replicas=3)
    cluster = Namespace(claim(), WEB, PART, *WEB_PODS, cache, maker("Job", "import", "data"))
    held, told = await stopped(cluster, "Deployment/web", "StatefulSet/cache")
    assert cluster.said == [
        "Deployment/web: {'replicas': 0}",
        "StatefulSet/cache: {'replicas': 0}",
        "Job/import: {'suspend': True}",
    ]
    assert told == ["waiting for pod web-0 to end"]
    assert [one for one in cluster.objects if one["kind"] == "Pod"] == []
    cluster.said.clear()
    await start(cluster, "x", held)  # type: ignore[arg-type]
    assert cluster.said == [
        "Deployment/web: {'replicas': 2}",
        "StatefulSet/cache: {'replicas': 3}",
        "Job/import: {'suspend': False}",
    ]
    assert HELD not in cluster.named("Deployment", "web")["metadata"]["annotations"]


async def test_an_operator_stops_before_what_it_has_made() -> None:
    """One that still ran would start it again."""

    def reconcile(cluster: Namespace) -> None:
        if any(one["metadata"]["name"] == "operator-1" for one in cluster.objects):
            cluster.named("StatefulSet", "db")["spec"]["replicas"] = 1

    cluster = Namespace(
        claim(),
        maker("Deployment", "operator", replicas=1),
        pod("operator-1", owner="Deployment/operator"),
        maker("StatefulSet", "db", "data", replicas=1),
        pod("db-0", "data", owner="StatefulSet/db"),
        operator=reconcile,
    )
    held, _ = await stopped(cluster, "Deployment/operator")
    assert [one.workload["metadata"]["name"] for one in held] == ["operator", "db"]
    assert cluster.named("StatefulSet", "db")["spec"]["replicas"] == 0


async def test_an_operator_elsewhere_that_starts_it_again_is_told() -> None:
    def reconcile(cluster: Namespace) -> None:
        cluster.named("StatefulSet", "db")["spec"]["replicas"] = 1

    database = maker("StatefulSet", "db", "data", replicas=1)
    there = pod("db-0", "data", owner="StatefulSet/db")
    with pytest.raises(ConfigurationError, match="StatefulSet/db was started again") as caught:
        await stopped(Namespace(claim(), database, there, operator=reconcile))
    assert "operator outside of the sandbox" in caught.value.hint


@pytest.mark.parametrize(
    ("owner", "said"),
    [("Cluster/db", "which Cluster/db makes itself"), ("", "which stands alone")],
)
async def test_a_pod_that_nobody_makes_anew_cannot_be_stopped(owner: str, said: str) -> None:
    cluster = Namespace(claim(), WEB, PART, *WEB_PODS, pod("db-1", "data", owner=owner))
    with pytest.raises(ConfigurationError, match=f"claim data is mounted by pod db-1, {said}"):
        await stopped(cluster, "Deployment/web")
    assert cluster.said == [], "nothing may be stopped in vain"


async def test_pods_that_have_ended_are_in_nobodys_way() -> None:
    cluster = Namespace(claim(), WEB, pod("once", "data", phase="Succeeded"))
    held, _ = await stopped(cluster)
    assert [one.workload["kind"] for one in held] == ["Deployment"]


async def test_what_starts_while_a_claim_is_filled_ends_the_restore() -> None:
    cluster: Any = Namespace(claim(), WEB)
    one = Stopping(cluster, "x", {"data"}, print)
    held = await one.stop(await look(cluster, "x"), set())
    cluster.objects.append(pod("late", "data", owner="Job/late"))
    with pytest.raises(ConfigurationError, match="pod late mounts a claim that is being restored"):
        await one.stay(held)
    cluster.objects.pop()
    cluster.named("Deployment", "web")["spec"]["replicas"] = 1
    with pytest.raises(ConfigurationError, match="Deployment/web was started again"):
        await one.stay(held)


async def test_jobs_that_are_over_and_parts_of_others_are_left_alone() -> None:
    over = maker("Job", "over", "data") | {
        "status": {"conditions": [{"type": "Complete", "status": "True"}]}
    }
    cluster: Any = Namespace(claim(), WEB, over, PART)
    assert [one["metadata"]["name"] for one in (await look(cluster, "x")).makers] == ["web"]
