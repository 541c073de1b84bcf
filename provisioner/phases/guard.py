"""What a rendered chart must not hold: what would stay, or what this cluster cannot give."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import STORAGE_CLASS, VOLUME, Resource
from provisioner.cluster.storage import default_of, lacks, names_of
from provisioner.errors import ClusterError, ConfigurationError


async def refuse_what_reaches_out(
    cluster: Cluster, objects: Sequence[Object], sandbox: str
) -> None:
    """Refuse objects that would outlive the sandbox's namespace or lie outside of it.

    The API server is asked which kinds live in a namespace: a list of ours would miss the cluster's
    own custom resources.

    Raises:
        ConfigurationError: all of them, by name.
    """
    kinds = sorted({(one["apiVersion"], one["kind"]) for one in objects})
    known = await asyncio.gather(*(cluster.kinds.find(*kind) for kind in kinds))
    wide = {kind for kind, one in zip(kinds, known, strict=True) if not (one and one.namespaced)}
    found = [said for one in objects if (said := _outside(one, wide, sandbox))]
    if found:
        raise ConfigurationError(
            f"the chart makes what does not stay in the sandbox: {', '.join(found)}",
            hint="switch these off under spec.application.values",
        )


def _outside(one: Object, wide: set[tuple[str, str]], sandbox: str) -> str:
    name = f"{one['kind']}/{one['metadata']['name']}"
    namespace = one["metadata"].get("namespace") or sandbox
    if (one["apiVersion"], one["kind"]) in wide:
        return f"{name} (cluster-wide)"
    return f"{name} (in namespace {namespace})" if namespace != sandbox else ""


async def refuse_unknown_storage(cluster: Cluster, objects: Sequence[Object]) -> None:
    """Refuse claims that nobody would ever provision: their pods would wait in vain.

    Raises:
        ConfigurationError: all of them, by name, and the classes that there are.
    """
    claims = list(_claims(objects))
    if not claims:
        return
    looks = (_listed(cluster, STORAGE_CLASS), _listed(cluster, VOLUME))
    classes, volumes = await asyncio.gather(*looks)
    if classes is None or volumes is None:
        return
    found = {name: lacks(spec, classes, volumes) for name, spec in claims}
    if wanting := [f"claim {name} asks for {said}" for name, said in found.items() if said]:
        default = default_of(classes)
        there = [f"{one} (the default)" if one in default else one for one in names_of(classes)]
        raise ConfigurationError(
            f"the chart asks for storage that this cluster does not have: {'; '.join(wanting)}",
            hint=f"name one under spec.application.values; there are: {', '.join(there) or 'none'}",
        )


def _claims(objects: Sequence[Object]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and spec of each claim of the chart; of a StatefulSet's the template's name."""
    for one in objects:
        if one["kind"] == "PersistentVolumeClaim":
            yield one["metadata"]["name"], one["spec"]
        elif one["kind"] == "StatefulSet":
            for template in one["spec"].get("volumeClaimTemplates") or []:
                name = f"{template['metadata']['name']} of StatefulSet {one['metadata']['name']}"
                yield name, template["spec"]


async def _listed(cluster: Cluster, resource: Resource) -> list[Object] | None:
    """None when we may not know: then the claims' own fate will tell."""
    try:
        return await cluster.list_all(resource)
    except ClusterError as error:
        if error.status == httpx.codes.FORBIDDEN:
            return None
        raise
