"""``run --detach`` with real processes; the pipeline is a fake that waits for the test."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.cli.main import main
from provisioner.models.session import Report
from provisioner.store import FolderStore

PROGRAM = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from session_fakes import report, session
from provisioner.cli import run
from provisioner.cli.main import main
from provisioner.errors import ClusterError
from provisioner.liveness import this_process

def until_told():
    with open(sys.argv[2]) as pipe:
        pipe.read()

async def recorded(request, store, observer):
    found = session(process=this_process())
    store.save(found)
    observer.record(found)
    print("said by the way")
    await asyncio.to_thread(until_told)
    finished = report(process=found.process)
    observer.record(finished)
    store.save(finished)
    return finished

async def refused(request, store, observer):
    raise ClusterError("no answer from the cluster", hint="is it running?")

async def waiting(request, store, observer):
    print("reached", file=sys.stderr, flush=True)
    await asyncio.Event().wait()

run._pipeline = lambda: globals()[sys.argv[3]]
sys.exit(main(["run", "--detach", *sys.argv[4:]]))
"""


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A pipe that the session waits at."""
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


def argv(gate: Path, pipeline: str, *arguments: str) -> list[str]:
    fakes = str(Path(__file__).parent)
    return [sys.executable, "-c", PROGRAM, fakes, str(gate), pipeline, *arguments]


def test_the_session_goes_on_by_itself_and_ends_by_itself(
    document: Path, gate: Path, store: FolderStore, capsys: pytest.CaptureFixture[str]
) -> None:
    ending, alive = os.pipe()  # held by the session's process until it is no more
    path = document.parent / "report.json"
    done = subprocess.run(
        argv(gate, "recorded", str(document), "-o", "json", "--report", str(path)),
        capture_output=True, text=True, check=False, pass_fds=[alive],
    )  # fmt: skip
    os.close(alive)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["id"] == "blog-x7k2p"
    assert os.getsid(told["process"]) == told["process"] != os.getsid(0)
    assert main(["sessions"]) == 0
    assert "running" in capsys.readouterr().out

    gate.write_text("go on")
    assert os.read(ending, 1) == b""
    log = Path(told["log"]).read_text()
    assert "said by the way" in log
    assert log.endswith("finished: Passed, Clean\n")
    assert Report.model_validate_json(path.read_text()).outcome == "Passed"
    assert main(["show"]) == 0


def test_it_says_how_to_go_on(document: Path, gate: Path) -> None:
    ending, alive = os.pipe()
    done = subprocess.run(
        argv(gate, "recorded", str(document)),
        capture_output=True, text=True, check=False, pass_fds=[alive],
    )  # fmt: skip
    os.close(alive)
    assert (done.returncode, done.stdout) == (0, "blog-x7k2p\n")
    for command in ("provisioner logs -f blog-x7k2p", "provisioner show", "kill -INT"):
        assert command in done.stderr
    gate.write_text("go on")
    assert os.read(ending, 1) == b""


def test_without_a_log_nobody_waits_for_the_session(
    document: Path, gate: Path, store: FolderStore
) -> None:
    """What could not be opened kept the pipe open, and so the foreground until the end."""
    store.log_path("blog-x7k2p").mkdir(parents=True)
    ending, alive = os.pipe()
    done = subprocess.run(
        argv(gate, "recorded", str(document)),
        capture_output=True, text=True, check=False, pass_fds=[alive], timeout=10,
    )  # fmt: skip
    os.close(alive)
    assert (done.returncode, done.stdout) == (0, "blog-x7k2p\n")
    gate.write_text("go on")
    assert os.read(ending, 1) == b""


def test_what_goes_wrong_before_is_told_in_the_foreground(document: Path, gate: Path) -> None:
    done = subprocess.run(
        argv(gate, "refused", str(document)), capture_output=True, text=True, check=False
    )
    told = "error: no answer from the cluster\nhint: is it running?\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", told)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_the_foreground_stops_what_is_not_recorded_yet(
    number: signal.Signals, document: Path, gate: Path
) -> None:
    child = subprocess.Popen(
        argv(gate, "waiting", str(document)), stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None
    assert child.stderr.readline() == "reached\n"
    child.send_signal(number)
    assert child.stderr.read() == "stopped before anything was created\n"
    assert child.wait() == 130
