"""Which claim of the rendered chart a restore goes into."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.resources import WORKLOADS
from provisioner.errors import ConfigurationError
from provisioner.models.verifier import Claim, Restore, Volume


@dataclass(frozen=True)
class Origin:
    """The rendered object that a claim comes from; ``spec`` points to the claim's in it."""

    kind: str
    name: str
    spec: str


@dataclass(frozen=True)
class ClaimTarget:
    """A claim that the application will ask for, as it must be made before.

    ``pod`` is the spec of the pod that will mount it (empty when none does): the restore runs with
    its fsGroup and where it may be scheduled.
    """

    name: str
    spec: Mapping[str, Any]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    adopted: bool
    pod: Mapping[str, Any]
    origin: Origin
    sub_path: str = ""

    @property
    def requested(self) -> str:
        """The storage that it asks for, as a quantity."""
        return str(self.spec.get("resources", {}).get("requests", {}).get("storage", ""))


def target_of(restore: Restore, objects: Sequence[Object]) -> ClaimTarget:
    """Map a restore to its claim.

    Raises:
        ConfigurationError: the chart renders no such workload, volume or claim; those that it
            does render are named.
    """
    if restore.into.claim is not None:
        return _by_claim(restore, restore.into.claim, objects)
    assert restore.into.volume is not None  # the schema's one-of  # noqa: S101
    return _by_volume(restore, restore.into.volume, objects)


def _by_claim(restore: Restore, claim: Claim, objects: Sequence[Object]) -> ClaimTarget:
    for target in _all_targets(objects):
        if target.name == claim.name:
            return _with_sub_path(target, claim.sub_path)
    names = sorted({target.name for target in _all_targets(objects)})
    raise ConfigurationError(
        f"restore {restore.name}: the chart makes no claim {claim.name}",
        hint=f"its claims: {', '.join(names) or 'none'}",
    )


def _by_volume(restore: Restore, volume: Volume, objects: Sequence[Object]) -> ClaimTarget:
    kind, _, name = volume.workload.partition("/")
    workload = _find(objects, kind, name)
    if workload is None:
        there = [f"{one['kind']}/{_name(one)}" for one in objects if one["kind"] in WORKLOADS]
        raise ConfigurationError(
            f"restore {restore.name}: the chart makes no {volume.workload}",
            hint=f"its workloads: {', '.join(sorted(there)) or 'none'}",
        )
    volumes = dict(_volumes_of(workload, objects))
    if volume.name not in volumes:
        raise ConfigurationError(
            f"restore {restore.name}: {volume.workload} has no volume {volume.name} on a claim",
            hint=f"its volumes on claims: {', '.join(sorted(volumes)) or 'none'}",
        )
    return volumes[volume.name]


def _all_targets(objects: Sequence[Object]) -> Iterator[ClaimTarget]:
    """Every claim: first those that a workload mounts, then the others."""
    for workload in objects:
        if workload["kind"] in WORKLOADS:
            yield from (target for _, target in _volumes_of(workload, objects))
    for one in objects:
        if one["kind"] == "PersistentVolumeClaim":
            yield _from_rendered(one, {})


def _volumes_of(workload: Object, objects: Sequence[Object]) -> Iterator[tuple[str, ClaimTarget]]:
    """Pairs of volume name and claim of a workload."""
    pod = workload["spec"]["template"]["spec"]
    for index, template in enumerate(workload["spec"].get("volumeClaimTemplates") or []):
        yield template["metadata"]["name"], _from_template(template, index, workload, pod)
    for volume in pod.get("volumes") or []:
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        claim = _find(objects, "PersistentVolumeClaim", name) if name else None
        if claim is not None:
            yield volume["name"], _from_rendered(claim, pod)


def _from_template(
    template: Object, index: int, workload: Object, pod: Mapping[str, Any]
) -> ClaimTarget:
    """The claim that the StatefulSet controller adopts: ``<template>-<statefulset>-<ordinal>``."""
    _demand_one_replica(workload)
    ordinal = workload["spec"].get("ordinals", {}).get("start", 0)
    return ClaimTarget(
        name=f"{template['metadata']['name']}-{_name(workload)}-{ordinal}",
        spec=template["spec"],
        labels=workload["spec"]["selector"].get("matchLabels", {}),
        annotations={},
        adopted=False,
        pod=pod,
        origin=Origin("StatefulSet", _name(workload), f"/spec/volumeClaimTemplates/{index}/spec"),
    )


def _demand_one_replica(workload: Object) -> None:
    replicas = workload["spec"].get("replicas", 1)
    if replicas != 1:
        raise ConfigurationError(
            f"StatefulSet/{_name(workload)} has {replicas} replicas; a snapshot can be restored"
            " into one replica only",
            hint="set its number of replicas to 1 under spec.application.values",
        )


def _from_rendered(claim: Object, pod: Mapping[str, Any]) -> ClaimTarget:
    metadata = claim["metadata"]
    return ClaimTarget(
        name=metadata["name"],
        spec=claim["spec"],
        labels=metadata.get("labels") or {},
        annotations=metadata.get("annotations") or {},
        adopted=True,
        pod=pod,
        origin=Origin("PersistentVolumeClaim", metadata["name"], "/spec"),
    )


def _with_sub_path(target: ClaimTarget, sub_path: str) -> ClaimTarget:
    fields = {**target.__dict__, "sub_path": sub_path}
    return ClaimTarget(**fields)


def _find(objects: Sequence[Object], kind: str, name: str) -> Object | None:
    return next((one for one in objects if one["kind"] == kind and _name(one) == name), None)


def _name(one: Object) -> str:
    return str(one["metadata"]["name"])


def manifest(target: ClaimTarget, release: str, namespace: str) -> Object:
    """The claim as it is created: spec exactly as rendered, so that Helm adopts it.

    A claim of a volumeClaimTemplate is adopted by its name alone; one of the chart's needs Helm's
    label and annotations (helm.sh: "Adopt resources").
    """
    labels, annotations = dict(target.labels), dict(target.annotations)
    if target.adopted:
        labels["app.kubernetes.io/managed-by"] = "Helm"
        annotations["meta.helm.sh/release-name"] = release
        annotations["meta.helm.sh/release-namespace"] = namespace
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": target.name,
            "namespace": namespace,
            "labels": labels,
            "annotations": annotations,
        },
        "spec": copy.deepcopy(dict(target.spec)),
    }
