"""Values are merged as ``helm -f one -f other`` merges them."""

from typing import Any

import pytest

from provisioner.helm.values import merge, texts
from provisioner.phases.context import Recorder


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),
        ({"a": {"x": 1}}, {"a": None}, {"a": None}),
        ({"a": {"x": {"y": 1}}}, {"a": {"x": None}}, {"a": {"x": None}}),
        ({"a": None}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"x": 1}}, {"a": "text"}, {"a": "text"}),
        ({"a": "text"}, {"a": {"x": 1}}, {"a": {"x": 1}}),
    ],
)
def test_merge(base: dict[str, Any], over: dict[str, Any], merged: dict[str, Any]) -> None:
    before = repr((base, over))
    assert merge(base, over) == merged
    assert repr((base, over)) == before


def test_every_text_is_told_with_its_field() -> None:
    values = {"a": {"password": "x"}, "b": [{"token": 12}, "y"], "c": True, "d": None}
    assert list(texts(values)) == [("password", "x"), ("token", "12"), ("b", "y")]


@pytest.mark.parametrize(
    ("field", "is_hidden"),
    [
        ("password", True),
        ("rootPassword", True),
        ("clientSecret", True),
        ("secret_key", True),
        ("API_TOKEN", True),
        ("existingSecret", False),
        ("existingPasswordSecret", False),
        ("secretName", False),
        ("topologyKey", False),
        ("passwordKey", False),
        ("username", False),
    ],
)
def test_the_name_of_a_field_tells_what_is_secret(field: str, is_hidden: bool) -> None:
    recorder = Recorder(None, None, None)  # type: ignore[arg-type]
    recorder.hide_values({"a": [{field: "swordfish"}]})
    assert recorder.masked("a swordfish") == ("a ***" if is_hidden else "a swordfish")
