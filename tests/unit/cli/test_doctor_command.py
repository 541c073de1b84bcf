"""``doctor`` from argv to exit code."""

import json

import pytest

from provisioner.cli import doctor as command
from provisioner.cli.main import main
from provisioner.doctor import Finding

Captured = pytest.CaptureFixture[str]
WELL = Finding("helm", True, "v4.1.0")
ILL = Finding("storage class", False, "none is the default", "annotate one")


def use(findings: list[Finding], monkeypatch: pytest.MonkeyPatch) -> None:
    async def examine(*_: object) -> list[Finding]:
        return findings

    monkeypatch.setattr(command, "examine", examine)


def test_all_is_well(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    use([WELL], monkeypatch)
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "ok       helm            v4.1.0\n"


def test_a_problem_is_3_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    use([WELL, ILL], monkeypatch)
    assert main(["doctor"]) == 3
    assert capsys.readouterr().out.splitlines()[1:] == [
        "problem  storage class   none is the default",
        "                         annotate one",
    ]


def test_as_json(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    use([WELL, ILL], monkeypatch)
    assert main(["doctor", "-o", "json"]) == 3
    well, ill = json.loads(capsys.readouterr().out)
    assert well == {"name": "helm", "ok": True, "message": "v4.1.0", "hint": ""}
    assert ill["hint"] == "annotate one"
