"""Only the very process that we started is ever ended."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devcluster import processes
from devcluster.processes import ProcessRecord


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def _record(pid: int) -> ProcessRecord:
    record = processes.current(pid)
    assert record is not None
    return record


def test_a_running_process_is_alive(sleeper):
    assert _record(sleeper.pid).alive()


def test_a_pid_used_again_by_another_process_is_not_ours(sleeper):
    former = replace(_record(sleeper.pid), start=1)
    assert not former.alive()
    processes.stop([former])
    assert sleeper.poll() is None


def test_a_pid_of_before_the_last_boot_is_not_ours(sleeper):
    former = replace(_record(sleeper.pid), boot="another")
    former.send(signal.SIGKILL)
    assert sleeper.poll() is None


def test_stop_ends_the_process(sleeper):
    processes.stop([_record(sleeper.pid)])
    assert sleeper.wait() == -signal.SIGTERM


def test_a_process_that_has_ended_is_not_alive_though_nobody_has_asked_for_its_end():
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not _record(process.pid).alive()


def test_a_started_program_leaves_its_record_and_its_log(tmp_path: Path):
    record = tmp_path / "record"
    argv = ["sh", "-c", "echo hello; exec sleep 60"]
    processes.start(argv, record=record, log=tmp_path / "log", cwd=tmp_path)
    started = processes.read(record)
    assert started is not None
    assert started.alive()
    processes.stop([started])
    assert not started.alive()


@pytest.mark.parametrize("text", ["", "boot", "boot 12 (sh) S 1 2"])
def test_a_record_cut_short_is_no_record(text):
    assert ProcessRecord.parse(text) is None


def test_a_program_whose_name_holds_spaces_and_brackets_is_read_right():
    fields = " ".join(str(number) for number in range(4, 40))
    record = ProcessRecord.parse(f"boot 12 (a) (b c) S {fields}")
    assert record == ProcessRecord(pid=12, start=22, boot="boot")
