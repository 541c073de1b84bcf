"""A number that is measured by the last session that passed, and what the report tells of it."""

from typing import Any

import pytest

from tests.cluster.files_app import SERVING, FilesApp, check
from tests.cluster.provisioner import Provisioner

COUNT = "ls /data/posts | wc -l"
NEWEST = "stat -c %Y /data/index.html"


def every_kind() -> list[dict[str, Any]]:
    """The kinds that this small application can answer, and what counts only when it must."""
    web = {"service": "web", "port": 80}
    claims = [{"name": "web-files", "path": "/data"}]
    program = {"image": "localhost/restic:dev", "claims": claims}
    ready = {"kind": "Deployment", "name": "web", "jsonPath": "{.status.readyReplicas}"}
    return [
        check("cat /data/index.html", equals="hello"),
        check(COUNT, "posts", baseline={"maxDrop": "10%"}),
        check(NEWEST, "recent", notOlderThan="1h"),
        {"name": "http", "http": {**web, "expect": {"status": 405}}, "needs": ["tcp"]},
        {"name": "tcp", "tcp": web},
        {"name": "job", "job": {**program, "command": ["cat", "/data/index.html"]}},
        {"name": "script", "script": {**program, "source": "#!/bin/sh\nls /data/posts | wc -l\n"}},
        {"name": "ready", "kubernetes": {**ready, "expect": {"equals": 1}}},
        {**check("exit 1", "advice"), "severity": "advisory", "retries": 1},
        {**check("echo 1", "after"), "severity": "advisory", "needs": ["advice"]},
    ]


@pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
def test_a_session_is_measured_by_the_one_that_passed_before(
    provisioner: Provisioner, app: FilesApp
) -> None:
    app.write({f"posts/{number}": "text" for number in range(20)})
    app.back_up("session=1")
    document = app.verifier(SERVING, checks=every_kind())
    first = provisioner.run(document)
    assert first.verdict == ("Passed", None), first.report
    assert first.check("posts")["value"] == 20
    assert first.check("posts")["unmeasured"] is True
    assert first.check("advice")["state"] == "Failed"
    assert len(first.check("advice")["earlier"]) == 1
    assert first.check("after")["state"] == "Skipped"

    for number in range(5):
        (app.data / "posts" / str(number)).unlink()
    app.back_up("session=2")
    second = provisioner.run(document)
    assert second.verdict == ("Failed", "Check"), second.report
    posts = second.check("posts")
    session = first.report["id"]
    assert posts["trend"] == {"baseline": 20, "session": session, "ratio": 0.75}
    assert f"it is 25% less than in session {session}" in posts["message"]
    shown = provisioner.call("show", second.report["id"]).stdout
    assert f"75% of the 20 in session {session}" in shown
