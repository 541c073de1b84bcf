"""What all models share: strictness, camelCase names, durations."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)
from pydantic.alias_generators import to_camel
from pytimeparse2 import parse as parse_seconds

GROUP = "verify.provisioner.dev"
API_VERSION = f"{GROUP}/v1alpha1"
MANAGED_BY = {"app.kubernetes.io/managed-by": "provisioner"}
"""The label of all that this program makes in a cluster."""

HELD = f"{GROUP}/held"
"""The mark of what waits until its data is there: an annotation, a scheduling gate, a label that no
node has."""

DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$"
LONGEST = timedelta(days=366)
"""No session takes longer; what is added to a date must not leave the calendar."""
MOMENT_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"


class Model(BaseModel):
    """A frozen part of a document; unknown fields are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        defer_build=True,  # a model is built when it is used: a tenth of the program's start
    )


def parse_duration(text: str) -> timedelta:
    """Read a duration as ``format_duration`` writes it.

    Raises:
        ValueError: the text is no such duration; a bare number has no unit, so it is none.
    """
    fits = re.fullmatch(DURATION_PATTERN, text, re.ASCII)
    seconds = parse_seconds(text, as_timedelta=False) if fits else None
    if seconds is None:
        raise ValueError(f"{text!r} is no duration such as 90s, 15m or 1h30m")
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text!r} is longer than a year")
    return timedelta(seconds=float(seconds))


def _to_timedelta(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


def expected(words: str) -> dict[str, Any]:
    """Tell in words what a pattern wants. Editors know the keyword, and so do we."""
    return {"patternErrorMessage": words}


def exactly_one_of(*fields: str) -> dict[str, Any]:
    """Say in a model's schema that exactly one of its fields is given."""
    return {"oneOf": [{"required": [to_camel(field)]} for field in fields]}


def format_duration(value: timedelta) -> str:
    """Write a duration as Kubernetes users do: ``1h30m``, ``45s``, ``0s``."""
    seconds = round(value.total_seconds())
    parts = [(seconds // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s")]
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


Duration = Annotated[
    timedelta,
    BeforeValidator(
        _to_timedelta,
        json_schema_input_type=Annotated[
            str,
            Field(
                pattern=DURATION_PATTERN,
                json_schema_extra=expected("a duration such as 90s, 15m or 1h30m"),
            ),
        ],
    ),
    PlainSerializer(format_duration, return_type=str),
]


def parse_moment(text: str) -> datetime:
    """Read a moment as RFC 3339 writes it, with its offset from UTC.

    Raises:
        ValueError: the text is no such moment, or there is no such day.
    """
    if not re.fullmatch(MOMENT_PATTERN, text, re.ASCII):
        raise ValueError(f"{text!r} is no moment such as {_MOMENT}")
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise ValueError(f"{text!r} is no moment: {error}") from error


_MOMENT = "2026-03-01T12:00:00Z"


def _to_datetime(value: Any) -> Any:
    return parse_moment(value) if isinstance(value, str) else value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(
        _to_datetime,
        json_schema_input_type=Annotated[
            str,
            Field(
                pattern=MOMENT_PATTERN,
                json_schema_extra=expected(f"a moment as in RFC 3339, such as {_MOMENT}"),
            ),
        ],
    ),
]
"""A point in time, RFC 3339."""

Name = Annotated[
    str,
    Field(
        pattern=NAME_PATTERN,
        max_length=63,
        json_schema_extra=expected("a name of lower-case letters, digits and '-', such as blog-db"),
    ),
]
"""A DNS label, RFC 1123."""


def _split_workload(value: str) -> str:
    kind, _, name = value.partition("/")
    if kind not in ("Deployment", "StatefulSet", "DaemonSet") or not name:
        raise ValueError(f"{value!r} is no workload such as Deployment/NAME or StatefulSet/NAME")
    return value


WorkloadRef = Annotated[
    str,
    Field(
        pattern=r"^(Deployment|StatefulSet|DaemonSet)/[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
        description="A workload of the release as KIND/NAME, e.g. StatefulSet/blog-mariadb",
        json_schema_extra=expected(
            "a workload as Deployment/NAME, StatefulSet/NAME or DaemonSet/NAME"
        ),
    ),
    AfterValidator(_split_workload),
]

Port = Annotated[int, Field(ge=1, le=65535)]

AbsolutePath = Annotated[
    str, Field(pattern="^/", json_schema_extra=expected("a path that begins with /"))
]
