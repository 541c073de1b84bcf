"""What a rendered chart must not hold: the namespace is all that teardown removes."""

import asyncio
from collections.abc import Sequence

from provisioner.cluster.api import Cluster, Object
from provisioner.errors import ConfigurationError
from provisioner.helm.hooks import is_hook
from provisioner.restores.claims import title


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


def refuse_the_nameless(objects: Sequence[Object]) -> None:
    """Refuse objects of the release that the API server would name.

    Helm finds what it has made by its name alone. Of hooks it makes new ones each time.

    Raises:
        ConfigurationError: the first of them.
    """
    for one in objects:
        metadata = one.get("metadata") or {}
        if not metadata.get("name") and not (metadata and is_hook(one)):
            raise ConfigurationError(
                f"the chart makes a {one.get('kind') or 'thing without a kind'} with no name"
                f" (generateName: {metadata.get('generateName') or 'none'}), which Helm cannot"
                " find again",
                hint="give it metadata.name, or make a hook of it",
            )


def _outside(one: Object, wide: set[tuple[str, str]], sandbox: str) -> str:
    name = title(one)
    namespace = one["metadata"].get("namespace") or sandbox
    if (one["apiVersion"], one["kind"]) in wide:
        return f"{name} (cluster-wide)"
    return f"{name} (in namespace {namespace})" if namespace != sandbox else ""
