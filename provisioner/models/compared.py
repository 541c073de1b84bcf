"""What a restore was compared by, with its snapshot's own listing."""

from pydantic import Field

from provisioner.models.base import Model


class ComparedRecord(Model):
    """What lies on the volume after a restore, and the same as the snapshot lists it."""

    files: int = Field(description="Counted on the volume, and as many in the listing")
    bytes: int = Field(description="Their sizes, added up on both sides")
    others: int = Field(description="Folders, links and what else has a name, counted alike")
    owners: int = Field(description="Different owners with their groups, each with its count")
    modes: int = Field(description="Different modes, each with its count")
    names: int = Field(description="Entries compared one by one, by name and size")
    seed: int = Field(description="What the names were drawn with")
