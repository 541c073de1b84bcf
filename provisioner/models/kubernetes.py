"""``kubernetes``: a field of an object in the sandbox."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from provisioner.models.base import Model
from provisioner.models.expect import Expect

USUAL_VERSIONS = {
    **dict.fromkeys(
        ("ConfigMap", "PersistentVolumeClaim", "Pod", "Service", "ServiceAccount"), "v1"
    ),
    **dict.fromkeys(("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"), "apps/v1"),
    **dict.fromkeys(("CronJob", "Job"), "batch/v1"),
    **dict.fromkeys(("Ingress", "NetworkPolicy"), "networking.k8s.io/v1"),
    "EndpointSlice": "discovery.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
}
"""Kinds whose apiVersion need not be given."""


def object_fault(kind: str, api_version: str | None) -> str:
    """Why no such object can be asked for; nothing when it can."""
    if kind == "Secret":
        return "a Secret, whose values would stand in the report"
    if api_version is None and kind not in USUAL_VERSIONS:
        return f"{kind}, whose apiVersion is not known"
    return ""


def standard_path(json_path: str) -> str:
    """The path as RFC 9535 has it: without kubectl's braces, and with the ``$`` that it omits."""
    text = json_path.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    return f"${text}" if text[:1] in (".", "[") else text


class KubernetesCheck(Model):
    """A field of an object in the sandbox. Reads no data, so it proves nothing."""

    api_version: str | None = Field(None, description="e.g. example.com/v1; of usual kinds known")
    kind: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    json_path: Annotated[
        str, Field(min_length=1, description="As kubectl's, e.g. {.status.readyReplicas}")
    ]
    expect: Expect

    @property
    def version(self) -> str:
        """The object's apiVersion."""
        return self.api_version or USUAL_VERSIONS[self.kind]

    @model_validator(mode="after")
    def _may_be_asked(self) -> Self:
        if found := object_fault(self.kind, self.api_version):
            raise ValueError(found)
        return self
