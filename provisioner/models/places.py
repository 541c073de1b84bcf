"""The places of an application that a snapshot is put into."""

import re
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from provisioner.models.base import AbsolutePath, Model, WorkloadRef, exactly_one_of

_PSQL = re.compile(r"\bpsql\b")
_FORCED = re.compile(r"\b(?:mysql|mariadb)\b[^|;&\n]*\s(?:--force|-f)(?!\S)")
_UNPACKS = re.compile(
    r"\b(?:gzip|gunzip|zcat|xz|unxz|xzcat|bzip2|bunzip2|bzcat|zstd|unzstd|zstdcat|lz4|lz4cat|lzop"
    r"|gpg|openssl|age)\b[^|;&\n]*\|(?!\|)"
)

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


class Stream(Model):
    """A running service that a dump is loaded into, by the service's own client.

    The client runs in a pod of its own, of the container's image and with its environment, as its
    user. Every other workload has no pods until the dump is loaded.
    """

    workload: WorkloadRef
    container: str | None = Field(None, description="The first one when left out")
    command: Annotated[
        list[str], Field(min_length=1, description="The client: it reads the dump from its stdin")
    ]
    env: dict[str, str] = Field(
        {},
        description="Added to the container's own environment; $(NAME) stands for a variable of it,"
        " so that no password is in the document",
    )
    file: AbsolutePath | None = Field(
        None, description="The dump's path in the snapshot; the only file there when left out"
    )
    needs: list[WorkloadRef] = Field(
        [], description="What else has to run while the dump is loaded, e.g. a connection pooler"
    )

    @model_validator(mode="after")
    def _stops_at_errors(self) -> Self:
        said = " ".join([*self.command, *self.env.values()])
        if _PSQL.search(said) and "ON_ERROR_STOP" not in said:
            raise ValueError(
                "psql without -v ON_ERROR_STOP=1, which goes on after an error and ends well"
            )
        if _FORCED.search(said):
            raise ValueError("--force, with which the client goes on after an error and ends well")
        if _UNPACKS.search(said) and "pipefail" not in said:
            raise ValueError(
                "a pipe without pipefail, which ends well though what unpacks the dump fails; write"
                " [bash, -o, pipefail, -c, ...]"
            )
        return self


PLACES = ("volume", "claim", "stream")

FillStrategy = Literal["preseed", "inplace"]
"""How a claim is filled: before the application is installed, or in its place afterwards."""


class Into(Model):
    """The one place of the application that a snapshot is put into."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(*PLACES))

    volume: Volume | None = None
    claim: Claim | None = None
    stream: Stream | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(getattr(self, place) is not None for place in PLACES) != 1:
            raise ValueError(f"exactly one of {', '.join(PLACES)} is needed")
        return self
