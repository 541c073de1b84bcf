"""Claims of a verifier without an application: nothing but room for a restore."""

from typing import Annotated, Literal

from pydantic import Field

from provisioner.models.base import Model
from provisioner.models.quantity import Quantity


class ScratchRequests(Model):
    """What a claim asks for."""

    storage: Quantity


class ScratchResources(Model):
    """As in a claim's spec."""

    requests: ScratchRequests


class ScratchClaim(Model):
    """The spec of a PersistentVolumeClaim, as far as an empty one has a choice.

    Never a certain volume or a source of data: the first was there before the sandbox, the second
    would fill it. ``ReadWriteOncePod`` would let one check at a time look into it.
    """

    access_modes: Annotated[
        list[Literal["ReadWriteOnce", "ReadWriteMany"]], Field(min_length=1)
    ] = ["ReadWriteOnce"]
    resources: ScratchResources | None = Field(
        None, description="Room for the snapshot when left out"
    )
    storage_class_name: str | None = Field(
        None, description="The sandbox's storageClass, or the cluster's default, when left out"
    )
    volume_mode: Literal["Filesystem"] = "Filesystem"
