"""The committed schemas say what the models say."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from provisioner import schemas
from provisioner.models.checks import CHECK_KINDS


def test_the_committed_schemas_are_up_to_date() -> None:
    assert schemas.stale(schemas.FOLDER) == []


@pytest.mark.parametrize("name", schemas.SOURCES)
def test_a_schema_is_valid_and_knows_no_null(name: str) -> None:
    text = schemas.texts()[name]
    Draft202012Validator.check_schema(json.loads(text))
    assert not re.search(r"\bnull\b", text)


def test_the_verifiers_schema_says_the_one_ofs_itself() -> None:
    definitions = json.loads(schemas.texts()["verifier.schema.json"])["$defs"]
    kinds = [choice["required"] for choice in definitions["Check"]["oneOf"]]
    assert len(kinds) == len(CHECK_KINDS)
    assert ["helmTest"] in kinds
    places = ("volume", "claim", "stream")
    assert definitions["Into"]["oneOf"] == [{"required": [place]} for place in places]


def test_a_duration_is_written_as_users_write_it() -> None:
    definitions = json.loads(schemas.texts()["verifier.schema.json"])["$defs"]
    assert definitions["Readiness"]["properties"]["timeout"]["default"] == "10m"


def test_write_then_check_is_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new"
    assert schemas.main(["--folder", str(folder)]) == 0
    assert schemas.main(["--folder", str(folder), "--check"]) == 0
    assert capsys.readouterr().err == ""


def test_check_names_what_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schemas.main(["--folder", str(tmp_path)])
    (tmp_path / "report.schema.json").write_text("{}")
    (tmp_path / "session.schema.json").unlink()
    assert schemas.main(["--folder", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().err == (
        "schemas: stale: session.schema.json, report.schema.json; "
        "run python -m provisioner.schemas\n"
    )
    assert not (tmp_path / "session.schema.json").exists()
