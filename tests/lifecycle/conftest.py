"""Lifecycle tests run in a machine within the machine, so no cluster outside is disturbed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster import addons, binaries, ensure_images
from devcluster.paths import REPOSITORY

_SCRIPT = str(Path(__file__).with_name("machine.sh"))


class Machine:
    """A machine within the machine, and the commands that are run in it."""

    def __init__(self, name: str, pid: int) -> None:
        self._name, self._pid = name, pid

    def run(self, *argv: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
        """Run a command in it."""
        inside = [_SCRIPT, "run", self._name, str(self._pid), *argv]
        return subprocess.run(inside, cwd=cwd, text=True, capture_output=True, check=False)

    def devcluster(self, *arguments: str, cwd: Path = REPOSITORY) -> tuple[int, str]:
        """Run `python -m devcluster` in it; return exit code and all that it printed."""
        done = self.run(sys.executable, "-m", "devcluster", *arguments, cwd=cwd)
        return done.returncode, done.stdout + done.stderr

    def up(self, *arguments: str, cwd: Path = REPOSITORY) -> str:
        """Bring the cluster up in it."""
        code, text = self.devcluster("up", *arguments, cwd=cwd)
        assert code == 0, text
        return text

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl against its cluster."""
        kubectl = [str(binaries.binary("kubectl")), "--kubeconfig", _KUBECONFIG, *arguments]
        inside = [_SCRIPT, "run", self._name, str(self._pid), *kubectl]
        done = subprocess.run(inside, input=stdin, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pids(self) -> dict[str, str]:
        """The process of each component."""
        lines = self.devcluster("status")[1].splitlines()
        return {name: rest for name, _, rest in (line.partition(": ") for line in lines)}


_KUBECONFIG = "/var/lib/provisioner-devcluster/kubeconfig"


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if os.geteuid() != 0:
        pytest.fail("needs root: make test says so before it comes here")
    binaries.build(["kubernetes"])
    ensure_images(addons.IMAGES)
    folder = tmp_path_factory.mktemp("machine")
    name = f"provisioner-test-{os.getpid()}"
    with subprocess.Popen([_SCRIPT, "boot", name, str(folder)]) as outer:
        try:
            yield Machine(name, _first_process(outer, folder))
        finally:
            outer.kill()
    subprocess.run([_SCRIPT, "remove", name], check=False)


def _first_process(outer: subprocess.Popen[bytes], folder: Path) -> int:
    deadline = time.monotonic() + 30
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    while not (folder / "booted").exists():
        assert outer.poll() is None, "the machine did not boot"
        assert time.monotonic() < deadline, "the machine does not boot"
        time.sleep(0.05)
    return int(children.read_text().split()[0])
