"""``provisioner open``: a local port that leads to a Service of the sandbox."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioner.cli.look import look_into, nearest
from provisioner.cli.options import Reach
from provisioner.cli.terminal import readers_may_leave, stderr, stdout
from provisioner.cli.text import clean, one_line
from provisioner.cluster.api import Object
from provisioner.cluster.forward import Forwarding, forward
from provisioner.cluster.mirror import mirror
from provisioner.cluster.resources import NAMESPACE, SERVICE
from provisioner.errors import UsageError

HTTPS_PORTS = (443, 8443)


@dataclass(frozen=True)
class Options:
    """The command line of ``open``; ``local_port`` 0 is any that is free."""

    service: str
    local_port: int = 0
    session: str | None = None
    as_json: bool = False
    reach: Reach = field(default_factory=Reach)


def open_service(options: Options) -> int:
    """Forward until Ctrl-C, or until the sandbox is gone.

    Raises:
        ProvisionerError: there is no such Service, or nothing ready behind it.
    """
    with contextlib.suppress(KeyboardInterrupt):  # it is how this ends
        asyncio.run(_open(options))
    return 0


async def _open(options: Options) -> None:
    view = await look_into(options.session, options.reach)
    name, _, wanted = options.service.partition(":")
    services = await view.cluster.list_all(SERVICE, view.namespace)
    port = choose_port(choose_service(services, name), wanted)
    only = f"metadata.name={view.namespace}"
    async with (
        forward(
            view.cluster,
            view.namespace,
            name,
            port["port"],
            local_port=options.local_port,
            tell=_trouble,
        ) as way,
        mirror(view.cluster, NAMESPACE, fields=only) as namespaces,
    ):
        with readers_may_leave():
            _tell(way, name, port, as_json=options.as_json)
        await namespaces.wait_for(lambda there: _is_gone(there.get(view.namespace)))
    stderr().tell("the sandbox is gone")


def _is_gone(namespace: Object | None) -> bool | None:
    """True, or None to wait on."""
    return True if namespace is None or "deletionTimestamp" in namespace["metadata"] else None


def choose_service(services: Sequence[Object], wanted: str) -> Object:
    """The Service of that name.

    Raises:
        UsageError: there is none, with those that there are.
    """
    names = sorted(str(one["metadata"]["name"]) for one in services)
    for one in services:
        if one["metadata"]["name"] == wanted:
            return one
    there = f"there are: {', '.join(names)}" if names else "there is none at all"
    hint = f"{nearest(wanted, names)}{there}"
    raise UsageError(f"the sandbox has no Service {wanted!r}", hint=hint)


def choose_port(service: Object, wanted: str) -> Object:
    """The Service's port by number or name; the first one when none is wanted.

    Raises:
        UsageError: it has no such port.
    """
    every: list[Object] = service["spec"].get("ports") or []
    ports = [one for one in every if _protocol(one) == "TCP"]
    for one in ports:
        if wanted in ("", str(one["port"]), one.get("name")):
            return one
    has = ", ".join(f"{one['port']} {one.get('name', '')}".strip() for one in ports) or "none"
    name = service["metadata"]["name"]
    raise UsageError(f"Service {name} has no TCP port {wanted}".rstrip(), hint=f"it has: {has}")


def _protocol(port: Object) -> str:
    return str(port.get("protocol", "TCP"))


def url(port: Object, local: int) -> str:
    """Where to look; without a scheme when the port says that it speaks something else."""
    said = str(port.get("appProtocol") or port.get("name") or "http").lower()
    address = f"127.0.0.1:{local}"
    if "https" in said or port["port"] in HTTPS_PORTS:
        return f"https://{address}/"
    return f"http://{address}/" if "http" in said or "web" in said else address


def _tell(way: Forwarding, name: str, port: Object, *, as_json: bool) -> None:
    where = url(port, way.port)
    if as_json:
        told = {"url": where, "port": way.port, "service": name, "servicePort": port["port"]}
        stdout().file.write(json.dumps(told) + "\n")
    else:
        stdout().tell(where)
    said = f"leads to port {port['port']} of Service {name}, now pod {way.target.pod}"
    stderr().tell(f"{clean(said)}; Ctrl-C ends it", "dim")


def _trouble(text: str) -> None:
    stderr().tell(f"a connection failed: {one_line(text)}")
