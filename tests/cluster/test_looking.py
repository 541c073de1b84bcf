"""Sessions in processes of their own, and what a person does with a sandbox that is kept."""

import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from fcntl import ioctl
from typing import Any

import httpx
import pytest

import devcluster
from devcluster import Cluster
from tests.cluster.files_app import SERVING, FilesApp
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner

pytestmark = pytest.mark.xdist_group("looking")  # one sandbox serves most of them


@dataclass(frozen=True)
class Kept:
    """A session that keeps its sandbox."""

    provisioner: Provisioner
    app: FilesApp
    told: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.told["id"])

    def call(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return self.provisioner.call(*arguments, stdin=stdin)


def follow_until(provisioner: Provisioner, session: str, words: str) -> None:
    """Read the session's log while it is written."""
    child = provisioner.begin("logs", "-f", session)
    assert child.stdout is not None
    said = ""
    for line in child.stdout:
        said += line
        if words in line:
            child.send_signal(signal.SIGINT)
            assert child.wait() == 130
            return
    raise AssertionError(f"never said {words!r}:\n{said}")


@pytest.fixture(scope="module")
def kept(
    cluster: Cluster, kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("looking")
    provisioner = Provisioner(cluster.kubeconfig, devcluster.binary("helm4"), folder)
    namespace = f"test-looking-{os.urandom(3).hex()}"
    kubectl.create_namespace(namespace)
    app = FilesApp(kubectl, namespace, folder)
    app.write({"index.html": "hello"})
    app.back_up("session=1")
    one = Kept(provisioner, app, provisioner.detach(app.verifier(SERVING), "--keep", "15m"))
    follow_until(provisioner, one.id, "the sandbox stays until")
    yield one
    assert one.call("release", one.id).returncode == 0
    ended = one.call("logs", "-f", one.id)
    assert ended.stdout.endswith("finished: Passed, Clean\n"), ended
    provisioner.demand_nothing_left(json.loads(one.call("report", one.id).stdout))
    provisioner.demand_nothing_runs()


def test_a_detached_session_has_a_process_of_its_own(kept: Kept) -> None:
    process = kept.told["process"]
    assert os.getsid(process) == process
    (entry,) = json.loads(kept.call("sessions", "-o", "json").stdout)
    assert (entry["id"], entry["state"], entry["cleanup"]) == (kept.id, "Running", "Kept")
    log = kept.call("logs", kept.id, "--tail", "100").stdout
    assert all(f" {name}: done after " in log for name in ("plan", "restore", "check"))
    assert log == kept.call("logs").stdout


@pytest.mark.parametrize("name", ["Deployment/web", "deploy/web", "web", "POD"])
def test_logs_of_a_workload(kept: Kept, name: str) -> None:
    if name == "POD":
        sandbox = kept.told["sandbox"]
        (name,) = kept.provisioner.kubectl.names("pods", "-n", sandbox)
    done = kept.call("logs", kept.id, name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "here I am"
    assert kept.call("logs", kept.id, name, "--tail", "1").stdout.startswith("start server on")


def test_logs_of_what_is_not_there(kept: Kept) -> None:
    done = kept.call("logs", kept.id, "StatefulSet/web")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing that runs is named 'StatefulSet/web'" in done.stderr
    assert "Deployment/web" in done.stderr
    done = kept.call("logs", kept.id, "web", "--container", "wbe")
    assert (done.returncode, done.stderr.splitlines()[1]) == (
        2,
        "hint: did you mean web? it has: web",
    )


def test_a_program_with_its_input_its_outputs_and_its_exit_code(kept: Kept) -> None:
    program = "cat; echo oops >&2; cat /data/index.html; exit 7"
    done = kept.call("shell", "web", "--", "sh", "-c", program, stdin="a line\n")
    assert (done.returncode, done.stdout, done.stderr) == (7, "a line\nhello", "oops\n")
    large = "x" * 3_000_000
    assert kept.call("shell", "--", "wc", "-c", stdin=large).stdout.strip() == "3000000"
    assert kept.call("shell", stdin="echo $((6 * 7))\n").stdout == "42\n"
    # A shell's own 127, by what was typed last, is not a shell that is not there.
    done = kept.call("shell", stdin="no-such-program\n")
    assert (done.returncode, "cannot be started" in done.stderr) == (127, False)
    done = kept.call("shell", "--", "no-such-program")
    assert done.returncode == 127
    assert done.stderr.startswith("error: no-such-program cannot be started in container web of")


def test_a_shell_on_a_terminal(kept: Kept) -> None:
    """It has the terminal's size, follows it, and leaves the terminal as it was."""
    master, slave = pty.openpty()
    resize(master, rows=31, columns=97)
    before = termios.tcgetattr(slave)
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), slave)
    child = kept.provisioner.begin("shell", "Deployment/web", **streams)
    expect(master, "# ")
    os.write(master, b"stty size\r")
    expect(master, "31 97")
    resize(master, rows=40, columns=120)
    child.send_signal(signal.SIGWINCH)
    # What is typed before the shell has handed its terminal over would go to the shell.
    os.write(master, b"echo re''ady; cat\r")
    expect(master, "ready\r\n")
    os.write(master, b"said once\r")
    expect(master, "said once\r\nsaid once")
    os.write(master, b"\x03")
    expect(master, "# ")
    os.write(master, b"stty size; exit 9\r")
    expect(master, "40 120")
    assert child.wait(30) == 9
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


def resize(terminal: int, rows: int, columns: int) -> None:
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def expect(terminal: int, words: str) -> None:
    said = ""
    while words not in said:
        assert select.select([terminal], [], [], 30)[0], f"never said {words!r}: {said}"
        said += os.read(terminal, 4096).decode(errors="replace")


def test_a_service_on_a_local_port_also_after_its_pod_was_replaced(kept: Kept) -> None:
    child = kept.provisioner.begin("open", "web", "-o", "json", stderr=subprocess.PIPE)
    assert child.stdout is not None
    told = json.loads(child.stdout.readline())
    assert told["url"] == f"http://127.0.0.1:{told['port']}/"
    assert status(told["url"]) == 405
    kubectl, sandbox = kept.provisioner.kubectl, kept.told["sandbox"]
    kubectl.run("-n", sandbox, "delete", "pod", "-l", "app=web")
    kubectl.run("-n", sandbox, "rollout", "status", "deployment/web")
    assert status(told["url"]) == 405
    child.send_signal(signal.SIGINT)
    assert child.wait(30) == 0


def status(url: str) -> int:
    """A rest-server answers 405: it has nothing at that place."""
    return httpx.get(url, timeout=30, trust_env=False).status_code


def test_a_service_or_a_port_that_is_not_there(kept: Kept) -> None:
    done = kept.call("open", "wbe")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean web? there are: web" in done.stderr
    done = kept.call("open", "web:81")
    assert (done.returncode, done.stderr.splitlines()[1]) == (2, "hint: it has: 80 http")


def test_what_looks_into_a_sandbox_ends_with_it(kept: Kept) -> None:
    told = kept.provisioner.detach(kept.app.verifier(SERVING), "--keep", "10m")
    follow_until(kept.provisioner, told["id"], "the sandbox stays until")
    opened = kept.provisioner.begin("open", "web", "--session", told["id"], stderr=subprocess.PIPE)
    followed = kept.provisioner.begin("logs", told["id"], "web", "-f")
    assert opened.stdout is not None
    assert opened.stdout.readline().startswith("http://127.0.0.1:")
    assert kept.call("release", told["id"]).returncode == 0
    assert kept.call("logs", "-f", told["id"]).stdout.endswith("finished: Passed, Clean\n")
    _, said = opened.communicate(timeout=30)
    assert (opened.returncode, said.splitlines()[-1]) == (0, "the sandbox is gone")
    followed.communicate(timeout=30)
    done = kept.call("shell", "--session", told["id"], "--", "true")
    assert (done.returncode, "is gone" in done.stderr) == (2, True)


def test_a_detached_session_is_stopped_like_another(kept: Kept) -> None:
    told = kept.provisioner.detach(kept.app.verifier())
    follow_until(kept.provisioner, told["id"], "restore: done after")
    os.kill(told["process"], signal.SIGINT)
    assert kept.call("logs", "-f", told["id"]).stdout.endswith("finished: Cancelled, Clean\n")
    report = json.loads(kept.call("report", told["id"]).stdout)
    assert report["outcome"] == "Cancelled"
    kept.provisioner.demand_nothing_left(report)
