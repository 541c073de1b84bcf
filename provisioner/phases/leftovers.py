"""What holds a namespace that does not go: each object, and the command that removes it.

Never by the namespace's own ``/finalize``: that would only hide what is left.
"""

import re
from contextlib import suppress

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import holds
from provisioner.cluster.resources import NAMESPACE, Resource
from provisioner.errors import ClusterError
from provisioner.models.session import Leftover

REMAINING, FINALIZERS = "NamespaceContentRemaining", "NamespaceFinalizersRemaining"

_RESOURCE = re.compile(r"(\S+?)\.(\S*) has \d+ resource instances")
_NO_FINALIZERS = '{"metadata":{"finalizers":null}}'


def namespace_leftover(name: str, reason: str) -> Leftover:
    """The namespace as something that stayed."""
    command = f"kubectl delete namespace {name}"
    return Leftover(kind="Namespace", name=name, reason=reason, command=command)


def said_of(namespace: Object) -> str:
    """The namespace's own account of what holds it up."""
    conditions = namespace.get("status", {}).get("conditions", [])
    return "; ".join(one["message"] for one in conditions if one["status"] == "True")


def only_finalizers_hold(namespace: Object) -> bool:
    """Whether no pod has to end first: what is left waits for whoever put a finalizer there."""
    return holds(namespace, FINALIZERS) and ("pods", "") not in _remaining(namespace)


async def held(cluster: Cluster, name: str) -> list[Leftover]:
    """What is left in a namespace, as far as that can be asked, and the namespace at the end.

    Raises:
        ClusterError: the namespace itself cannot be asked for.
    """
    namespace = await cluster.find(NAMESPACE, name)
    if namespace is None:
        return []
    found: list[Leftover] = []
    for plural, group in _remaining(namespace):
        with suppress(ClusterError):
            found += await _objects(cluster, name, await cluster.kinds.served(plural, group))
    return [*found, namespace_leftover(name, said_of(namespace))]


def _remaining(namespace: Object) -> list[tuple[str, str]]:
    """Plural and group of each kind that the namespace's conditions name."""
    conditions = namespace.get("status", {}).get("conditions", [])
    told = [one["message"] for one in conditions if one["type"] == REMAINING]
    return [(found[1], found[2]) for text in told for found in _RESOURCE.finditer(text)]


async def _objects(cluster: Cluster, namespace: str, kind: Resource | None) -> list[Leftover]:
    if kind is None:
        return []
    return [_object(kind, namespace, one) for one in await cluster.list_all(kind, namespace)]


def _object(kind: Resource, namespace: str, one: Object) -> Leftover:
    name, finalizers = one["metadata"]["name"], one["metadata"].get("finalizers") or []
    group = kind.version.rpartition("/")[0]
    what = f"{kind.plural}.{group}".rstrip(".") + f" {name} --namespace {namespace}"
    patch = f"kubectl patch {what} --type merge --patch '{_NO_FINALIZERS}'"
    return Leftover(
        kind=kind.kind,
        namespace=namespace,
        name=name,
        reason=f"finalizers that nobody serves: {', '.join(finalizers)}" if finalizers else "",
        command=patch if finalizers else f"kubectl delete {what}",
    )
