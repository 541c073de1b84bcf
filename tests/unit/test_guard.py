"""What a chart must not hold."""

import pytest

from provisioner.errors import ConfigurationError
from provisioner.phases.guard import CLUSTER_SCOPED, refuse_what_reaches_out


def made(kind: str, **metadata: str) -> dict[str, object]:
    return {"kind": kind, "metadata": {"name": "x", **metadata}}


def test_what_stays_inside_passes() -> None:
    refuse_what_reaches_out([made("Pod"), made("Secret", namespace="sandbox")], "sandbox")


@pytest.mark.parametrize("kind", sorted(CLUSTER_SCOPED))
def test_cluster_wide_objects_are_refused(kind: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{kind}/x"):
        refuse_what_reaches_out([made("Pod"), made(kind)], "sandbox")


def test_all_are_named_at_once() -> None:
    outside = [made("ClusterRole"), made("Service", namespace="production")]
    with pytest.raises(ConfigurationError, match=r"ClusterRole/x .*in namespace production"):
        refuse_what_reaches_out(outside, "sandbox")
