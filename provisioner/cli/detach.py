"""``run --detach``: the session in a process of its own."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from provisioner.cli.signals import SIGNALS
from provisioner.cli.terminal import readers_may_leave, stderr, stdout
from provisioner.cli.text import clean
from provisioner.errors import ProvisionerError
from provisioner.models.session import Session
from provisioner.progress import Nobody
from provisioner.store import FolderStore


class Herald(Nobody):
    """Tells the process in the foreground when the session is recorded, and leaves it then."""

    def __init__(self, store: FolderStore, pipe: int) -> None:
        self._store = store
        self._pipe: int | None = pipe

    def start(self) -> None:
        """Nothing to prepare."""

    def stop(self) -> None:
        """Nothing to put back."""

    def say(self, text: str) -> None:
        """Nobody is there to read it."""

    def record(self, session: Session) -> None:
        """The first time: it is recorded."""
        if self._pipe is None:
            return
        log = str(self._store.log_path(session.id))
        told = {
            "id": session.id, "sandbox": session.sandbox, "process": os.getpid(), "log": log
        }  # fmt: skip
        pipe, self._pipe = self._pipe, None
        try:
            _leave_the_terminal(log)
        finally:  # whatever that is, the process in the foreground must not wait for the session
            with os.fdopen(pipe, "wb") as waiting:
                waiting.write(json.dumps(told).encode())


def _leave_the_terminal(log: str) -> None:
    """What is still said, by a fault of our own or with ``-v``, goes to the log if there is one."""
    null = os.open(os.devnull, os.O_RDWR)
    try:
        file = os.open(log, os.O_WRONLY | os.O_APPEND)
    except OSError:
        file = os.dup(null)
    for old, new in ((null, 0), (file, 1), (file, 2)):
        os.dup2(old, new)
    os.close(null)
    os.close(file)


def detach(store: FolderStore, session: Callable[[Herald], int], *, as_json: bool) -> int:
    """Run the session in another process, and return when it is recorded, with 0.

    One that ends before that has told why, and its exit code is returned.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    if (pid := os.fork()) == 0:
        os.close(reading)
        os.setsid()
        return session(Herald(store, writing))
    os.close(writing)
    return _await(pid, reading, as_json=as_json)


def _await(pid: int, reading: int, *, as_json: bool) -> int:
    with _stopping(pid) as stopped, os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
        if told and not stopped.asked:
            with readers_may_leave():
                _tell(json.loads(told), as_json=as_json)
            return 0
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code < 0:
        killed = signal.Signals(-code).name
        raise ProvisionerError(f"the session's process was ended by {killed} as it began")
    if stopped.asked:
        what = "and its sandbox is removed" if told else "before anything was created"
        stderr().tell(f"stopped {what}")
    return code


@dataclass
class _Stopped:
    asked: bool = False


@contextmanager
def _stopping(pid: int) -> Iterator[_Stopped]:
    """What would stop us stops the session, which the terminal's Ctrl-C does not reach."""
    stopped = _Stopped()

    def stop(*_: object) -> None:
        stopped.asked = True
        os.kill(pid, signal.SIGINT)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(told: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        stdout().file.write(json.dumps(told, indent=2) + "\n")
        return
    name = clean(str(told["id"]))
    stdout().tell(name)
    console = stderr()
    console.tell(f"it goes on as process {told['process']}", "dim")
    console.tell(f"  follow it    provisioner logs -f {name}", "dim")
    console.tell(f"  how it ended provisioner show {name}", "dim")
    console.tell(f"  stop it      kill -INT {told['process']}", "dim")
