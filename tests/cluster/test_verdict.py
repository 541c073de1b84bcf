"""Evidence, attempts, targets and needless runs of the smallest application."""

import json

import pytest

from tests.cluster.files_app import PASSWORD, FilesApp
from tests.cluster.provisioner import Provisioner

pytestmark = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)


@pytest.mark.parametrize(
    ("required", "last", "message"),
    [
        ("restored", "restore", "the data came back; the application was not started"),
        ("booted", "ready",
         "the application is ready on the restored data; it was not asked anything"),
    ],
)  # fmt: skip
def test_restore_only(
    provisioner: Provisioner, app: FilesApp, required: str, last: str, message: str
) -> None:
    document = app.verifier(restoreOnly=True, requireEvidence=required)
    del document["spec"]["checks"]
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report
    assert (ended.report["evidence"], ended.report["message"]) == (required, message)
    assert ended.report["restores"][0]["files"] > 0
    done = [one["name"] for one in ended.report["phases"] if one["state"] == "Done"]
    assert done[-3:] == [last, "teardown", "report"]
    assert ended.exit_code == 0


def test_an_errored_session_is_tried_again_and_passes(
    provisioner: Provisioner, app: FilesApp
) -> None:
    """The wrong password is put right while the second attempt waits."""
    wrong = {"RESTIC_PASSWORD": "wrong"}
    provisioner.kubectl.create_secret(app.namespace, "repository", wrong)

    def put_right(*_: object) -> None:
        right = {"RESTIC_PASSWORD": PASSWORD}
        provisioner.kubectl.create_secret(app.namespace, "repository", right)

    document = app.verifier(retry={"attempts": 3})
    ended = provisioner.act(document, "attempt 2 of 3 begins in 15s", put_right)
    assert ended.verdict == ("Passed", None), ended.report
    first, second = ended.report["attempts"]
    assert (first["outcome"], first["cause"]) == ("Errored", "Repository")
    assert first["message"].endswith("cannot be read: wrong password")
    assert second["outcome"] == "Passed"
    assert first["sandbox"] != second["sandbox"] == ended.report["sandbox"]
    assert first["sandbox"] not in provisioner.kubectl.names("namespaces")
    shown = provisioner.call("show", ended.report["id"]).stdout
    assert "\nattempts\n  1  Errored, Repository  after " in shown
    log = provisioner.call("logs", ended.report["id"]).stdout
    assert f"attempt 2 in {second['sandbox']}" in log


def test_a_backup_that_is_too_old_is_no_pass_though_all_is_well(
    provisioner: Provisioner, app: FilesApp
) -> None:
    document = app.verifier(consistency={"maxAge": "1s"})
    plan = provisioner.plan(document)
    assert "a target is missed, so there will be none" in plan.out, plan
    ended = provisioner.run(document)
    assert ended.verdict == ("Failed", "Backup"), ended.report
    assert ended.exit_code == 1
    assert ended.report["evidence"] == "proven"
    assert {one["state"] for one in ended.report["checks"]} == {"Passed"}
    (target,) = ended.report["targets"]
    assert (target["name"], target["met"], target["limitSeconds"]) == ("recovery point", False, 1)
    assert ended.report["message"] == f"the application came back, but {target['message']}"


def test_what_was_verified_is_not_verified_again_until_there_is_another_snapshot(
    provisioner: Provisioner, app: FilesApp
) -> None:
    document = app.verifier(skipIfVerified=True)
    first = provisioner.run(document)
    assert first.verdict == ("Passed", None), first.report
    assert "a run would do nothing" in provisioner.plan(document).out
    second = provisioner.run(document)
    assert second.report == first.report
    assert second.exit_code == 0
    assert f"verified already: session {first.report['id']} passed " in second.told
    assert len(json.loads(provisioner.call("sessions", "-o", "json").stdout)) == 1
    app.back_up("session=2")
    assert "verified" not in provisioner.plan(document, "--output", "json").plan
