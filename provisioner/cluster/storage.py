"""What storage classes say of themselves."""

from provisioner.cluster.api import Object

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def is_default(storage_class: Object) -> bool:
    """Whether claims that name no class get this one."""
    return (storage_class["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true"
