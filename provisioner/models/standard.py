"""``standard``: a shipped set of checks, by the engine that it knows."""

from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from provisioner.models.base import Model, Name, WorkloadRef, expected
from provisioner.models.expect import Percent
from provisioner.models.files import Glob

ENGINES = ("postgres", "mariadb", "redis")
"""The sets that ask an engine."""

STANDARD_SETS = (*ENGINES, "files")

OF_FILES = ("set", "restores", "exclude", "maxDrop")
"""An engine has a workload and a login, files have restores."""


class StandardCheck(Model):
    """A shipped set of checks: ``standard: mariadb``, or a mapping that also says where.

    What is left out is found in the workload's own environment.
    """

    set: Literal["postgres", "mariadb", "redis", "files"]
    workload: WorkloadRef | None = Field(
        None, description="The engine's workload; needed when several run its image"
    )
    container: str | None = None
    secret: str | None = Field(
        None, description="Secret in the sandbox with an administrator's user and password"
    )
    user_key: str = "username"
    password_key: str = "password"  # noqa: S105 - the name of a key
    database: str | None = Field(None, description="This one alone; all when left out")
    restores: list[Name] = Field(
        [],
        description="Of files: the restores that are meant; all into claims that no database "
        "mounts, when left out",
    )
    exclude: list[Glob] = Field(
        [],
        description="Patterns of tables whose rows come and go, as DATABASE.TABLE, or of paths of "
        "files; they are not counted. * also stands for /",
    )
    image: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="Without an application: the engine's image, of the version that wrote the"
        " data; it is started on the claim",
    )
    claim: str | None = Field(None, description="Without an application: the claim with the data")
    folder: Annotated[
        str | None,
        Field(
            pattern=r"^[^/.\s][^/\s]*(/[^/.\s][^/\s]*)*$",
            description="The data directory in the claim; found when left out",
            json_schema_extra=expected("a folder of the claim, such as data/pgdata"),
        ),
    ] = None
    args: list[str] = Field(
        [], description="Without an application: added to the engine's command line"
    )
    max_drop: Percent | None = Field(
        None,
        description="How many fewer rows, tables and keys there may be than in the last Passed "
        "session. Left out: 5% of the rows and 10% of one table's, no table and no index, half of "
        "Redis' elements, 5% of the files and of their bytes",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"set": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A name or a mapping; written so that a fault is told of the one that was meant."""
        mapping = handler.resolve_ref_schema(handler(schema))
        return {
            "if": {"type": "string"},
            "then": {"enum": list(STANDARD_SETS)},
            "else": mapping,
        }
