"""The ready pod that a Service's port leads to, by its EndpointSlices."""

from dataclasses import dataclass

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import ENDPOINT_SLICE, SERVICE
from provisioner.errors import ConfigurationError, NoEndpointError


@dataclass(frozen=True)
class Target:
    """A port of a ready pod."""

    pod: str
    port: int


async def resolve(cluster: Cluster, namespace: str, service: str, port: int) -> Target:
    """The ready pod that a Service's port leads to.

    Raises:
        ConfigurationError: no such Service or port.
        NoEndpointError: no endpoint of it is ready.
    """
    found = await cluster.find(SERVICE, service, namespace)
    if found is None:
        raise ConfigurationError(f"Service {service} does not exist in {namespace}")
    slices = await cluster.list_all(
        ENDPOINT_SLICE, namespace, labels=f"kubernetes.io/service-name={service}"
    )
    return pick(found, slices, port)


def pick(service: Object, slices: list[Object], port: int) -> Target:
    """The first ready pod out of a Service's EndpointSlices.

    Raises:
        ConfigurationError: the Service has no such port.
        NoEndpointError: no endpoint of it is ready.
    """
    name = service["metadata"]["name"]
    port_name = _port_name(service, port)
    for one in slices:
        numbers = [each["port"] for each in one.get("ports") or [] if _name(each) == port_name]
        pods = [pod for pod in map(_ready_pod, one.get("endpoints") or []) if pod]
        if numbers and pods:
            return Target(pods[0], numbers[0])
    raise NoEndpointError(f"Service {name} has no ready endpoint for port {port}")


def _port_name(service: Object, port: int) -> str:
    ports = service["spec"].get("ports") or []
    fitting = [one for one in ports if one["port"] == port and _protocol(one) == "TCP"]
    if not fitting:
        has = ", ".join(f"{one['port']}/{_protocol(one)}" for one in ports) or "none"
        raise ConfigurationError(
            f"Service {service['metadata']['name']} has no TCP port {port}; it has: {has}"
        )
    return _name(fitting[0])


def _protocol(port: Object) -> str:
    return str(port.get("protocol", "TCP"))


def _name(port: Object) -> str:
    return port.get("name") or ""


def _ready_pod(endpoint: Object) -> str:
    target = endpoint.get("targetRef") or {}
    # The API says: an unknown condition counts as ready.
    ready = (endpoint.get("conditions") or {}).get("ready") is not False
    return str(target["name"]) if ready and target.get("kind") == "Pod" else ""
