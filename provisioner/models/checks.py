"""Checks: one question each to the restored application."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from provisioner.models.base import (
    AbsolutePath,
    Duration,
    Model,
    Port,
    WorkloadRef,
    exactly_one_of,
    expected,
)
from provisioner.models.expect import Expect, HttpExpect
from provisioner.models.files import FilesCheck
from provisioner.models.kubernetes import KubernetesCheck
from provisioner.models.redis import RedisCheck
from provisioner.models.standard import StandardCheck
from provisioner.models.words import Severity


class SqlCheck(Model):
    """A query over the Service with the application's own credentials.

    The first column of the first row is judged.
    """

    engine: Literal["mysql", "mariadb", "postgres"]
    workload: WorkloadRef = Field(description="Where the engine's client runs")
    container: str | None = None
    service: str = Field(description="The Service of the sandbox that the client connects to")
    port: Port | None = Field(None, description="3306 or 5432 when left out")
    secret: str = Field(description="Secret in the sandbox that holds user and password")
    user_key: str = "username"
    password_key: str = "password"  # noqa: S105 - the name of a key
    database: str
    query: Annotated[str, Field(min_length=1)]
    expect: Expect = Expect(min=1)


class HttpCheck(Model):
    """A request to a Service of the sandbox. Redirects are not followed."""

    service: str
    port: Port = 80
    scheme: Literal["http", "https"] = "http"
    path: AbsolutePath = "/"
    host: str | None = Field(None, description="Host header; the Service's name when left out")
    headers: dict[str, str] = {}
    expect: HttpExpect = HttpExpect()


class TcpCheck(Model):
    """A connection to a Service of the sandbox. Reads no data, so it proves nothing alone."""

    service: str
    port: Port


class ExecCheck(Model):
    """A command in a running container of the application."""

    workload: WorkloadRef
    container: str | None = None
    command: Annotated[list[str], Field(min_length=1)]
    expect: Expect | None = Field(None, description="Judges stdout; exit code 0 is always needed")


class ProgramClaim(Model):
    """A claim of the sandbox, mounted read-only."""

    name: str
    path: AbsolutePath


class Surroundings(Model):
    """What a program of the user's gets in its pod."""

    secrets: list[str] = Field([], description="Secrets of the sandbox, as environment")
    claims: list[ProgramClaim] = []
    env: dict[str, str] = {}
    expect: Expect | None = Field(
        None, description="Judges the last line; exit code 0 and an output are always needed"
    )


class ScriptCheck(Surroundings):
    """A program of the user's in a pod of its own: exit code 0 passes."""

    image: str
    source: Annotated[
        str,
        Field(
            pattern="^#!",
            description="The program, from its #! line on",
            json_schema_extra=expected("a program that begins with its #! line"),
        ),
    ]


class JobCheck(Surroundings):
    """What an image does of itself, or a command in it, in a pod of its own: exit code 0 passes."""

    image: str
    command: list[str] = Field([], description="In place of the image's entrypoint")
    args: list[str] = Field([], description="In place of the image's command")


class HelmTestCheck(Model):
    """``helm test`` of the release."""


CHECK_KINDS = (
    "sql",
    "redis",
    "http",
    "tcp",
    "exec",
    "script",
    "job",
    "helm_test",
    "kubernetes",
    "files",
    "standard",
)

NAMED = {"if": {"required": ["standard"]}, "else": {"required": ["name"]}}
"""A standard set has a name of its own."""


class Check(Model):
    """One question, of exactly one kind."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(*CHECK_KINDS) | NAMED)

    name: Annotated[str, Field(min_length=1)] = ""
    timeout: Duration = Field(timedelta(seconds=60), description="Of each try")
    retries: int = Field(
        0, ge=0, le=20, description="How often it is put again while it is not passed"
    )
    severity: Severity = Field(
        Severity.REQUIRED,
        description="An advisory check is told, and neither fails a session nor proves anything",
    )
    needs: list[str] = Field(
        [], description="Names of checks that have to pass first; else it is not put"
    )
    sql: SqlCheck | None = None
    redis: RedisCheck | None = None
    http: HttpCheck | None = None
    tcp: TcpCheck | None = None
    exec: ExecCheck | None = None
    script: ScriptCheck | None = None
    job: JobCheck | None = None
    helm_test: HelmTestCheck | None = None
    kubernetes: KubernetesCheck | None = None
    files: FilesCheck | None = None
    standard: StandardCheck | None = None

    @property
    def kind(self) -> str:
        """The key that was given, as the document spells it: ``sql``, ..., ``helmTest``."""
        return to_camel(self._given()[0])

    @property
    def question(self) -> Any:
        """The model of the one kind that was given."""
        return getattr(self, self._given()[0])

    @model_validator(mode="before")
    @classmethod
    def _named_as_its_set(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "name" in value or "standard" not in value:
            return value
        standard = value["standard"]
        return {**value, "name": standard["set"] if isinstance(standard, dict) else standard}

    @model_validator(mode="after")
    def _exactly_one_kind(self) -> Self:
        if len(self._given()) != 1:
            keys = ", ".join(to_camel(kind) for kind in CHECK_KINDS)
            raise ValueError(f"exactly one of {keys} is needed")
        return self

    def _given(self) -> list[str]:
        return [kind for kind in CHECK_KINDS if getattr(self, kind) is not None]
