"""From a Service's port to a ready pod's."""

from typing import Any

import pytest

from provisioner.cluster.forward import Target, pick
from provisioner.errors import ClusterError, ConfigurationError

SERVICE: dict[str, Any] = {
    "metadata": {"name": "blog"},
    "spec": {
        "ports": [{"name": "web", "port": 80}, {"name": "dns", "port": 53, "protocol": "UDP"}]
    },
}


def endpoint(pod: str, ready: bool | None = True) -> dict[str, Any]:
    return {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": pod}}


def endpoint_slice(*endpoints: dict[str, Any], name: str = "web", port: int = 8080) -> Any:
    return {"ports": [{"name": name, "port": port}], "endpoints": list(endpoints)}


def test_the_first_ready_pod_behind_the_named_port_is_taken() -> None:
    slices = [
        endpoint_slice(endpoint("other"), name="metrics"),
        endpoint_slice(endpoint("cold", ready=False), endpoint("warm")),
    ]
    assert pick(SERVICE, slices, 80) == Target("warm", 8080)


def test_a_condition_that_is_not_known_counts_as_ready() -> None:
    assert pick(SERVICE, [endpoint_slice(endpoint("a", None))], 80) == Target("a", 8080)


def test_a_port_without_a_name_fits_a_slice_without_one() -> None:
    service = {"metadata": {"name": "db"}, "spec": {"ports": [{"port": 3306}]}}
    slices = [{"ports": [{"name": "", "port": 3306}], "endpoints": [endpoint("db-0")]}]
    assert pick(service, slices, 3306) == Target("db-0", 3306)


@pytest.mark.parametrize(
    "slices",
    [
        [],
        [endpoint_slice()],
        [endpoint_slice(endpoint("cold", ready=False))],
        [endpoint_slice(endpoint("x"), name="metrics")],
        [{"ports": None, "endpoints": None}],
        [endpoint_slice({"addresses": ["10.0.0.1"]})],
    ],
)
def test_a_service_without_ready_endpoints_is_named(slices: list[Any]) -> None:
    with pytest.raises(ClusterError, match="Service blog has no ready endpoint for port 80"):
        pick(SERVICE, slices, 80)


@pytest.mark.parametrize("port", [8080, 53])
def test_a_port_that_the_service_does_not_have_is_named(port: int) -> None:
    with pytest.raises(ConfigurationError, match=f"no TCP port {port}; it has: 80/TCP, 53/UDP"):
        pick(SERVICE, [], port)
