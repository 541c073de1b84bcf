"""What keeps a restore's pod from being there, and that restores wait for each other."""

from collections.abc import Mapping
from typing import Any

import pytest
from test_restore_outcome import planned

from provisioner.cluster.resources import EVENT, JOB
from provisioner.deadline import Deadline
from provisioner.errors import CapacityError, ClusterError
from provisioner.restores.preseed import REFUSED_GRACE, VANISHED_GRACE, Preseed


class Namespace:
    """An API server that lists what a test says."""

    def __init__(self, listed: Mapping[str, list[Any]]) -> None:
        self.listed = listed

    async def list_all(self, resource: Any, *_: object, **__: object) -> list[Any]:
        return self.listed.get(resource.kind, [])


class NoPods:
    objects: Mapping[str, Any] = {}
    current = True


def restores(cluster: Any = None) -> Preseed:
    nobody: Any = print
    return Preseed(cluster, "verify-x", "web", {}, Deadline.after(60), nobody, nobody)


RUNNING: dict[str, Any] = {"status": {"active": 1}}
FAILED: dict[str, Any] = {"status": {"conditions": [{"type": "Failed", "status": "True"}]}}
CONFLICT = {"message": 'Operation cannot be fulfilled on resourcequotas "verify"'}
FULL = {"message": "exceeded quota: verify"}


@pytest.mark.parametrize(
    ("events", "jobs", "kind", "grace"),
    [
        ([CONFLICT], [RUNNING], ClusterError, REFUSED_GRACE),
        ([CONFLICT, FULL], [RUNNING], CapacityError, REFUSED_GRACE),
        ([], [FAILED], ClusterError, VANISHED_GRACE),
        ([], [], ClusterError, VANISHED_GRACE),
    ],
)
async def test_a_pod_that_is_not_there_is_missed_after_a_grace(
    events: list[Any], jobs: list[Any], kind: type[Exception], grace: float
) -> None:
    cluster = Namespace({EVENT.kind: events, JOB.kind: jobs})
    pods: Any = NoPods()
    (found,) = await restores(cluster)._troubles(planned(), pods)
    assert type(found.error) is kind
    assert found.grace == grace > 0


async def test_a_pod_that_is_only_not_there_yet_is_not_missed() -> None:
    pods: Any = NoPods()
    assert await restores(Namespace({JOB.kind: [RUNNING]}))._troubles(planned(), pods) == []
