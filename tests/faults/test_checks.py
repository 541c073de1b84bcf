"""Checks that hang, cannot be put, or fail while others pass."""

import pytest

from tests.cluster.files_app import FilesApp, check
from tests.cluster.provisioner import Provisioner
from tests.faults.demand import demand

pytestmark = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)


def test_one_fails_while_the_others_are_all_put_and_told(
    provisioner: Provisioner, app: FilesApp
) -> None:
    checks = [
        check("cat /data/index.html", "right", equals="hello"),
        check("cat /data/index.html", "wrong", equals="goodbye"),
        check("no-such-program", "cannot be put"),
        {**check("sleep 600", "hangs"), "timeout": "3s"},
        check("cat /data/index.html", "also right", equals="hello"),
    ]
    ended = provisioner.run(app.verifier(checks=checks))
    answer = "expected exit code 0, exactly goodbye, saw hello: it is not equal"
    sentence = f"1 of 5 checks failed; wrong: {answer}"
    demand(ended, "Failed", "Check", sentence)
    assert {one["name"]: one["state"] for one in ended.report["checks"]} == {
        "right": "Passed",
        "wrong": "Failed",
        "cannot be put": "Errored",
        "hangs": "Errored",
        "also right": "Passed",
    }
    assert "not found" in ended.check("cannot be put")["message"]
    assert ended.report["evidence"] == "proven"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sleep 600", r"it could not be asked in time \(3s\)"),
        ("exec no-such-program", r"bash cannot be run: .*no-such-program: not found"),
    ],
)
def test_one_that_got_no_answer_says_nothing_of_the_backup(
    provisioner: Provisioner, app: FilesApp, command: str, said: str
) -> None:
    checks = [
        {**check(command, "asks in vain"), "timeout": "3s"},
        check("cat /data/index.html", "right", equals="hello"),
    ]
    ended = provisioner.run(app.verifier(checks=checks))
    sentence = f"1 of 2 checks could not be put; asks in vain: {said}"
    demand(ended, "Errored", "Check", sentence)
    assert ended.check("right")["state"] == "Passed"
