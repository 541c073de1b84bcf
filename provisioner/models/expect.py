"""What an answer must be."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from provisioner.models.base import Duration, Model, expected

Pattern = Annotated[str, Field(min_length=1)]
Wording = Annotated[str, Field(pattern=r"\S", json_schema_extra=expected("text that is not blank"))]

PERCENT_PATTERN = r"^[0-9]{1,6}(\.[0-9]{1,4})?%$"


def _to_share(value: Any) -> Any:
    return float(Decimal(value.removesuffix("%")) / 100) if isinstance(value, str) else value


def format_percent(share: float) -> str:
    """Write a share as people do: 0.125 is ``12.5%``."""
    return f"{round(share * 100, 4):.15g}%"


Percent = Annotated[
    float,
    BeforeValidator(
        _to_share,
        json_schema_input_type=Annotated[
            str,
            Field(pattern=PERCENT_PATTERN, json_schema_extra=expected("a percentage such as 10%")),
        ],
    ),
    PlainSerializer(format_percent, return_type=str),
]
"""A share of a whole: 0.1 is ``10%``."""


class Baseline(Model):
    """How far a number may be from that of the last Passed session of this verifier."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    max_drop: Percent | None = Field(None, description="How much less it may be, e.g. 10%")
    max_growth: Percent | None = Field(None, description="How much more it may be, e.g. 50%")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.max_drop is None and self.max_growth is None:
            raise ValueError("at least one of maxDrop, maxGrowth is needed")
        return self


class Expect(Model):
    """What an answer must be. An answer that is empty never fits."""

    equals: str | int | float | None = Field(None, description="The answer, to the letter")
    min: float | None = Field(None, description="The least number allowed")
    max: float | None = Field(None, description="The greatest number allowed")
    matches: Pattern | None = Field(None, description="A regular expression found in the answer")
    not_older_than: Duration | None = Field(
        None, description="The answer is a time, at most so long before the snapshot's own"
    )
    baseline: Baseline | None = None


class HttpExpect(Model):
    """What an HTTP answer must be."""

    status: int = Field(200, ge=100, le=599)
    contains: Wording | None = Field(None, description="Text that the body contains")
    matches: Pattern | None = Field(None, description="A regular expression found in the body")
