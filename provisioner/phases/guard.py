"""What a rendered chart must not hold: the namespace is all that teardown removes."""

from collections.abc import Iterator, Sequence

from provisioner.cluster.api import Object
from provisioner.errors import ConfigurationError

CLUSTER_SCOPED = {
    "APIService",
    "CSIDriver",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeSnapshotClass",
    "VolumeSnapshotContent",
}


def refuse_what_reaches_out(objects: Sequence[Object], sandbox: str) -> None:
    """Refuse objects that would outlive the sandbox's namespace or lie outside of it.

    Raises:
        ConfigurationError: all of them, by name.
    """
    found = list(_outside(objects, sandbox))
    if found:
        raise ConfigurationError(
            f"the chart makes what does not stay in the sandbox: {', '.join(found)}",
            hint="switch these off under spec.application.values",
        )


def _outside(objects: Sequence[Object], sandbox: str) -> Iterator[str]:
    for one in objects:
        name = f"{one['kind']}/{one['metadata']['name']}"
        namespace = one["metadata"].get("namespace", sandbox)
        if one["kind"] in CLUSTER_SCOPED:
            yield f"{name} (cluster-wide)"
        elif namespace != sandbox:
            yield f"{name} (in namespace {namespace})"
