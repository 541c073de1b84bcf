"""What the schema says about a document, in words."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator

from provisioner.documents.source import Path, Source
from provisioner.errors import Problem

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


@dataclass(frozen=True)
class _Fault:
    """One keyword of the schema that the value at a path does not fit."""

    keyword: str
    path: Path
    value: Any
    wanted: Any
    fields: dict[str, Any]
    """The fields that the schema knows there."""
    pattern: str
    in_words: str
    """What the schema itself says of its pattern; empty where it says nothing."""
    message: str


def problems_of_shape(source: Source, schema: dict[str, Any]) -> list[Problem]:
    """Everything in the document that the schema does not know or wants otherwise."""
    faults = list(_faults(source, schema))
    typos = {path for fault in faults for path in _meant(fault)}
    return [
        problem
        for fault in faults
        if not _explained(fault, typos)
        for problem in _WORDS.get(fault.keyword, _other)(source, fault)
    ]


def _faults(source: Source, schema: dict[str, Any]) -> Iterator[_Fault]:
    for error in Draft202012Validator(schema).iter_errors(source.value):
        here: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
        yield _Fault(
            keyword=str(error.validator),
            path=tuple(error.absolute_path),
            value=error.instance,
            wanted=error.validator_value,
            fields=here.get("properties", {}),
            pattern=str(here.get("pattern", "")),
            in_words=here.get("patternErrorMessage", ""),
            message=error.message,
        )


def one_of(names: Iterable[Any]) -> str:
    """A choice, in words."""
    return "one of: " + ", ".join(str(name) for name in names)


def nearest(name: Any, names: Iterable[Any]) -> str:
    """The name that was probably meant, or nothing."""
    by_lower = {str(one).lower(): str(one) for one in names}
    close = get_close_matches(str(name).lower(), by_lower, n=1)
    return by_lower[close[0]] if close else ""


def _unknown(fault: _Fault) -> list[str]:
    return [name for name in fault.value if name not in fault.fields]


def _missing(fault: _Fault) -> str:
    """jsonschema tells the one missing field only in its message."""
    return next(str(name) for name in fault.wanted if fault.message.startswith(repr(name)))


def _meant(fault: _Fault) -> Iterator[Path]:
    """Fields that are there under a mistyped name."""
    if fault.keyword == "additionalProperties":
        for name in _unknown(fault):
            yield (*fault.path, nearest(name, fault.fields))


def _explained(fault: _Fault, typos: set[Path]) -> bool:
    """A missing field needs no second complaint when its mistyped name got one."""
    if fault.keyword == "required":
        return (*fault.path, _missing(fault)) in typos
    if fault.keyword == "oneOf" and not isinstance(fault.value, dict):
        return True  # its type is told
    if fault.keyword == "oneOf" and not _given(fault):
        return any((*fault.path, name) in typos for name in _choices(fault))
    return False


def _choices(fault: _Fault) -> list[str]:
    return [choice["required"][0] for choice in fault.wanted]


def _given(fault: _Fault) -> list[str]:
    return [name for name in _choices(fault) if name in fault.value]


def _unknown_fields(source: Source, fault: _Fault) -> Iterator[Problem]:
    for name in _unknown(fault):
        yield source.problem(
            (*fault.path, name),
            f"the unknown field {name!r}",
            one_of(fault.fields) if fault.fields else "no field here",
            suggestion=nearest(name, fault.fields),
            key=True,
        )


def _missing_field(source: Source, fault: _Fault) -> Iterator[Problem]:
    name = _missing(fault)
    known = fault.fields.get(name, {})
    about = f" ({known['description']})" if "description" in known else ""
    expected = known.get("const", "a value, which is needed") + about
    yield source.problem((*fault.path, name), "nothing", expected)


def _wrong_type(source: Source, fault: _Fault) -> Iterator[Problem]:
    # The value is not quoted: it may be a password in the wrong place.
    wanted = fault.wanted
    found = _type_of(fault.value)
    expected = fault.in_words or " or ".join(_TYPES[one] for one in _as_list(wanted))
    if wanted == "string" and isinstance(fault.value, bool | int | float):
        expected += " (put it in quotes)" if re.search(fault.pattern, str(fault.value)) else ""
    yield source.problem(fault.path, found, expected)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "a mapping"


def _wrong_word(source: Source, fault: _Fault) -> Iterator[Problem]:
    words = _as_list(fault.wanted)
    expected = one_of(words) if len(words) > 1 else str(words[0])
    suggestion = nearest(fault.value, words) if len(words) > 1 else ""
    yield source.problem(fault.path, _quoted(fault.value), expected, suggestion=suggestion)


def _quoted(value: Any) -> str:
    return repr(value) if isinstance(value, str) else _type_of(value)


def _wrong_pattern(source: Source, fault: _Fault) -> Iterator[Problem]:
    expected = fault.in_words or f"text that fits {fault.pattern}"
    yield source.problem(fault.path, _short(fault.value), expected)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")  # noqa: PLR2004


def _wrong_choice(source: Source, fault: _Fault) -> Iterator[Problem]:
    given = _given(fault)
    found = f"{' and '.join(given)} together" if given else "none of them"
    expected = "exactly one of: " + ", ".join(_choices(fault))
    yield source.problem(fault.path, found, expected)


def _wrong_union(source: Source, fault: _Fault) -> Iterator[Problem]:
    types = [_TYPES.get(one.get("type"), "something else") for one in fault.wanted]
    yield source.problem(fault.path, _type_of(fault.value), " or ".join(types))


def _wrong_size(source: Source, fault: _Fault) -> Iterator[Problem]:
    limit = fault.wanted
    expected = {
        "minLength": "text that is not empty",
        "minItems": "a list that is not empty",
        "maxLength": f"at most {limit} characters",
        "minimum": f"a number of at least {limit}",
        "maximum": f"a number of at most {limit}",
    }[fault.keyword]
    yield source.problem(fault.path, _amount(fault.value), expected)


def _empty_mapping(source: Source, fault: _Fault) -> Iterator[Problem]:
    yield source.problem(fault.path, "none of them", f"at least one of: {', '.join(fault.fields)}")


def _amount(value: Any) -> str:
    if isinstance(value, int | float):
        return str(value)
    if not value:
        return "nothing in it"
    return f"{len(value)} characters"


def _other(source: Source, fault: _Fault) -> Iterator[Problem]:
    yield source.problem(fault.path, fault.message, f"what the schema's {fault.keyword} says")


_WORDS: dict[str, Callable[[Source, _Fault], Iterator[Problem]]] = {
    "additionalProperties": _unknown_fields,
    "required": _missing_field,
    "type": _wrong_type,
    "enum": _wrong_word,
    "const": _wrong_word,
    "pattern": _wrong_pattern,
    "oneOf": _wrong_choice,
    "anyOf": _wrong_union,
    "minLength": _wrong_size,
    "maxLength": _wrong_size,
    "minItems": _wrong_size,
    "minProperties": _empty_mapping,
    "minimum": _wrong_size,
    "maximum": _wrong_size,
}
