"""What lies on the volume, and in its files, against the snapshot: as it is, and tampered with."""

import os
from typing import Any

import pytest

import devcluster
from devcluster import Cluster
from provisioner import process
from provisioner.models.words import Cause, Outcome
from provisioner.pipeline import run
from provisioner.repositories.listing import Lines, entry_of
from provisioner.restores.compared import walk
from provisioner.restores.compared.inventory import Inventory
from provisioner.restores.compared.walk import Walk, script, tally_of
from tests.cluster.files_app import PASSWORD, FilesApp, check
from tests.cluster.kube import environment
from tests.cluster.provisioner import Provisioner
from tests.cluster.test_files import _NoObserver, _NoStore, _request
from tests.unit import tree_fakes

HELM_4 = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)


def files(**more: Any) -> dict[str, Any]:
    return {"name": "content", "files": {"restore": "files", "seed": 7, **more}}


@HELM_4
def test_content_is_compared_and_what_the_application_writes_is_found(
    provisioner: Provisioner, app: FilesApp
) -> None:
    """Written to after it came back whole: the restore is right, the check says what changed."""
    app.write({"index.html": "hello", "photos/a photo.jpg": "one", "photos/b.jpg": "two"})
    app.back_up("session=2")
    writes = {"command": "echo changed > /data/index.html; exec sleep infinity"}
    kept = {**files(exclude=["*.html"]), "name": "kept"}
    ended = provisioner.run(app.verifier(writes, checks=[files(), kept]))
    assert ended.verdict == ("Failed", "Check"), ended.report
    assert ended.check("content")["saw"] == "1 of 3 differ: index.html: has another content"
    assert ended.check("kept")["saw"] == "2 files, 6 bytes: all the same"
    compared = ended.report["restores"][0]["compared"]
    assert (compared["files"], compared["bytes"], compared["names"]) == (3, 11, 4)


async def test_an_owner_that_is_not_the_snapshots_is_no_pass(
    app: FilesApp, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As storage does that keeps no owners: before the pod looks, the file is given away."""

    def given_away(folder: str, one: Walk) -> str:
        return f"chown 77:78 {folder}/index.html\n{script(folder, one)}"

    monkeypatch.setattr(walk, "script", given_away)
    report = await run(_request(app.verifier(), cluster), _NoStore(), _NoObserver())
    assert (report.outcome, report.cause) == (Outcome.INCONCLUSIVE, Cause.CLUSTER), report
    assert "files of 77:78 with mode 0644: 1 file of 5 bytes, not 0 files" in report.message
    assert "index.html: belongs to 77:78, not 0:0" in report.diagnosis


@HELM_4
@pytest.mark.parametrize("folder", ["", "site"])
def test_an_empty_snapshot_passes_only_where_that_is_allowed(
    provisioner: Provisioner, app: FilesApp, folder: str
) -> None:
    (app.data / "index.html").unlink()
    app.back_up("session=2")
    document = app.verifier(checks=[check("ls -A /data | wc -l", "count", min=0)])
    document["spec"]["requireEvidence"] = "booted"  # of nothing, no check can prove anything
    (restore,) = document["spec"]["restores"]
    restore["into"]["claim"]["subPath"] = folder
    if not folder:
        refused = provisioner.run(document)
        assert refused.verdict == ("Failed", "Backup"), refused.report
    restore["allowEmpty"] = True
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["restores"][0]["files"] == 0


async def test_restics_own_listing_is_read_as_the_folder_is(app: FilesApp) -> None:
    """No cluster: restic's words for what is hard to tell, and our own find, stat and awk."""
    app.write({"empty": "", "sub/umläut": "x", "two\nlines": "y"})
    (app.data / "link").symlink_to("empty")
    os.link(app.data / "empty", app.data / "sub/hard")
    os.mkfifo(app.data / "pipe")
    os.chown(app.data / "sub", 33, 34)
    (app.data / "sub").chmod(0o3775)
    app.back_up("session=2")
    found = []
    lines = Lines(lambda line: found.append(entry_of(line)))
    argv = [str(devcluster.binary("restic")), "--repo", str(app.repository)]
    env = environment(RESTIC_PASSWORD=PASSWORD)
    await process.run([*argv, "ls", "--json", f"latest:{app.data}"], env=env, take=lines)
    listed = tree_fakes.tally([one for one in found if one])
    there = tally_of(tree_fakes.messages(app.data), tree_fakes.SEED)
    assert there is not None
    assert Inventory(listed, there).differences() == []
    assert sum(amount.entries for amount in there.looks.values()) == 8
