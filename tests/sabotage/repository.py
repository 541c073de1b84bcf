"""restic repositories in folders of this machine, as a backup's job would use them."""

import json
import os
import subprocess
import time
from pathlib import Path

import devcluster
from tests.cluster.kube import environment

PASSWORD = "of-the-corpus"


class Repository:
    """One repository."""

    def __init__(self, folder: Path, password: str = PASSWORD) -> None:
        self.folder = folder
        self._env = {"RESTIC_PASSWORD": password}

    @classmethod
    def remote(cls, url: str, env: dict[str, str]) -> "Repository":
        """One that is elsewhere, with all that opens it."""
        one = cls(Path("/"), "")
        one._env = {**env, "RESTIC_REPOSITORY": url}
        return one

    def init(self) -> None:
        self.run("init")

    def back_up(
        self, tree: Path, *tags: str, host: str, moment: str = "", inside: bool = False
    ) -> str:
        """Store a folder and return the snapshot's id; ``inside``: restic is run in that folder."""
        flags = [f"--host={host}", *(f"--tag={tag}" for tag in tags)]
        flags += [f"--time={moment}"] if moment else []
        path, cwd = (".", tree) if inside else (str(tree), None)
        told = self.run("backup", "--json", *flags, path, cwd=cwd)
        summary = json.loads(told.splitlines()[-1])
        return str(summary["snapshot_id"])

    def restore(self, snapshot: str, target: Path, *, tag: str = "") -> None:
        """Bring back what the snapshot's one folder holds; with ``latest`` the newest of a tag."""
        chosen = [f"--tag={tag}"] if tag else []
        (listed,) = json.loads(self.run("snapshots", snapshot, "--json", *chosen))
        (path,) = listed["paths"]
        self.run("restore", f"{snapshot}:{path}", "--target", str(target), *chosen)

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run restic to its good end, and return what it prints."""
        argv = [str(devcluster.binary("restic")), "--no-cache", *arguments]
        env = environment(RESTIC_PROGRESS_FPS="0.1", **self._located())
        done = subprocess.run(
            argv, env=env, capture_output=True, text=True, check=False, cwd=cwd,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"restic {arguments[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def leave_a_lock(self) -> None:
        """Kill a backup while it holds its lock."""
        argv = [str(devcluster.binary("restic")), "--no-cache", "backup", "--stdin"]
        env = environment(**self._located())
        child = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        while not any((self.folder / "locks").iterdir()):
            if child.poll() is not None:
                raise RuntimeError(f"restic ended with {child.returncode} before it had locked")
            time.sleep(0.05)  # a file appears, and nothing tells of it
        child.kill()
        child.communicate()

    def _located(self) -> dict[str, str]:
        return {"RESTIC_REPOSITORY": str(self.folder), **self._env}

    def packs(self) -> list[Path]:
        """The packs, largest first."""
        found = [one for one in (self.folder / "data").rglob("*") if one.is_file()]
        return sorted(found, key=lambda one: os.stat(one).st_size, reverse=True)


def moment(when: str) -> str:
    """A time as restic has it, from words like ``-24 hours``."""
    argv = ["date", f"--date={when}", "+%Y-%m-%d %H:%M:%S"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
