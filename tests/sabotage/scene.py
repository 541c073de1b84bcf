"""What a case's program is handed: good data to break, and repositories to put it into."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sabotage.apps import App
from tests.sabotage.repository import Repository


@dataclass(frozen=True)
class Place:
    """The case's own folder, the good data of both days, and the good repositories."""

    own: Path
    good: Path
    template: Path


class Scene:
    """One case at work, in a folder of its own.

    A part that the program asks for is backed up when it is done; the others stay as they are in
    the good repositories.
    """

    def __init__(self, app: App, place: Place, namespace: str) -> None:
        self.app = app
        self.folder = place.own
        self.good = place.good
        self.namespace = namespace
        self._template = place.template
        self._stored: set[str] = set()
        self.secret_changes: dict[str, str] = {}
        places = {part: self.template(part).folder for part in app.parts}
        self.document: dict[str, Any] = app.document(namespace, places)

    @property
    def spec(self) -> dict[str, Any]:
        """The verifier's ``spec``, to change."""
        spec: dict[str, Any] = self.document["spec"]
        return spec

    def template(self, part: str) -> Repository:
        """The good repository, for reading only."""
        return Repository(self._template / part)

    def part(self, part: str) -> Path:
        """The part's good data, for this case alone."""
        return self._copied(part, "today", self.folder / "data" / part)

    def yesterday(self, part: str) -> Path:
        """The same part as it was a day before."""
        return self._copied(part, "yesterday", self.folder / "yesterday" / part)

    def _copied(self, part: str, day: str, tree: Path) -> Path:
        """What the day's snapshot was made of, with owners, modes, times and all."""
        if not tree.exists():
            tree.parent.mkdir(parents=True, exist_ok=True)
            good = self.good / day / part
            subprocess.run(["cp", "--archive", str(good), str(tree)], check=True)
        return tree

    def replace(self, part: str, tree: Path) -> None:
        """Take other data for the part's."""
        shutil.rmtree(self.part(part))
        tree.rename(self.folder / "data" / part)

    def use_secret(self, **changes: str) -> None:
        """Let the application's Secret in the verifier's namespace hold something else."""
        self.secret_changes |= changes

    def repository(self, part: str) -> Repository:
        """The case's own repository of a part, which begins as the good one."""
        one = Repository(self.folder / "repositories" / part)
        if not one.folder.exists():
            shutil.copytree(self._template / part, one.folder)
            self._use(part, one.folder)
        return one

    def _use(self, part: str, folder: Path) -> None:
        access = next(one for one in self.spec["repositories"] if one["name"] == part)["restic"]
        access["url"] = access["volume"]["hostPath"]["path"] = str(folder)

    def back_up(self, part: str, *tags: str, **how: Any) -> str:
        """Put the part as it is now into its repository, and return the snapshot's id."""
        self.stored(part)
        tags = tags or (self.app.name, part, "session=today")
        tree = self.folder / "data" / part
        return self.repository(part).back_up(tree, *tags, host=self.app.name, **how)

    def stored(self, part: str) -> None:
        """Say that the part is in its repository as it has to be."""
        self._stored.add(part)

    def finish(self) -> None:
        """Back up what was asked for and is not stored yet."""
        for part in self.app.parts:
            if part not in self._stored and (self.folder / "data" / part).exists():
                self.back_up(part)
