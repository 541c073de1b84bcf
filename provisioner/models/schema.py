"""JSON Schemas of the models, as people and editors read them."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from provisioner.models.base import format_duration

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithoutNull(GenerateJsonSchema):
    """What is optional may be left out; ``null`` is no value of it."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        json_schema = super().default_schema(schema)
        if json_schema.get("default", "") is None:
            del json_schema["default"]
        return json_schema

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return format_duration(dft)
        if isinstance(dft, BaseModel):
            return dft.model_dump(mode="json", by_alias=True, exclude_none=True)
        return super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        """A record holds every field that has a value; a document, those without a default."""
        if self.mode == "validation":
            return super().field_is_required(field, total)
        return "default" not in field["schema"] or field["schema"]["default"] is not None


def json_schema(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
    """The model's schema: of what is read (``validation``) or written (``serialization``)."""
    body = model.model_json_schema(by_alias=True, mode=mode, schema_generator=_WithoutNull)
    return {"$schema": DIALECT, **body}
