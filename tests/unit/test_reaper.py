"""Which namespaces are sandboxes, which are over, and what is never touched."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioner import reaper
from provisioner.cluster.api import Object
from provisioner.errors import ClusterError, ProvisionerError
from provisioner.models.session import Leftover
from provisioner.phases.removal import Removal
from provisioner.phases.sandbox import EXPIRES_AT
from provisioner.reaper import Sandbox, reap, sandbox_named, sandbox_of

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OURS = {
    "app.kubernetes.io/managed-by": "provisioner",
    "verify.provisioner.dev/verifier": "blog",
    "verify.provisioner.dev/session": "blog-x7k2p",
}


def namespace(expires: str | None = "2026-01-02T03:04:05+00:00", **labels: str) -> Object:
    annotations = {} if expires is None else {EXPIRES_AT: expires}
    metadata = {"name": "verify-blog-x7k2p", "labels": labels or OURS, "annotations": annotations}
    return {"metadata": metadata}


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"])
def test_a_sandbox_is_over_at_its_deadline_and_not_before(text: str) -> None:
    found = sandbox_of(namespace(text))
    assert (found.name, found.session, found.verifier) == (
        "verify-blog-x7k2p",
        "blog-x7k2p",
        "blog",
    )
    assert found.expired(MOMENT)
    assert not found.expired(MOMENT - timedelta(seconds=1))


def test_a_time_without_a_zone_is_utc() -> None:
    assert sandbox_of(namespace("2026-01-02T03:04:05")).expires_at == MOMENT


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "it has no annotation"), ("soon", "is no time: 'soon'"), ("", "no time")],
)
def test_without_a_readable_deadline_a_sandbox_is_never_over(text: str | None, told: str) -> None:
    found = sandbox_of(namespace(text))
    assert not found.expired(datetime.max.replace(tzinfo=UTC))
    assert told in found.trouble


class FakeCluster:
    def __init__(self, found: Object | None) -> None:
        self._found = found

    async def find(self, *_: object) -> Object | None:
        return self._found


@pytest.mark.parametrize(
    "missing", ["verify.provisioner.dev/session", "app.kubernetes.io/managed-by"]
)
async def test_a_namespace_without_our_labels_is_none_of_ours(missing: str) -> None:
    labels = {key: value for key, value in OURS.items() if key != missing}
    cluster: Any = FakeCluster(namespace(**labels))
    with pytest.raises(ProvisionerError, match="is no sandbox of ours"):
        await sandbox_named(cluster, "verify-blog-x7k2p")


async def test_one_that_cannot_be_removed_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def remove(removal: Removal) -> list[Leftover]:
        if removal.sandbox == "b":
            raise ClusterError("no right to delete", status=403)
        return []

    monkeypatch.setattr(reaper, "remove", remove)
    fake: Any = None
    doomed = [Sandbox(name, name, "blog", MOMENT) for name in "abc"]
    told = await reap(fake, fake, doomed, print)
    assert [len(one.leftovers) for one in told] == [0, 1, 0]
    assert told[1].leftovers[0].command == "kubectl delete namespace b"
    assert told[1].leftovers[0].reason == "no right to delete"
