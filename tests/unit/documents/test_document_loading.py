"""Files that are no document, all faults at once, and what is read out of a valid one."""

import json
from pathlib import Path

import pytest
import yaml
from document_fakes import VALID, problems

from provisioner.documents import load_verifier

NO_DOCUMENT = {
    "empty": (b"", "1:1: document: an empty file; expected a BackupVerifier"),
    "only comments": (b"# soon\n---\n", "1:1: document: an empty file; expected a BackupVerifier"),
    "text": (b"blog", "1:1: document: text; expected a mapping"),
    "list": (b"- a\n", "1:1: document: a list; expected a mapping"),
    "null": (b"null", "1:1: document: nothing; expected a mapping"),
    "several": (
        b"a: 1\n---\nb: 2\n---\nc: 3\n",
        "1:1: document: 3 documents, and none is a BackupVerifier; expected a BackupVerifier",
    ),
    "not UTF-8": (
        b"a: 1\nb: \xe4\n",
        "2:4: document: the byte 0xe4, which is not UTF-8; expected a text file in UTF-8",
    ),
    "control character": (
        b"a:\n  b: \x01",
        "2:6: document: the control character 0x01; expected text",
    ),
    "tab": (
        b"a:\n\tb: c\n",
        "2:1: document: no valid YAML: a tab where only spaces may indent; expected YAML",
    ),
    "open bracket": (
        b"a: [1\n",
        "2:1: document: no valid YAML: while parsing a flow sequence, expected ',' or ']', "
        "but got '<stream end>'; expected YAML",
    ),
    "unknown alias": (
        b"a: *b\n",
        "1:4: document: no valid YAML: found undefined alias 'b'; expected YAML",
    ),
    "alias to itself": (
        b"a: &x [*x]\n",
        "1:4: a[0]: an alias to what it stands in; expected an end to it",
    ),
    "nested without end": (
        b"[" * 3000,
        "1:1: document: lists or mappings nested hundreds deep; expected a document of usual depth",
    ),
}


@pytest.mark.parametrize(("content", "told"), NO_DOCUMENT.values(), ids=NO_DOCUMENT.keys())
def test_tells_one_problem_when_it_is_no_document(
    document: Path, content: bytes, told: str
) -> None:
    document.write_bytes(content)
    assert [str(problem) for problem in problems(document)] == [f"{document}:{told}"]


def test_tells_all_faults_at_once_in_the_order_of_the_file(document: Path) -> None:
    text = VALID.replace("name: blog\n", "name: B\n", 1).replace("from: uploads", "from: nowhere")
    text = text.replace("timeout: 1h", "timeout: 1").replace("exec:", "exce:")
    document.write_text(text + "  timeout: 2h\n")
    told = [(problem.line, problem.column, problem.path) for problem in problems(document)]
    assert told == [
        (4, 9, "metadata.name"),
        (19, 13, "spec.restores[1].from"),
        (25, 7, "spec.checks[1].exce"),
        (26, 12, "spec.timeout"),
        (27, 3, "spec.timeout"),
    ]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.unlink(), "no such file or directory"),
        (lambda path: (path.unlink(), path.mkdir()), "is a directory"),
    ],
)
def test_a_file_that_cannot_be_read(document: Path, make, told: str) -> None:  # type: ignore[no-untyped-def]
    make(document)
    expected = f"{document}:1:1: document: {told}; expected a file that can be read"
    assert [str(problem) for problem in problems(document)] == [expected]


@pytest.mark.parametrize(
    ("remove", "told"),
    [
        (["Chart.yaml"], "{}, a folder without a Chart.yaml"),
        (["Chart.yaml", "."], "{}, which does not exist"),
    ],
)
def test_a_chart_that_is_not_there(document: Path, remove: list[str], told: str) -> None:
    chart = document.parent / "chart"
    for name in remove:
        path = chart / name
        path.unlink() if path.is_file() else path.rmdir()
    expected = (
        f"{document}:7:19: spec.application.chart.path: {told.format(chart)}; "
        "expected a chart's folder or .tgz, relative to the document"
    )
    assert [str(problem) for problem in problems(document)] == [expected]


