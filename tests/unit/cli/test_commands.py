"""The commands from argv to exit code, with the pipeline faked at the edge."""

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from session_fakes import MIB, Use, leftover, never, pipeline_of, report, session

from provisioner import __version__, schemas
from provisioner.cli.main import main
from provisioner.errors import ClusterError
from provisioner.models.session import Report
from provisioner.models.words import Cause, Cleanup, Outcome
from provisioner.progress import Observer, RestoreProgress
from provisioner.tasks import uninterrupted

Captured = pytest.CaptureFixture[str]


def test_help_and_version_import_nothing_heavy() -> None:
    code = (
        "import sys; from provisioner.cli.main import main; main(['run', '--help']); "
        "main(['version']); "
        "sys.exit(bool({'kr8s', 'httpx', 'jsonschema', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert f"provisioner {__version__}" in done.stdout
    assert "5    Passed, and objects are left in the cluster (Leaked)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run"], "Missing argument 'FILE'"),
        (["rnu"], "No such command 'rnu'"),
        (["run", "x.yaml", "--output", "xml"], "'xml' is not one of 'text', 'json'"),
        (["run", "x.yaml", "--kubeconfig", "/nowhere"], "'/nowhere' does not exist"),
        (["run", "x.yaml", "--keep", "10x"], "--keep: '10x' is no duration such as 90s, 15m or"),
        (["run", "x.yaml", "--keep", "-5m"], "--keep: '-5m' is no duration"),
        (["run", "x.yaml"], "x.yaml:1:1: document: no such file or directory"),
        (["validate", "x.yaml"], "x.yaml:1:1: document: no such file or directory"),
    ],
    ids=" ".join,
)
def test_bad_usage_is_2_with_a_sentence(
    arguments: list[str], sentence: str, capsys: Captured, use: Use
) -> None:
    use(never)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"outcome": Outcome.FAILED, "cause": Cause.BACKUP}, 1),
        ({"outcome": Outcome.ERRORED, "cause": Cause.CLUSTER}, 3),
        ({"outcome": Outcome.INCONCLUSIVE}, 4),
        ({"cleanup": Cleanup.LEAKED, "leftovers": [leftover()]}, 5),
        ({"outcome": Outcome.CANCELLED, "evidence": None}, 130),
    ],
    ids=str,
)
def test_run_as_json_prints_the_report_and_nothing_else(
    changes: dict[str, Any], code: int, document: Path, use: Use, capsys: Captured
) -> None:
    found = report(**changes)
    use(pipeline_of(found))
    assert main(["run", str(document), "--output", "json"]) == code
    printed = json.loads(capsys.readouterr().out)
    schema = json.loads((schemas.FOLDER / "report.schema.json").read_text())
    Draft202012Validator(schema).validate(printed)
    assert Report.model_validate(printed) == found


def test_run_prints_a_summary_and_where_it_is_recorded(
    document: Path, state: Path, use: Use, capsys: Captured
) -> None:
    use(pipeline_of(report()))
    assert main(["run", str(document)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "outcome    Passed"
    assert lines[-1] == f"session    {state}/provisioner/sessions/blog-x7k2p.json"


def test_the_request_is_what_the_command_line_says(document: Path, use: Use) -> None:
    seen: list[Any] = []

    async def pipeline(request: Any, store: Any, _observer: Any) -> Report:
        seen.append(request)
        store.save(session())
        return report()

    config = document.parent / "config"
    config.write_text("")
    use(pipeline)
    arguments = ["--keep", "1h30m", "--kubeconfig", str(config), "--context", "demo"]
    arguments += ["--helm", "/opt/helm", "--restic", "/opt/restic"]
    assert main(["run", str(document), *arguments]) == 0
    (request,) = seen
    assert request.verifier.metadata.name == "blog"
    assert request.verifier.spec.application.chart.path == document.parent / "chart"
    assert (request.document, request.kubeconfig) == (document, config)
    assert (request.keep, request.context) == (timedelta(minutes=90), "demo")
    assert (request.helm, request.restic) == ("/opt/helm", "/opt/restic")
    assert (document.parent / "state/provisioner/sessions/blog-x7k2p.json").is_file()


def test_a_document_from_stdin_is_recorded_as_one(
    document: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    async def pipeline(request: Any, *_: Any) -> Report:
        seen.append(request)
        return report()

    use(pipeline)
    monkeypatch.chdir(document.parent)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document.read_bytes())))
    assert main(["run", "-"]) == 0
    (request,) = seen
    assert str(request.document) == "<stdin>"
    assert request.verifier.spec.application.chart.path == document.parent / "chart"


