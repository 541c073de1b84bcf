"""What a rendered chart must not hold: the namespace is all that teardown removes."""

import asyncio
from collections.abc import Sequence

from provisioner.cluster.api import Cluster, Object
from provisioner.errors import ConfigurationError


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