def test_a_bomb_of_aliases_is_refused_and_not_unfolded(document: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 30):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    document.write_text("\n".join(lines))
    assert [problem.found for problem in problems(document)] == [
        "more than 100000 values, aliases unfolded"
    ]


def test_a_password_in_the_wrong_place_is_not_repeated(document: Path) -> None:
    text = VALID.replace("secret: restic-database", "password: hunter2, secret: [hunter2]")
    document.write_text(text)
    assert "hunter2" not in "".join(str(problem) for problem in problems(document))


def test_a_valid_document_loads_with_its_chart_made_absolute(
    document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(document.parent.parent)
    verifier = load_verifier(document.relative_to(document.parent.parent))
    assert verifier.metadata.name == "blog"
    assert verifier.spec.application.chart.path == document.parent / "chart"
    assert [check.kind for check in verifier.spec.checks] == ["http", "exec"]


def test_values_are_read_as_helm_reads_them(document: Path) -> None:
    values = (
        "{on: off, old: 0755, date: 2024-01-01, big: 1e3, time: '1:30', clock: 1:30, 8080: x, "
        "low: 1_000, hex: 0x1f, half: .5, none: ~, word: n, base: &b {x: 1, y: 2}, "
        "merged: {<<: *b, y: 3}}"
    )
    document.write_text(
        VALID.replace("releaseName: blog", f"releaseName: blog\n    values: {values}")
    )
    assert load_verifier(document).spec.application.values == {
        "on": False,
        "old": 0o755,
        "date": "2024-01-01",
        "big": 1000.0,
        "time": "1:30",
        "clock": "1:30",
        "8080": "x",
        "low": 1000,
        "hex": 31,
        "half": 0.5,
        "none": None,
        "word": "n",
        "base": {"x": 1, "y": 2},
        "merged": {"x": 1, "y": 3},
    }


@pytest.mark.parametrize(
    "chart",
    [
        "{repo: 'https://charts.example.com', name: blog, version: 1.2.3, secret: charts}",
        "{oci: 'oci://registry.example.com/charts/blog', version: 1.2.3}",
        "{release: {name: blog}}",
    ],
)
def test_charts_that_are_elsewhere(document: Path, chart: str) -> None:
    document.write_text(VALID.replace("{path: ./chart}", chart))
    assert load_verifier(document).spec.application.chart.path is None


def test_a_live_release_names_itself(document: Path) -> None:
    """So releaseName may be left out; and it may be another one, as claims may be."""
    text = VALID.replace("{path: ./chart}", "{release: {name: live}}")
    document.write_text(text)
    assert load_verifier(document).spec.application.release == "blog"
    document.write_text(text.replace("    releaseName: blog\n", ""))
    assert load_verifier(document).spec.application.release == "live"


def test_quantities_may_be_plain_numbers(document: Path) -> None:
    sandbox = "{quota: {pods: 7, requests.cpu: 0.5}, limits: {max: {memory: 1Gi}}}"
    document.write_text(f"{VALID}  sandbox: {sandbox}\n")
    told = load_verifier(document).spec.sandbox.model_dump(by_alias=True, exclude_defaults=True)
    assert told == {
        "quota": {"pods": "7", "requests.cpu": "0.5"},
        "limits": {"max": {"memory": "1Gi"}},
    }


def test_a_byte_order_mark_is_no_fault(document: Path) -> None:
    document.write_bytes(b"\xef\xbb\xbf" + VALID.encode())
    assert load_verifier(document).metadata.name == "blog"


def test_json_is_a_document_too(document: Path) -> None:
    document.write_text(json.dumps(yaml.safe_load(VALID), indent=2))
    assert load_verifier(document).metadata.name == "blog"
