"""Claims that are there already, and too small for what is restored into them."""

from typing import Any

import pytest
from inplace_fakes import DATA, Namespace, claim, inplace

from provisioner.errors import CapacityError, ClusterError
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.restores.inplace import growing
from provisioner.restores.inplace.growing import Growing

MIB = 2**20
NEVER = "only dynamically provisioned pvc can be resized"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "LOOK_SECONDS", 0)
    monkeypatch.setattr(growing, "GROW_SECONDS", 0.01)


def room(cluster: Any, size: int) -> Growing:
    return Growing(cluster, "x", [inplace(DATA, size * MIB).into(ClaimTarget("data", {}))])


def has(storage: str, **status: Any) -> dict[str, Any]:
    return claim("data", "1Mi", capacity={"storage": storage}, **status)


async def test_what_has_room_stays_as_it_is() -> None:
    cluster = Namespace(has("100Mi"))
    assert await room(cluster, 90).grow() == []
    assert cluster.said == []


async def test_what_is_too_small_grows() -> None:
    resizing = [{"type": "FileSystemResizePending", "status": "True"}]
    cluster = Namespace(has("10Mi", conditions=resizing))
    (grown,) = await room(cluster, 100).grow()
    assert (grown.claim, grown.requested, grown.enlarged) == ("data", "10Mi", "110Mi")
    assert cluster.said == [
        "PersistentVolumeClaim/data: {'resources': {'requests': {'storage': '110Mi'}}}"
    ]


async def test_what_cannot_grow_is_a_matter_of_room() -> None:
    cluster = Namespace(has("10Mi"))
    cluster.refusal = ClusterError(NEVER, status=403)
    with pytest.raises(CapacityError) as caught:
        await room(cluster, 100).grow()
    assert caught.value.message == (
        f"claim data has 10Mi, and what is restored into it has 100Mi: {NEVER}"
    )


async def test_what_says_that_it_grows_and_does_not() -> None:
    with pytest.raises(CapacityError, match="has 100Mi: asked for 110Mi, it did not grow"):
        await room(Namespace(has("10Mi")), 100).grow()


async def test_what_is_as_full_as_productions_is_tried() -> None:
    cluster = Namespace(has("100Mi"))
    cluster.refusal = ClusterError(NEVER, status=403)
    assert await room(cluster, 95).grow() == []


async def test_a_quota_is_a_matter_of_room_too_and_a_cluster_that_fails_is_not() -> None:
    cluster = Namespace(has("10Mi"))
    cluster.refusal = ClusterError("exceeded quota: verify", status=403)
    with pytest.raises(CapacityError, match="exceeded quota"):
        await room(cluster, 100).grow()
    cluster.refusal = ClusterError("internal error", status=500)
    with pytest.raises(ClusterError, match="internal error"):
        await room(cluster, 100).grow()
