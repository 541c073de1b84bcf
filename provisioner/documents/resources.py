"""Names of resources under ``spec.sandbox``, as the API server would refuse them."""

from collections.abc import Iterator, Sequence

from provisioner.documents.sense import at
from provisioner.documents.shape import nearest, one_of
from provisioner.documents.source import Path, Source
from provisioner.errors import Problem

QUOTA: Path = ("spec", "sandbox", "quota")
LIMITS: Path = ("spec", "sandbox", "limits")

IN_CONTAINERS = ("cpu", "memory", "ephemeral-storage")
IN_QUOTAS = (
    *IN_CONTAINERS,
    *(f"requests.{one}" for one in (*IN_CONTAINERS, "storage")),
    *(f"limits.{one}" for one in IN_CONTAINERS),
    "pods",
    "services",
    "services.nodeports",
    "services.loadbalancers",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "replicationcontrollers",
    "resourcequotas",
)
HUGE_PAGES = ("hugepages-", "requests.hugepages-")


def problems_of_resources(source: Source) -> Iterator[Problem]:
    """Those that are not there; a name with a ``/`` in it is somebody's own."""
    yield from _unknown(source, QUOTA, IN_QUOTAS)
    limits = at(source.value, LIMITS)
    for kind in limits if isinstance(limits, dict) else {}:
        yield from _unknown(source, (*LIMITS, kind), IN_CONTAINERS)


def _unknown(source: Source, path: Path, known: Sequence[str]) -> Iterator[Problem]:
    given = at(source.value, path)
    for name in given if isinstance(given, dict) else {}:
        if name in known or "/" in name or name.startswith(HUGE_PAGES):
            continue
        found, suggestion = f"the unknown resource {name!r}", nearest(name, known)
        yield source.problem((*path, name), found, one_of(known), suggestion=suggestion, key=True)
