"""The main job: WordPress comes back from two repositories, or the right thing is said."""

import copy
import re
import signal

from tests.cluster.blog import Backups, verifier
from tests.cluster.provisioner import Provisioner

ATTACHMENTS = "every attachment row has its file, with the right size"

SOUND = "mariadb: every table is sound"


def test_good_backup_passes(provisioner: Provisioner, backups: Backups) -> None:
    ended = provisioner.run(verifier(backups, backups.good))
    report = ended.report
    assert ended.verdict == ("Passed", None), report
    assert report["evidence"] == "proven"
    assert ended.exit_code == 0
    assert {one["name"] for one in report["restores"]} == {"database", "uploads"}
    assert all(one["files"] > 0 and one["bytes"] > 0 for one in report["restores"])
    assert len({tuple(t for t in s["tags"] if "=" in t) for s in report["snapshots"]}) == 1
    assert {one["state"] for one in report["checks"]} == {"Passed"}
    assert "looked at 12 attachments" in ended.check(ATTACHMENTS)["saw"]
    assert re.search(r"\d+ tables are sound", ended.check(SOUND)["saw"])


def test_wrong_repository_password(provisioner: Provisioner, backups: Backups) -> None:
    document = copy.deepcopy(verifier(backups, backups.good))
    wrong = {"RESTIC_PASSWORD": "not-the-password"}
    data = provisioner.kubectl.items("secrets", "-n", backups.namespace)
    restic = next(one for one in data if one["metadata"]["name"] == "restic-database")
    provisioner.kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "restic-wrong", "namespace": backups.namespace},
            "data": restic["data"],
            "stringData": wrong,
        }
    )
    document["spec"]["repositories"][0]["restic"]["secret"] = "restic-wrong"
    ended = provisioner.run(document)
    assert ended.verdict == ("Errored", "Repository"), ended.report
    assert ended.exit_code == 3
    assert "repository database" in ended.report["message"]
    assert "wrong password" in ended.report["message"]
    assert "restic-wrong" in ended.report["hint"]
    assert "not-the-password" not in ended.told + str(ended.report)
    # The empty sandbox may have been begun meanwhile; nothing may have gone into it.
    assert not {"restore", "install"} & {one["name"] for one in ended.report["phases"]}
    assert ended.report["restores"] == []


def test_database_file_cut_in_half(provisioner: Provisioner, backups: Backups) -> None:
    ended = provisioner.run(verifier(backups, backups.cut))
    outcome, cause = ended.verdict
    assert outcome == "Failed", ended.report
    assert cause in {"Application", "Check"}
    assert ended.exit_code == 1
    assert ended.check("the tables are sound")["state"] == "Failed"
    assert ended.check(SOUND)["state"] == "Failed"
    # Which page the server stumbles over first is its own affair; that it does is told.
    assert re.match(r"\d+ of \d+ checks failed; .+ saw .*ERROR 1\d+: ", ended.report["message"])


def test_uploads_of_another_day(provisioner: Provisioner, backups: Backups) -> None:
    ended = provisioner.run(verifier(backups, backups.other_day))
    assert ended.verdict == ("Failed", "Check"), ended.report
    assert ended.exit_code == 1
    assert ended.check(ATTACHMENTS)["state"] == "Failed"
    assert re.search(r"looked at 12 attachments: .* [1-9]\d* problems", str(ended.report))
    assert "no file" in str(ended.check(ATTACHMENTS))
    others = [one for one in ended.report["checks"] if one["name"] != ATTACHMENTS]
    assert {one["state"] for one in others} == {"Passed"}
    assert ATTACHMENTS in ended.report["message"]


def test_image_that_does_not_exist(provisioner: Provisioner, backups: Backups) -> None:
    document = verifier(backups, backups.good)
    image = {"repository": "localhost/no-such-image", "tag": "nowhere"}
    document["spec"]["application"]["values"]["wordpress"]["image"] = image
    ended = provisioner.run(document)
    assert ended.verdict == ("Errored", "Chart"), ended.report
    assert ended.exit_code == 3
    assert "localhost/no-such-image:nowhere cannot be pulled" in ended.report["message"]
    assert ended.report["evidence"] == "restored"


def test_interrupt_during_restore(provisioner: Provisioner, backups: Backups) -> None:
    ended = provisioner.interrupt(verifier(backups, backups.good), "restore", signal.SIGINT)
    assert ended.verdict == ("Cancelled", None), ended.report
    assert ended.exit_code == 130
    assert ended.report["message"] == "cancelled before there was a verdict"
    assert "install" not in [one["name"] for one in ended.report["phases"]]
