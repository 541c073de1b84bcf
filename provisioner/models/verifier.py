"""``BackupVerifier``: which application, which snapshots, which checks."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from provisioner.models.application import Application
from provisioner.models.base import (
    Duration,
    Model,
    Moment,
    Name,
    expected,
)
from provisioner.models.checks import Check
from provisioner.models.places import FillStrategy, Into
from provisioner.models.quantity import Quantity
from provisioner.models.scratch import ScratchClaim
from provisioner.models.words import Evidence

RESTIC_IMAGE = "restic/restic:0.19.1"


class Metadata(Model):
    """Name of the verifier, and the namespace its Secrets are read from."""

    name: Annotated[Name, Field(max_length=40)]
    namespace: Name | None = Field(
        None, description="Production's namespace; the kubeconfig's own when left out"
    )


class Restic(Model):
    """A restic repository."""

    url: Annotated[str, Field(min_length=1, description="As RESTIC_REPOSITORY")]
    secret: str = Field(description="Secret with RESTIC_PASSWORD and the backend's variables")
    image: str = Field(
        RESTIC_IMAGE, description="Image with restic >= 0.18 and sh, for the restores"
    )
    volume: dict[str, Any] | None = Field(
        None,
        description="For a repository in a folder: the volume source (e.g. nfs, hostPath) that the"
        " restore mounts, read-only, at the url's path",
    )


class Repository(Model):
    """Where snapshots live."""

    name: Name
    restic: Restic


class Random(Model):
    """Any of the fitting snapshots, so that older ones are verified, too."""

    within: Duration = Field(description="How old the snapshot may be, e.g. 30d")
    seed: int | None = Field(
        None, ge=0, description="The same seed finds the same snapshot; the report tells it"
    )


class Select(Model):
    """Which snapshots count, and which of them is taken: the newest, when nothing else is said.

    Several tags, or paths, must all be there.
    """

    tags: list[str] = []
    host: str | None = None
    paths: list[str] = []
    id: Annotated[
        str | None,
        Field(
            pattern="^[0-9a-f]{4,64}$",
            description="This one: its id, or as much of it as no other shares",
            json_schema_extra=expected("a snapshot's id: 4 to 64 of the digits 0-9 and a-f"),
        ),
    ] = None
    as_of: Moment | None = Field(None, description="The newest at this moment, RFC 3339")
    random: Random | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if found := conflict(self.model_dump(by_alias=True, exclude_defaults=True)):
            raise ValueError(found)
        return self


def conflict(select: Mapping[str, Any]) -> str:
    """What does not go together in a selector as it is written; nothing when all does."""
    if "id" in select and (others := [name for name in select if name != "id"]):
        return f"id together with {', '.join(others)}"
    return "asOf together with random" if {"asOf", "random"} <= set(select) else ""


class Restore(Model):
    """One snapshot put into one place."""

    name: Annotated[Name, Field(max_length=45)]  # pods are named after it, and after a replica
    from_: Annotated[Name, Field(alias="from", description="Name of a repository")]
    select: Select = Select()
    into: Into
    strategy: FillStrategy = Field(
        "preseed",
        description="How the claim is filled: made and filled before the application is installed;"
        " or inplace, for one that exists only after the install: everything is scaled to 0, the"
        " claim is emptied and filled, and everything is scaled up again",
    )
    allow_empty: bool = Field(
        False, description="Whether a snapshot without any data is a restore that went well"
    )


class Consistency(Model):
    """When snapshots of several repositories belong together, and how old they may be."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    key: Annotated[
        str | None,
        Field(
            pattern="^[^=,]+$",
            description="Tag KEY=VALUE that one set shares, by its KEY",
            json_schema_extra=expected("the KEY of a tag KEY=VALUE, without = or ,"),
        ),
    ] = None
    max_skew: Duration | None = Field(
        None, description="Most time between the oldest and the newest snapshot of one set"
    )
    max_age: Duration | None = Field(
        None,
        description="Recovery point: how old the newest snapshots may be. Older ones are restored"
        " and questioned all the same, and the session is Failed, cause Backup",
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.key is None and self.max_skew is None and self.max_age is None:
            raise ValueError("at least one of key, maxSkew, maxAge is needed")
        return self

    @property
    def joins(self) -> bool:
        """Whether it says which snapshots belong together."""
        return self.key is not None or self.max_skew is not None


class Limits(Model):
    """What a container without its own requests and limits gets, and what none may exceed."""

    default: dict[str, Quantity] = {}
    default_request: dict[str, Quantity] = {}
    max: dict[str, Quantity] = {}
    min: dict[str, Quantity] = {}
    max_limit_request_ratio: dict[str, Quantity] = {}


class Sandbox(Model):
    """The fence's own settings."""

    quota: dict[str, Quantity] = Field({}, description="ResourceQuota's hard limits")
    limits: Limits = Field(Limits(), description="The LimitRange of its containers")
    storage_class: str = Field(
        "", description="StorageClass of every claim, whatever the chart asks for"
    )
    claims: dict[Name, ScratchClaim] = Field(
        {},
        description="Without an application: the claims that are restored into, by name. One that"
        " a restore names and that is not here has room for the snapshot",
    )


class Readiness(Model):
    """How long the application may take to be ready."""

    timeout: Duration = timedelta(minutes=10)


class KeepAlive(Model):
    """How long the sandbox stays for a person to look."""

    on_success: Duration = timedelta(0)
    on_failure: Duration = timedelta(0)


class Retry(Model):
    """How often a session is tried that could not be put to an end, e.g. for want of room."""

    attempts: int = Field(
        1,
        ge=1,
        le=10,
        description="All attempts, the first one included. Only what is Errored is tried again",
    )


class VerifierSpec(Model):
    """What is verified, and how."""

    application: Application | None = Field(
        None, description="Left out: data only, restored into claims of sandbox.claims"
    )
    repositories: Annotated[list[Repository], Field(min_length=1)]
    restores: Annotated[list[Restore], Field(min_length=1)]
    consistency: Consistency | None = None
    sandbox: Sandbox = Sandbox()
    readiness: Readiness = Readiness()
    checks: Annotated[
        list[Check], Field(min_length=1, description="Without a question there is no proof")
    ] = []
    restore_only: bool = Field(
        False, description="No checks, on purpose: the data is restored, and nothing is asked of it"
    )
    require_evidence: Evidence | None = Field(
        None,
        description="How far a session must get to pass: proven when left out, restored with"
        " restoreOnly, which may ask for booted. Without an application nothing boots",
    )
    skip_if_verified: bool = Field(
        False, description="Run nothing when the same snapshots have passed before"
    )
    retry: Retry = Retry()
    keep_alive: KeepAlive = KeepAlive()
    history_limit: int = Field(
        10, ge=1, description="Sessions of this verifier that stay recorded; baselines stay beyond"
    )
    timeout: Duration = timedelta(hours=1)

    @property
    def required_evidence(self) -> Evidence:
        """What a pass needs."""
        by_default = Evidence.RESTORED if self.restore_only else Evidence.PROVEN
        return self.require_evidence or by_default

    def repository(self, name: str) -> Repository:
        """The repository of that name; the document's references were checked before."""
        return next(one for one in self.repositories if one.name == name)


class BackupVerifier(Model):
    """The user's document."""

    api_version: Literal["verify.provisioner.dev/v1alpha1"]
    kind: Literal["BackupVerifier"]
    metadata: Metadata
    spec: VerifierSpec
