"""``validate`` from argv to exit code: files, folders, stdin."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.cli.main import main

Captured = pytest.CaptureFixture[str]
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: restic}\n"


def test_validate_says_that_it_is_valid(document: Path, capsys: Captured) -> None:
    assert main(["validate", str(document)]) == 0
    told = f"{document} is valid: blog, 1 repository, 1 restore, 1 check\n"
    assert capsys.readouterr().out == told


def test_validate_tells_all_faults_and_no_password(document: Path, capsys: Captured) -> None:
    text = document.read_text().replace("kind: BackupVerifier", "kind: Backup")
    document.write_text(text.replace("secret: ", "sekret: "))
    assert main(["validate", str(document)]) == 2
    kind, secret, last = capsys.readouterr().err.splitlines()
    assert kind == f"{document}:2:7: kind: 'Backup'; expected BackupVerifier"
    assert secret.startswith(f"{document}:10:58: spec.repositories[0].restic.sekret: ")
    assert secret.endswith("(did you mean secret?)")
    assert last == "2 problems; nothing was created"


def test_validate_as_json(document: Path, capsys: Captured) -> None:
    document.write_text(document.read_text().replace("kind: BackupVerifier", "kind: Backup"))
    assert main(["validate", str(document), "--output", "json"]) == 2
    captured = capsys.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out) == {
        "valid": False,
        "documents": [{"file": str(document), "line": 1, "name": None, "valid": False}],
        "passedOver": [],
        "problems": [
            {
                "file": str(document),
                "line": 2,
                "column": 7,
                "path": "kind",
                "found": "'Backup'",
                "expected": "BackupVerifier",
                "suggestion": "",
            }
        ],
    }


def other(document: Path, name: str, *change: str) -> Path:
    """Another verifier in the same folder, with one change."""
    path = document.with_name(name)
    path.write_text(document.read_text().replace("{name: blog}", "{name: other}").replace(*change))
    return path


def test_faults_of_all_files_are_told_and_those_without_are_valid(
    document: Path, capsys: Captured
) -> None:
    late = other(document, "late.yaml", "from: database", "from: databse")
    early = other(document, "early.yaml", "kind: BackupVerifier", "kind: Backup")
    assert main(["validate", str(late), str(document), str(early)]) == 2
    captured = capsys.readouterr()
    assert captured.out == f"{document} is valid: blog, 1 repository, 1 restore, 1 check\n"
    first, second, last = captured.err.splitlines()
    assert first.startswith(f"{late}:13:13: spec.restores[0].from: 'databse'; expected ")
    assert first.endswith("(did you mean database?)")
    assert second == f"{early}:2:7: kind: 'Backup'; expected BackupVerifier"
    assert last == "2 problems; nothing was created"


def test_of_a_folder_the_verifiers_are_looked_at(document: Path, capsys: Captured) -> None:
    folder = document.parent
    other(document, "second.yml", "service: blog", "servise: blog")
    (folder / "values.yaml").write_text("a: 1\n")
    (folder / "template.yaml").write_text("a: {{ .Values.a }}\n")
    (folder / "notes.txt").write_text("kind: BackupVerifier\n")
    assert main(["validate", str(folder)]) == 2
    captured = capsys.readouterr()
    assert captured.out == f"{document} is valid: blog, 1 repository, 1 restore, 1 check\n"
    *passed_over, fault, last = captured.err.splitlines()
    assert passed_over == [
        f"{folder}/template.yaml is no BackupVerifier: passed over",
        f"{folder}/values.yaml is no BackupVerifier: passed over",
    ]
    assert fault.startswith(f"{folder}/second.yml:17:14: spec.checks[0].http.servise: ")
    assert last.startswith("1 problem;")


def test_a_broken_file_of_a_folder_is_told_when_it_is_about_a_verifier(
    document: Path, capsys: Captured
) -> None:
    document.write_text(document.read_text() + "  timeout: [1h\n")
    assert main(["validate", str(document.parent)]) == 2
    assert f"{document}:19:1: document: no valid YAML: " in capsys.readouterr().err


def test_a_folder_without_a_verifier(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "values.yaml").write_text("a: 1\n")
    assert main(["validate", str(tmp_path)]) == 2
    told = "no BackupVerifier among its *.yaml and *.yml (1 of them); expected at least one in"
    assert f"{tmp_path}:1:1: folder: {told}" in capsys.readouterr().err


def test_several_documents_in_a_file(document: Path, capsys: Captured) -> None:
    """As people keep them for kubectl; only ``run`` has to know which one is meant."""
    one = document.read_text()
    document.write_text(f"{SECRET}---\n{one}---\n{one.replace('name: blog}', 'name: B}')}")
    assert main(["validate", str(document), "-o", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["documents"] == [
        {"file": str(document), "line": 5, "name": "blog", "valid": True},
        {"file": str(document), "line": 23, "name": None, "valid": False},
    ]
    assert told["passedOver"] == [f"{document}:1 (Secret)"]
    assert [(one["line"], one["path"]) for one in told["problems"]] == [(25, "metadata.name")]


@pytest.mark.parametrize("command", ["run", "plan"])
def test_a_run_is_of_one_verifier(command: str, document: Path, capsys: Captured) -> None:
    one = document.read_text()
    document.write_text(f"{one}---\n{one}")
    assert main([command, str(document)]) == 2
    told = f"{document}:19:1: document: 2 BackupVerifiers, the second begins here; expected one"
    assert told in capsys.readouterr().err


def test_from_stdin_paths_are_relative_to_the_working_directory(
    document: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, code in ((document.parent, 0), (document.parent / "chart", 2)):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document.read_bytes())))
        assert main(["validate", "-"]) == code
    captured = capsys.readouterr()
    assert captured.out == "<stdin> is valid: blog, 1 repository, 1 restore, 1 check\n"
    assert captured.err.startswith("<stdin>:6:19: spec.application.chart.path: ")


def test_validating_imports_nothing_of_the_cluster(document: Path) -> None:
    code = (
        "import sys; from provisioner.cli.main import main; main(['validate', sys.argv[1]]); "
        "sys.exit(bool({'asyncio', 'kr8s', 'httpx', 'anyio'} & set(sys.modules)))"
    )
    argv = [sys.executable, "-c", code, str(document)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
