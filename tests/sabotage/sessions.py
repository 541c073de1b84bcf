"""Verifying a case: by a real session, or by the choice of snapshots alone."""

import asyncio
import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import devcluster
from examples.common.cluster import Kube, secret
from provisioner import verdict
from provisioner.errors import ProvisionerError
from provisioner.models.verifier import BackupVerifier
from provisioner.repositories import selection, sets
from provisioner.repositories.restic import ResticRepository
from tests.cluster.provisioner import Provisioner
from tests.sabotage.apps import APPS, RESTIC_SECRET, App
from tests.sabotage.case import Case
from tests.sabotage.goods import secret_of
from tests.sabotage.judge import Judged, by_report, by_verdict, unjudged
from tests.sabotage.places import REPORTS
from tests.sabotage.repository import PASSWORD
from tests.sabotage.scene import Place, Scene

HISTORY = "state"


@dataclass(frozen=True)
class Ground:
    """What all cases of one run share. ``good`` is by application."""

    kube: Kube
    folder: Path
    good: dict[str, Path]
    run: str

    @property
    def storage_class(self) -> str:
        """The class of the volumes that are on offer: a session waits for none to be made."""
        return f"sabotage-{self.run}"

    @property
    def volumes(self) -> Path:
        """Where those volumes are."""
        return self.folder / "volumes"

    def template(self, app: App) -> Path:
        """The good repositories."""
        return self.folder / "templates" / app.name

    def namespace(self, app: App) -> str:
        """Where the verifiers of an application find their Secrets."""
        return f"sabotage-{self.run}-{app.name}"

    def make_namespace(self, name: str, app: App, changes: dict[str, str]) -> None:
        """Make such a namespace; ``changes`` are to the application's own Secret."""
        self.kube.ensure_namespace(name, {"sabotage-run": self.run})
        values = {**secret_of(self.good[app.name]), **changes}
        self.kube.apply(
            [
                secret(app.secret, name, values),
                secret(RESTIC_SECRET, name, {"RESTIC_PASSWORD": PASSWORD}),
            ]
        )

    def remove(self) -> None:
        """Remove all namespaces of this run, and its folder."""
        selector = f"--selector=sabotage-run={self.run}"
        self.kube.kubectl("delete", "namespace", selector, "--wait=false")
        shutil.rmtree(self.folder, ignore_errors=True)


def judge(ground: Ground, case: Case) -> Judged:
    """Prepare a case and verify it. What goes wrong with that is told, and is never a find."""
    begun = time.monotonic()
    with _folder(ground, case) as folder:
        try:
            found = _verify(ground, case, folder)
        except Exception as problem:  # the table goes on, and says of this one that it failed
            found = unjudged(case, f"{type(problem).__name__}: {problem}")
    return found.in_time(time.monotonic() - begun)


@contextlib.contextmanager
def _folder(ground: Ground, case: Case) -> Iterator[Path]:
    folder = ground.folder / case.name
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _verify(ground: Ground, case: Case, folder: Path) -> Judged:
    app = APPS[case.app]
    place = Place(folder, ground.good[app.name], ground.template(app))
    scene = Scene(app, place, ground.namespace(app))
    scene.spec["sandbox"] = {"storageClass": ground.storage_class}
    case.program(scene)
    scene.finish()
    if case.without_cluster:
        return by_verdict(case, asyncio.run(_chosen(scene.document)))
    _use_secret(ground, case, scene)
    return by_report(case, _session(ground, case, folder, scene.document))


def _use_secret(ground: Ground, case: Case, scene: Scene) -> None:
    if scene.secret_changes:
        namespace = f"{scene.namespace}-{case.name}"[:63].rstrip("-")
        ground.make_namespace(namespace, scene.app, scene.secret_changes)
        scene.document["metadata"]["namespace"] = namespace


def _session(ground: Ground, case: Case, folder: Path, document: dict[str, Any]) -> dict[str, Any]:
    """One session with the records of earlier ones: of this application, unless it is another."""
    state = folder / HISTORY
    state.mkdir()
    if not case.good and (ground.folder / HISTORY / case.app).exists():
        shutil.copytree(ground.folder / HISTORY / case.app, state, dirs_exist_ok=True)
    one = Provisioner(ground.kube.kubeconfig, devcluster.binary("helm4"), state)
    report = one.run(document).report
    REPORTS.mkdir(exist_ok=True)
    (REPORTS / f"{case.name}.json").write_text(json.dumps(report, indent=2))
    if case.keeps_history:
        shutil.copytree(state, ground.folder / HISTORY / case.app)
    return report


async def _chosen(document: dict[str, Any]) -> verdict.Verdict | None:
    """What stands in the way of choosing snapshots; nothing when some were chosen."""
    spec = BackupVerifier.model_validate(document).spec
    env = {"RESTIC_PASSWORD": PASSWORD}
    restic = str(devcluster.binary("restic"))
    try:
        found = {}
        for restore in spec.restores:
            repository = spec.repository(restore.from_)
            url = {"RESTIC_REPOSITORY": repository.restic.url}
            listed = await ResticRepository(repository, {**env, **url}, restic).listing()
            found[restore.name] = selection.candidates(restore, listed, datetime.now(UTC))
        sets.choose(found, spec.consistency, {})
    except ProvisionerError as error:
        return verdict.of_error(error)
    return None
