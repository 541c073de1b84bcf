"""Which claims a rendered chart makes and its pods mount, and how each is made before."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.cluster.api import Object
from provisioner.cluster.resources import WORKLOADS
from provisioner.cluster.workloads import replicas_wanted

CLAIM_KIND = "PersistentVolumeClaim"
_POD_PATHS = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}


@dataclass(frozen=True)
class Origin:
    """The rendered object that a claim comes from; ``spec`` points to the claim's in it."""

    kind: str
    name: str
    spec: str


@dataclass(frozen=True)
class Use:
    """A volume of a pod that lies on a claim.

    ``ordinal`` is the pod's in its StatefulSet, ``template`` the index of the claim's there.
    """

    workload: Object
    volume: str
    claim: str
    ordinal: int | None = None
    template: int | None = None

    @property
    def pod(self) -> str:
        """Names the pod, or the pods that are all alike."""
        return f"{title(self.workload)} {self.ordinal}"


@dataclass(frozen=True)
class ClaimTarget:
    """A claim that the application will ask for, as it must be made before.

    ``origin`` is None for one that the chart expects to be there, and for one that is ``scratch``:
    without an application the sandbox's own chart makes it. ``workload`` mounts it, None when
    nothing does: the restore runs with its fsGroup and where it may be scheduled. ``pods``
    are all that mount it, and ``ordinal`` is the number of a StatefulSet's when it is the only one;
    ``replica`` is the same where it tells the claims of one restore apart.
    """

    name: str
    spec: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None
    workload: Object | None = None
    ordinal: int | None = None
    pods: frozenset[str] = frozenset()
    sub_path: str = ""
    replica: int | None = None
    scratch: bool = False

    @property
    def existing(self) -> bool:
        """Whether the chart expects it to be there."""
        return self.origin is None and not self.scratch

    @property
    def requested(self) -> str:
        """The storage that it asks for, as a quantity."""
        return str((self.spec.get("resources") or {}).get("requests", {}).get("storage", ""))

    @property
    def adopted(self) -> bool:
        """Whether Helm will find it in the chart, and has to take it over."""
        return self.origin is not None and self.origin.kind == CLAIM_KIND

    @property
    def pod(self) -> Mapping[str, Any]:
        """The spec of the pod that will mount it; empty when none does."""
        return pod_of(self.workload) if self.workload else {}


def title(one: Object) -> str:
    """``Kind/name``."""
    return f"{one['kind']}/{name_of(one)}"


def name_of(one: Object) -> str:
    """The object's name; of a hook that the API server will name, how that begins."""
    metadata = one["metadata"]
    return str(metadata.get("name") or metadata.get("generateName") or "")


def pod_of(one: Object) -> Mapping[str, Any]:
    """The spec of the pods that an object makes or is; empty for one that makes none."""
    pod: Any = one
    for key in pod_path(one):
        pod = pod.get(key) if isinstance(pod, dict) else None
    return pod if isinstance(pod, dict) else {}


def pod_path(one: Object) -> Sequence[str]:
    """Where that spec stands in the object."""
    return _POD_PATHS.get(one["kind"], ("spec", "template", "spec"))


def volumes_of(one: Object) -> list[Object]:
    """The volumes of an object's pods; a custom resource may have others, in its own words."""
    found = pod_of(one).get("volumes")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def uses(objects: Sequence[Object]) -> Iterator[Use]:
    """Every volume on a claim, of every replica."""
    for one in objects:
        if one["kind"] == "StatefulSet":
            for ordinal in ordinals(one):
                yield from _uses_of_replica(one, ordinal)
        else:
            yield from _plain_uses(one, None, {})


def ordinals(stateful_set: Object) -> range:
    """The numbers of its replicas."""
    spec = stateful_set["spec"]
    start = (spec.get("ordinals") or {}).get("start") or 0
    return range(start, start + replicas_wanted(stateful_set))


def templates_of(one: Object) -> list[Object]:
    """The claim templates of a StatefulSet."""
    return one["spec"].get("volumeClaimTemplates") or [] if one["kind"] == "StatefulSet" else []


def _uses_of_replica(one: Object, ordinal: int) -> Iterator[Use]:
    """A claim template hides a volume of the same name, as the StatefulSet controller does it."""
    names = {name_of(template): index for index, template in enumerate(templates_of(one))}
    for volume, index in names.items():
        yield Use(one, volume, f"{volume}-{name_of(one)}-{ordinal}", ordinal, index)
    yield from _plain_uses(one, ordinal, names)


def _plain_uses(one: Object, ordinal: int | None, hidden: Mapping[str, int]) -> Iterator[Use]:
    for volume in volumes_of(one):
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim and volume.get("name") not in hidden:
            yield Use(one, volume.get("name", ""), claim, ordinal)


def rendered_claims(objects: Sequence[Object]) -> dict[str, Object]:
    """The claims that are in the chart as such, by name."""
    return {name_of(one): one for one in objects if one["kind"] == CLAIM_KIND}


def target_named(name: str, objects: Sequence[Object]) -> ClaimTarget | None:
    """The claim of that name; None when the chart neither makes nor mounts it.

    One in the chart comes before a template's of the same name: the StatefulSet takes what it
    finds. The spec of one that the chart only mounts is empty: production's tells, see
    ``existing``.
    """
    mounting = [use for use in uses(objects) if use.claim == name]
    # What stays running comes first: the claim is for it.
    mounting.sort(key=lambda use: use.workload["kind"] not in WORKLOADS)
    rendered = rendered_claims(objects).get(name)
    templates = [use for use in mounting if use.template is not None]
    if not mounting and rendered is None:
        return None
    made = _rendered(rendered) if rendered else _from_template(templates[0]) if templates else {}
    pods = frozenset(use.pod for use in mounting if use.workload["kind"] != "CronJob")
    return ClaimTarget(
        name=name,
        workload=mounting[0].workload if mounting else None,
        ordinal=mounting[0].ordinal if len(pods) == 1 else None,
        pods=pods,
        **{"spec": {}, **made},
    )


def _from_template(use: Use) -> dict[str, Any]:
    """As the StatefulSet controller would make it."""
    assert use.template is not None  # by its only caller  # noqa: S101
    template = templates_of(use.workload)[use.template]
    metadata = template["metadata"]
    selected = use.workload["spec"]["selector"].get("matchLabels") or {}
    path = f"/spec/volumeClaimTemplates/{use.template}/spec"
    return {
        "spec": template["spec"],
        "labels": {**(metadata.get("labels") or {}), **selected},
        "annotations": metadata.get("annotations") or {},
        "origin": Origin("StatefulSet", name_of(use.workload), path),
    }


def _rendered(claim: Object) -> dict[str, Any]:
    metadata = claim["metadata"]
    return {
        "spec": claim["spec"],
        "labels": metadata.get("labels") or {},
        "annotations": metadata.get("annotations") or {},
        "origin": Origin(CLAIM_KIND, name_of(claim), "/spec"),
    }


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
        "kind": CLAIM_KIND,
        "metadata": {
            "name": target.name,
            "namespace": namespace,
            "labels": labels,
            "annotations": annotations,
        },
        "spec": copy.deepcopy(dict(target.spec)),
    }