def test_plain_lines_go_to_stderr_and_no_password_with_them(
    document: Path, use: Use, capsys: Captured
) -> None:
    async def pipeline(_request: Any, _store: Any, observer: Observer) -> Report:
        observer.record(session())
        observer.note("Fatal: unable to open rest:http://backup:hunter2@store/")
        observer.restoring(RestoreProgress("database", MIB, 4 * MIB, 1, 2, 1.0))
        return report(message="cannot read rest:http://backup:hunter2@store/")

    use(pipeline)
    assert main(["run", str(document)]) == 0
    captured = capsys.readouterr()
    assert "unable to open rest:http://backup:***@store/" in captured.err
    assert "restore database: 1.0 MiB of 4.0 MiB (25%), 1 of 2 files, 1.0 MiB/s" in captured.err
    assert "hunter2" not in captured.out + captured.err


def test_no_cluster_is_3_with_hint(document: Path, use: Use, capsys: Captured) -> None:
    async def pipeline(*_: object) -> Report:
        raise ClusterError("no answer from the cluster", hint="is it running?")

    use(pipeline)
    assert main(["run", str(document)]) == 3
    told = capsys.readouterr().err.splitlines()
    assert told == ["error: no answer from the cluster", "hint: is it running?"]


def test_a_fault_of_our_own_is_3_and_no_stack_trace(
    document: Path, use: Use, capsys: Captured
) -> None:
    async def pipeline(*_: object) -> Report:
        raise KeyError("surprise")

    use(pipeline)
    assert main(["run", str(document)]) == 3
    told = capsys.readouterr().err
    assert "error: provisioner itself failed: KeyError: 'surprise'" in told
    assert "Traceback" not in told


def test_verbose_shows_where_a_fault_of_our_own_is(
    document: Path, use: Use, capsys: Captured
) -> None:
    async def pipeline(*_: object) -> Report:
        raise KeyError("surprise")

    use(pipeline)
    assert main(["run", str(document), "-v"]) == 3
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_stop_the_session_and_do_not_abandon_the_cleanup(
    number: signal.Signals, document: Path, use: Use, capsys: Captured
) -> None:
    cleaned = []

    async def clean_up() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(10):  # the second signal arrives meanwhile
            await asyncio.sleep(0)
        cleaned.append(True)

    async def pipeline(*_: object) -> Report:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            with contextlib.suppress(asyncio.CancelledError):
                await uninterrupted(clean_up())
        return report(outcome=Outcome.CANCELLED, evidence=None)

    use(pipeline)
    assert main(["run", str(document)]) == 130
    assert cleaned == [True]
    told = capsys.readouterr().err
    assert "stopping: removing the sandbox" in told
    assert "already stopping: the sandbox is being removed, and that is not abandoned" in told


def test_stopping_before_anything_began_is_130(document: Path, use: Use, capsys: Captured) -> None:
    async def pipeline(*_: object) -> Report:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        raise AssertionError

    use(pipeline)
    assert main(["run", str(document)]) == 130
    assert "stopped before anything was created" in capsys.readouterr().err


def test_a_reader_that_leaves_changes_no_exit_code(document: Path) -> None:
    """``provisioner run ... | head -0``: the pipe is closed before the summary comes."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from session_fakes import pipeline_of, report\n"
        "from provisioner.cli import run\n"
        "from provisioner.cli.main import main\n"
        "run._pipeline = lambda: pipeline_of(report(outcome='Inconclusive'))\n"
        "sys.exit(main(['run', sys.argv[2]]))\n"
    )
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(document)],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (4, "")
