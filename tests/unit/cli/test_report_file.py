"""``run --report``: a report that cannot be written is no surprise after an hour."""

from pathlib import Path

import pytest
from session_fakes import Use, never, pipeline_of, report

from provisioner.cli import run as run_command
from provisioner.cli.main import main
from provisioner.models.session import Report

Captured = pytest.CaptureFixture[str]


def test_the_report_is_written_into_a_new_folder(document: Path, use: Use) -> None:
    path = document.parent / "new" / "deep" / "report.json"
    use(pipeline_of(report()))
    assert main(["run", str(document), "--report", str(path)]) == 0
    assert Report.model_validate_json(path.read_text()) == report()
    assert [one.name for one in path.parent.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("chart", "is no file"),
        ("verifier.yaml/report.json", "cannot be made: "),
    ],
)
def test_a_report_that_cannot_be_written_is_refused_before_the_run(
    place: str, sentence: str, document: Path, use: Use, capsys: Captured
) -> None:
    use(never)
    assert main(["run", str(document), "--report", str(document.parent / place)]) == 2
    assert f"error: --report: {document.parent}" in (told := capsys.readouterr().err)
    assert sentence in told


def test_a_report_that_fails_later_is_no_pass_and_the_summary_is_there(
    document: Path, use: Use, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_command, "write_atomically", full)
    use(pipeline_of(report()))
    assert main(["run", str(document), "--report", str(document.parent / "r.json")]) == 3
    captured = capsys.readouterr()
    assert captured.out.startswith("outcome    Passed")
    assert "r.json: No space left on device" in captured.err
