"""The places of an application that a snapshot is put into."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from provisioner.models.base import Model, WorkloadRef, exactly_one_of

SubPath = Annotated[
    str | None,
    Field(
        description="The folder of the claim that the snapshot goes into; empty: its root. Needed"
        " where the application mounts folders alone",
    ),
]


class Volume(Model):
    """A volume of a workload, by its name in the pod's or the claim template's list.

    Where every replica has a claim of its own, each gets the snapshot.
    """

    workload: WorkloadRef
    name: str
    replica: int | None = Field(
        None, ge=0, description="Of a StatefulSet: the ordinal of the one replica that is meant"
    )
    sub_path: SubPath = None


class Claim(Model):
    """A claim that the application mounts or the chart makes, by its name."""

    name: str
    sub_path: SubPath = None


class Into(Model):
    """The one place of the application that a snapshot is put into."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of("volume", "claim"))

    volume: Volume | None = None
    claim: Claim | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.volume is None) == (self.claim is None):
            raise ValueError("exactly one of volume, claim is needed")
        return self
