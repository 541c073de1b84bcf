"""What was seen of a namespace at one moment. Rules look at this and at nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.cluster.api import Object
from provisioner.cluster.pods import controller_of, holds, is_finished, is_ready, labels_of, selects
from provisioner.cluster.resources import WORKLOADS
from provisioner.cluster.workloads import replicas_wanted
from provisioner.models.base import MANAGED_BY


@dataclass(frozen=True)
class Observed:
    """The release's manifests as rendered, and the namespace's objects as they are now."""

    release: tuple[Object, ...] = ()
    live: Mapping[str, Mapping[str, Object]] = field(default_factory=dict)
    """By kind, then by name."""

    def get(self, kind: str, name: str) -> Object | None:
        """One live object."""
        return self.live.get(kind, {}).get(name)

    def of(self, kind: str) -> list[Object]:
        """All live objects of a kind."""
        return list(self.live.get(kind, {}).values())

    def named(self, kind: str) -> set[str]:
        """Names of the release's own objects of a kind."""
        return {one["metadata"]["name"] for one in self.release if one["kind"] == kind}

    def warnings(self, kind: str, name: str) -> list[Object]:
        """Warning events of one object, the newest last."""
        found = [one for one in self.of("Event") if _is_about(one, kind, name)]
        return sorted((one for one in found if one.get("type") == "Warning"), key=event_time)

    def pods(self) -> list[Object]:
        """The application's pods.

        Not ours, and not those of Jobs that are no part of the release: hooks and CronJobs
        try again by themselves.
        """
        return [one for one in self.of("Pod") if self._is_the_applications(one)]

    def pods_selected(self, selector: Mapping[str, str]) -> list[Object]:
        """Pods that a Service's selector fits and that have not ended."""
        fitting = {"matchLabels": dict(selector)}
        return [
            one
            for one in self.of("Pod")
            if selects(fitting, labels_of(one)) and not is_finished(one)
        ]

    def mounted(self, claim: str) -> bool:
        """Whether a pod that has not ended mounts this claim."""
        return any(
            volume.get("persistentVolumeClaim", {}).get("claimName") == claim
            for one in self.of("Pod")
            if not is_finished(one)
            for volume in one["spec"].get("volumes") or []
        )

    def endpoints_ready(self, service: str) -> bool:
        """Whether any endpoint of the Service is ready."""
        return any(
            (endpoint.get("conditions") or {}).get("ready") is not False
            for one in self.of("EndpointSlice")
            if labels_of(one).get("kubernetes.io/service-name") == service
            for endpoint in one.get("endpoints") or []
        )

    def _is_the_applications(self, pod: Object) -> bool:
        if MANAGED_BY.items() <= labels_of(pod).items() or "deletionTimestamp" in pod["metadata"]:
            return False
        owner = controller_of(pod)
        if not owner:
            return pod["metadata"]["name"] in self.named("Pod")
        return owner["kind"] != "Job" or owner["name"] in self.named("Job")


def event_time(event: Object) -> str:
    """When an event was last seen, as text that sorts."""
    series = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
        or ""
    )


def _is_about(event: Object, kind: str, name: str) -> bool:
    about = event.get("involvedObject") or {}
    return about.get("kind") == kind and about.get("name") == name


def is_settled(pod: Object) -> bool:
    """Ready, or ended well."""
    return is_ready(pod) or pod.get("status", {}).get("phase") == "Succeeded"


def pod_labels_made(manifest: Object) -> Mapping[str, str] | None:
    """Labels of the pods that a manifest will bring, None when it brings none."""
    if manifest["kind"] == "Pod":
        return labels_of(manifest)
    if manifest["kind"] not in WORKLOADS:
        return None
    if manifest["kind"] != "DaemonSet" and replicas_wanted(manifest) == 0:
        return None
    metadata = manifest["spec"]["template"].get("metadata") or {}
    return metadata.get("labels") or {}


def observed_generation_reached(one: Object) -> bool:
    """Whether the status speaks of the spec as it is now."""
    generation = one["metadata"].get("generation", 0)
    return bool(one.get("status", {}).get("observedGeneration", 0) >= generation)


def is_true(one: Object, *conditions: str) -> bool:
    """Whether any of these conditions is True."""
    return any(holds(one, each) for each in conditions)
