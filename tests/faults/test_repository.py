"""Faults of a repository, and of what lies in it. Only the latter are the backup's."""

from typing import Any

import pytest

from tests.cluster.files_app import FilesApp
from tests.cluster.provisioner import Provisioner
from tests.faults.demand import demand
from tests.faults.services import black_hole, closed_port

pytestmark = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)


def at(port: int) -> dict[str, str]:
    return {"url": f"rest:http://127.0.0.1:{port}/", "secret": "repository"}


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (closed_port, r'; Head "http://127\.0\.0\.1:\d+/config": .*connect: connection refused'),
        (black_hole, ""),
    ],
)
def test_unreachable(provisioner: Provisioner, app: FilesApp, server: Any, said: str) -> None:
    with server() as port:
        document = app.verifier()
        document["spec"]["repositories"][0]["restic"] = at(port)
        ended = provisioner.run(document)
    where = rf"repository files \(rest:http://127\.0\.0\.1:{port}/\)"
    sentence = rf"{where} cannot be read: no answer within 60 s{said}"
    demand(ended, "Errored", "Repository", sentence)
    assert ended.report["hint"] == "is it up, and reachable from here?"


def test_empty(provisioner: Provisioner, app: FilesApp) -> None:
    app.forget_all()
    ended = provisioner.run(app.verifier())
    demand(ended, "Failed", "Backup", "repository files holds no snapshot at all")


def test_no_snapshot_matches(provisioner: Provisioner, app: FilesApp) -> None:
    document = app.verifier()
    document["spec"]["restores"][0]["select"] = {"tags": ["weekly"]}
    ended = provisioner.run(document)
    selector = r"restore files: no snapshot of repository files fits the selector \(tags weekly\)"
    sentence = f"{selector}; it holds 1"
    demand(ended, "Errored", "Configuration", sentence)
    assert "session=1" in ended.report["hint"]


def test_no_consistent_set(provisioner: Provisioner, app: FilesApp) -> None:
    """Two restores whose only snapshots are of different sessions."""
    app.back_up("session=2", "other")
    document = app.verifier(consistency={"key": "session"})
    first = document["spec"]["restores"][0]
    first["select"] = {"tags": ["session=1"]}
    into = {"claim": {"name": "web-files", "subPath": "other"}}
    second = {**first, "name": "others", "select": {"tags": ["other"]}, "into": into}
    first["into"] = {"claim": {"name": "web-files", "subPath": "files"}}
    document["spec"]["restores"] = [first, second]
    ended = provisioner.run(document)
    sentence = (
        "no value of the tag session= is shared by all restores; "
        "nearest is session=2, which lacks files"
    )
    demand(ended, "Inconclusive", "Backup", sentence)


def test_snapshot_of_an_empty_folder(provisioner: Provisioner, app: FilesApp) -> None:
    (app.data / "index.html").unlink()
    app.back_up("session=2")
    ended = provisioner.run(app.verifier())
    sentence = r"restore files: snapshot [0-9a-f]{8} brought back \d+ files and 0 bytes"
    demand(ended, "Failed", "Backup", sentence)
    assert ended.report["hint"] == (
        "the snapshot holds no data: look at what the backup reads, or say allowEmpty: true beside"
        " the restore's name"
    )
    assert ended.report.get("evidence") is None


def test_snapshot_that_vanishes_after_it_was_chosen(
    provisioner: Provisioner, app: FilesApp
) -> None:
    """Forgotten and pruned between plan and restore: no bad backup, and no pass."""
    ended = provisioner.act(app.verifier(), "plan: done", lambda *_: app.forget_all("--prune"))
    sentence = (
        r"snapshot [0-9a-f]{8} of repository files is no longer there: it was removed while it was"
        " being restored"
    )
    demand(ended, "Inconclusive", "Repository", sentence)
    assert ended.report.get("evidence") is None


def test_damaged_snapshot_is_not_passed_over(provisioner: Provisioner, app: FilesApp) -> None:
    """restic would list the older one alone, and it would be verified in its place."""
    (older,) = app.snapshots()
    app.back_up("session=2")
    (newer,) = [one for one in app.snapshots() if one != older]
    newer.chmod(0o600)
    newer.write_bytes(newer.read_bytes()[:-7])
    ended = provisioner.run(app.verifier())
    damage = r"failed to load snapshot \w+: LoadRaw\(<snapshot/\w+>\): invalid data returned"
    where = f"snapshot {newer.name[:8]} of repository files"
    sentence = f"{where} cannot be read: {damage}; it may be the one that restore files wants"
    demand(ended, "Inconclusive", "Repository", sentence)
    document = app.verifier()
    document["spec"]["restores"][0]["select"] = {"id": older.name}
    assert provisioner.plan(document).exit_code == 0
    document["spec"]["restores"][0]["select"] = {"id": newer.name}
    planned = provisioner.plan(document)
    assert (planned.exit_code, planned.told.splitlines()[0][:7]) == (1, "error: "), planned.told
