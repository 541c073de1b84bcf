"""A valid document in a folder of its own, and a state folder that is nobody's."""

import os
from pathlib import Path
from typing import Any

import pytest
from session_fakes import Use
from world_fakes import World

from provisioner import reaper
from provisioner.cli import run as run_command
from provisioner.cluster.api import Cluster
from provisioner.store import FolderStore

DOCUMENT = """\
apiVersion: verify.provisioner.dev/v1alpha1
kind: BackupVerifier
metadata: {name: blog}
spec:
  application:
    chart: {path: ./chart}
    releaseName: blog
  repositories:
    - name: database
      restic: {url: "rest:http://backup:hunter2@store/", secret: restic-database}
  restores:
    - name: database
      from: database
      into: {volume: {workload: StatefulSet/blog-mariadb, name: data}}
  checks:
    - name: front page
      http: {service: blog}
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path / "state"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text("name: blog\n")
    path = tmp_path / "verifier.yaml"
    path.write_text(DOCUMENT)
    return path


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The cluster that every command reaches."""
    one = World()

    async def connect(*_: object) -> World:
        return one

    monkeypatch.setattr(Cluster, "connect", connect)
    monkeypatch.setattr(reaper, "remove", one.remove)
    return one


@pytest.fixture
def store() -> FolderStore:
    return FolderStore.default(os.environ)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Put a pipeline in the place of the real one."""

    def put(pipeline: Any) -> None:
        monkeypatch.setattr(run_command, "_pipeline", lambda: pipeline)

    return put
