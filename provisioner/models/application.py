"""The application of a verifier: its chart, wherever that is, and what is changed about it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from provisioner.models.base import Model, Name, exactly_one_of, expected

JsonPointer = Annotated[
    str,
    Field(
        pattern="^(/([^~]|~[01])*)?$",
        json_schema_extra=expected("a JSON pointer such as /spec/replicas"),
    ),
]
"""A place in an object, RFC 6901."""

VALUES_KEY = "values.yaml"

_BESIDE: dict[str, tuple[list[str], list[str]]] = {
    "path": ([], []),
    "repo": (["name", "version"], ["secret"]),
    "oci": (["version"], ["secret"]),
    "release": ([], []),
}
"""For each place that a chart may be in: what must be given beside it, and what else may."""

PLACES = tuple(_BESIDE)


class LiveRelease(Model):
    """A release as Helm recorded it."""

    name: Name
    namespace: Name | None = Field(
        None, description="The verifier's own namespace, which is also what is taken without it"
    )


class Chart(Model):
    """Where the application's chart is: in exactly one of four places."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(*PLACES))

    path: Path | None = Field(
        None, description="A chart's folder or .tgz, relative to the document"
    )
    repo: Annotated[
        str | None,
        Field(
            pattern=r"^https?://\S+$",
            description="URL of a chart repository; the chart's name and version are beside it",
            json_schema_extra=expected("a URL such as https://charts.example.com"),
        ),
    ] = None
    oci: Annotated[
        str | None,
        Field(
            pattern=r"^oci://[^/\s@]+/\S+$",
            description="A chart in an OCI registry; its version is beside it",
            json_schema_extra=expected("a chart such as oci://registry.example.com/charts/blog"),
        ),
    ] = None
    release: LiveRelease | None = Field(
        None, description="Chart and values of the live release, as Helm recorded them"
    )
    name: Annotated[str | None, Field(min_length=1, description="With repo: the chart's")] = None
    version: Annotated[
        str | None, Field(min_length=1, description="With repo and oci: the version in production")
    ] = None
    secret: str | None = Field(
        None,
        description="With repo and oci: Secret with username and password; without it Helm's own"
        " configuration counts",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        given = self.model_dump(by_alias=True, exclude_none=True)
        if len(given.keys() & set(PLACES)) != 1:
            raise ValueError(f"exactly one of {', '.join(PLACES)} is needed")
        if found := misfit(given):
            raise ValueError(found)
        return self


def misfit(chart: Mapping[str, Any]) -> str:
    """What does not go with the chart's one place, or is missing there; nothing when all fits."""
    place = next((one for one in PLACES if one in chart), None)
    if place is None:
        return ""
    needed, allowed = _BESIDE[place]
    beside = [name for name in ("name", "version", "secret") if name in chart]
    if more := [name for name in beside if name not in needed + allowed]:
        return f"{place} together with {' and '.join(more)}"
    missing = [name for name in needed if name not in beside]
    return f"{place} without {' and '.join(missing)}" if missing else ""


class ValuesSource(Model):
    """A values file in a Secret or a ConfigMap of the verifier's namespace."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of("secret", "config_map"))

    secret: Annotated[str | None, Field(min_length=1)] = None
    config_map: Annotated[str | None, Field(min_length=1)] = None
    key: Annotated[str, Field(min_length=1)] = VALUES_KEY

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.secret is None) == (self.config_map is None):
            raise ValueError("exactly one of secret, configMap is needed")
        return self


class PatchTarget(Model):
    """The rendered object that a patch is for."""

    kind: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]


class PatchOperation(Model):
    """One operation of RFC 6902."""

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    path: JsonPointer
    from_: Annotated[JsonPointer | None, Field(alias="from")] = None
    value: Any = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = self.model_fields_set
        if self.op in ("add", "replace", "test") and "value" not in given:
            raise ValueError(f"{self.op} without a value")
        if self.op in ("move", "copy") and self.from_ is None:
            raise ValueError(f"{self.op} without from")
        return self


class ObjectPatch(Model):
    """A JSON patch (RFC 6902) on one object that the chart renders."""

    target: PatchTarget
    patch: Annotated[list[PatchOperation], Field(min_length=1)]

    def as_written(self) -> dict[str, Any]:
        """The patch as the document has it: a value of null is there, one not given is not."""
        return self.model_dump(by_alias=True, exclude_unset=True)


_RELEASE_NAME = "Production's release name: claims are named after it"

_NAMED_BY_THE_CHART: dict[str, Any] = {
    "if": {"not": {"properties": {"chart": {"required": ["release"]}}, "required": ["chart"]}},
    "then": {
        "required": ["releaseName"],
        "properties": {"releaseName": {"description": _RELEASE_NAME}},
    },
}


class Application(Model):
    """The application as its own chart installs it."""

    model_config = ConfigDict(json_schema_extra=_NAMED_BY_THE_CHART)

    chart: Chart
    release_name: Name | None = Field(
        None, description=f"{_RELEASE_NAME}; with chart.release that release's when left out"
    )
    values: dict[str, Any] = Field(
        {}, description="Merged last: over valuesFrom, and over what a live release has"
    )
    values_from: list[ValuesSource] = Field(
        [], description="Values files, each merged over the ones before it, as Helm does"
    )
    copy_secrets: list[str] = Field(
        [], description="Secrets that are copied from the verifier's namespace into the sandbox"
    )
    patches: list[ObjectPatch] = Field(
        [], description="JSON patches on rendered objects; on hooks with Helm 4 alone"
    )

    @property
    def release(self) -> str:
        """The name that the release gets in the sandbox: production's."""
        live = self.chart.release
        return self.release_name or (live.name if live else "")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.release:
            raise PydanticCustomError("missing", "releaseName is needed")
        return self
