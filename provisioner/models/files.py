"""``files``: restored files against what their snapshot holds."""

from typing import Annotated

from pydantic import Field

from provisioner.models.base import Model, Name
from provisioner.models.quantity import Quantity

Glob = Annotated[str, Field(min_length=1)]


class FilesCheck(Model):
    """A sample of the files of a restore, by the hash of their content.

    They are read when the application has started on them: leave out what it writes to.
    """

    restore: Name = Field(description="Name of the restore whose files are read")
    sample: int = Field(
        20, ge=1, le=500, description="Files at most; each costs restic about half a second"
    )
    max_bytes: Quantity = Field(
        "1Gi", description="What they may hold all in all; larger files are passed over"
    )
    seed: int | None = Field(
        None, ge=0, lt=2**31 - 1, description="The same seed draws the same files; the answer tells"
    )
    include: list[Glob] = Field(
        [], description="Patterns of paths; * also stands for /. All, when left out"
    )
    exclude: list[Glob] = []
