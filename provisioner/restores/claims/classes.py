"""What the claims of a chart ask of the cluster's storage: which class, which volume."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import STORAGE_CLASS, VOLUME, Resource
from provisioner.cluster.storage import is_default
from provisioner.errors import ClusterError, ConfigurationError
from provisioner.helm.patches import Patch
from provisioner.restores.claims.chart import (
    CLAIM_KIND,
    Origin,
    name_of,
    pod_path,
    templates_of,
    title,
    volumes_of,
)


@dataclass(frozen=True)
class Asked:
    """The spec of a claim, in whose words it is told, and where it stands in the chart."""

    what: str
    spec: Mapping[str, Any]
    origin: Origin | None = None


def asked(objects: Sequence[Object]) -> Iterator[Asked]:
    """Every spec of a claim in the rendered chart, wherever it stands."""
    for one in objects:
        if one["kind"] == CLAIM_KIND:
            yield Asked(f"claim {name_of(one)}", one["spec"], _origin(one, "/spec"))
        for index, template in enumerate(templates_of(one)):
            path = f"/spec/volumeClaimTemplates/{index}/spec"
            what = f"claim template {name_of(template)} of {title(one)}"
            yield Asked(what, template["spec"], _origin(one, path))
        for index, volume in enumerate(volumes_of(one)):
            if own := (volume.get("ephemeral") or {}).get("volumeClaimTemplate"):
                inside = f"/volumes/{index}/ephemeral/volumeClaimTemplate/spec"
                path = "".join(f"/{key}" for key in pod_path(one)) + inside
                what = f"ephemeral volume {volume['name']} of {title(one)}"
                yield Asked(what, own["spec"], _origin(one, path))


def _origin(one: Object, path: str) -> Origin:
    return Origin(one["kind"], name_of(one), path)


def class_patches(objects: Sequence[Object], storage_class: str) -> list[Patch]:
    """What makes every claim of the chart ask for the sandbox's class, if it has one of its own.

    Also those that name another: production's may be missing here, or keep its volumes for ever.
    """
    places = [one.origin for one in asked(objects) if one.origin] if storage_class else []
    return [
        {
            "target": {"kind": place.kind, "name": place.name},
            "patch": [
                {"op": "add", "path": f"{place.spec}/storageClassName", "value": storage_class}
            ],
        }
        for place in places
    ]


def refuse_named_volumes(claims: Sequence[Asked]) -> None:
    """Refuse claims of one certain volume: it exists before the sandbox, so it is production's.

    Raises:
        ConfigurationError: all of them, by name.
    """
    named = [
        f"{one.what} (volume {name})" for one in claims if (name := one.spec.get("volumeName"))
    ]
    if named:
        raise ConfigurationError(
            f"the chart asks for volumes that are outside of the sandbox: {', '.join(named)}",
            hint="leave volumeName away by spec.application.values, or remove it with a patch",
        )


async def refuse_missing_classes(cluster: Cluster, claims: Sequence[Asked]) -> None:
    """Refuse claims whose class the cluster does not have: they would wait for ever.

    Who may not read storage classes is not stopped by that: the restore's pod will tell.

    Raises:
        ConfigurationError: all such claims, and the classes that there are.
    """
    if not claims:
        return
    classes = await _readable(cluster, STORAGE_CLASS)
    if classes is None or not (unknown := [one for one in claims if _is_unknown(one, classes)]):
        return
    volumes = await _readable(cluster, VOLUME)
    if volumes is None:
        return
    # Volumes made by hand name a class that need not exist.
    by_hand = {one["spec"].get("storageClassName") or "" for one in volumes}
    if missing := [
        one for one in unknown if (one.spec.get("storageClassName") or "") not in by_hand
    ]:
        raise ConfigurationError(
            "; ".join(_missing(one) for one in missing),
            hint="name one that is there as spec.sandbox.storageClass; its storage classes: "
            + (", ".join(sorted(name_of(one) for one in classes)) or "none"),
        )


def _is_unknown(claim: Asked, classes: Sequence[Object]) -> bool:
    wanted = claim.spec.get("storageClassName")
    if wanted is None:
        return not any(is_default(one) for one in classes)
    return wanted not in {name_of(one) for one in classes}


def _missing(claim: Asked) -> str:
    wanted = claim.spec.get("storageClassName")
    if wanted is None:
        return f"{claim.what} names no storage class, and this cluster has no default one"
    return f"{claim.what} asks for storage class {wanted!r}, which this cluster does not have"


async def _readable(cluster: Cluster, resource: Resource) -> list[Object] | None:
    """All of a kind; None to who may not read them."""
    try:
        return await cluster.list_all(resource)
    except ClusterError as error:
        if error.status == httpx.codes.FORBIDDEN:
            return None
        raise
