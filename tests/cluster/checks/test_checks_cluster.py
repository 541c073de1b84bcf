"""Each kind of check against a real application: right, wrong, and not to be asked."""

import asyncio
import time
from typing import Any

import pytest

from provisioner.checks import runner
from provisioner.checks.kinds import questions
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.mirror import mirror
from provisioner.cluster.resources import CONFIG_MAP, POD
from provisioner.models.checks import Check
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSED, FAILED = CheckState.PASSED, CheckState.FAILED
ERRORED, INCONCLUSIVE = CheckState.ERRORED, CheckState.INCONCLUSIVE
IMAGE = "localhost/restic:dev"


async def run_check(one: Check, app: Sandbox) -> CheckRecord:
    (question,) = questions([one])
    return await runner.run_check(question, app, Yardstick())


def check(kind: str, question: dict[str, Any], **more: Any) -> Check:
    return Check.model_validate({"name": f"a {kind} check", kind: question, **more})


def sql(query: str, **changes: Any) -> Check:
    question = {
        "engine": "mysql",
        "workload": "StatefulSet/db",
        "service": "db",
        "secret": "db",
        "database": "blog",
        "query": query,
    }
    return check("sql", {**question, **changes})


def http(path: str = "/", service: str = "web", **more: Any) -> Check:
    return check("http", {"service": service, "path": path, **more})


def execute(*command: str, **more: Any) -> Check:
    return check("exec", {"workload": "StatefulSet/db", "command": list(command), **more})


def script(body: str, first: str = "#!/bin/sh", **more: Any) -> Check:
    question = {"image": IMAGE, "source": f"{first}\n{body}\n", **more}
    return check("script", question)


def job(*command: str, **more: Any) -> Check:
    return check("job", {"image": IMAGE, "command": list(command), **more})


def redis(*command: str, **changes: Any) -> Check:
    question = {"service": "queue", "secret": "queue", "command": list(command)}
    return check("redis", {**question, **changes})


def kubernetes(path: str, name: str = "web", kind: str = "Deployment", **expect: Any) -> Check:
    question = {"kind": kind, "name": name, "jsonPath": path, "expect": expect}
    return check("kubernetes", question)


@pytest.mark.parametrize(
    ("one", "state", "words"),
    [
        (sql("select 42"), PASSED, "42"),
        (sql("select 'a b', 2;"), FAILED, "a b"),
        (sql("select user()", expect={"matches": "^writer@"}), PASSED, "<user>@"),
        (sql("select 1 where false"), FAILED, "returned nothing"),
        (sql("select null"), FAILED, "returned nothing"),
        (sql("select count(*) from posts"), FAILED, "doesn't exist"),
        (sql("selec 1"), ERRORED, "ERROR 1064"),
        (sql("select 1", database="other"), INCONCLUSIVE, "Access denied"),
        (sql("select 1", passwordKey="wrong"), INCONCLUSIVE, "Access denied"),
        (sql("select 1", passwordKey="nope"), ERRORED, "has no key nope"),
        (sql("select 1", secret="nope"), ERRORED, "Secret nope does not exist"),
        (sql("select 1", workload="StatefulSet/nope"), ERRORED, "nope does not exist"),
        (sql("select 1", service="closed", port=80), ERRORED, "does not answer"),
        (sql("select 1", container="nope"), ERRORED, "the pod has: mariadb"),
        (sql("select 1", engine="postgres"), ERRORED, "has no client for postgres"),
        (http(), PASSED, 'status 200, text/html, 25 bytes, title "Front"'),
        (http(expect={"contains": "Hello"}), PASSED, "status 200"),
        (http(expect={"contains": "Goodbye"}), FAILED, "status 200"),
        (http("/old"), FAILED, "status 302, redirect to http://production.example/"),
        (http("/old", expect={"status": 302}), PASSED, "status 302"),
        (http("/host", expect={"matches": "^web$"}), PASSED, "status 200"),
        (http("/host", host="blog.example", expect={"contains": "blog.example"}), PASSED, "200"),
        (http("/warming"), PASSED, "status 200"),
        (http("/broken"), FAILED, "status 500"),
        (http(service="closed"), ERRORED, "connection refused"),
        (http(service="lonely"), ERRORED, "Service lonely has no ready endpoint"),
        (http(service="nope"), ERRORED, "Service nope does not exist"),
        (http(port=81), ERRORED, "has no TCP port 81; it has: 80/TCP"),
        (http(scheme="https"), ERRORED, "does not answer"),
        (check("tcp", {"service": "web", "port": 80}), PASSED, "connected"),
        (check("tcp", {"service": "db", "port": 3306}), PASSED, "bytes of greeting"),
        (check("tcp", {"service": "closed", "port": 80}), FAILED, "connection refused"),
        (check("tcp", {"service": "lonely", "port": 80}), ERRORED, "no ready endpoint"),
        (execute("echo", "120", expect={"min": 120}), PASSED, "120"),
        (execute("echo", "119", expect={"min": 120}), FAILED, "119"),
        (execute("true"), FAILED, "returned nothing"),
        (execute("sh", "-c", "echo no such table >&2; exit 3"), FAILED, "code 3: no such table"),
        (execute("no-such-program"), ERRORED, "no-such-program cannot be run"),
        (execute("sh", "-c", "exec no-such-program"), ERRORED, "cannot be run"),
        (check("helmTest", {}), PASSED, "Phase: Succeeded"),
        (script("echo 120 files"), PASSED, "120 files"),
        (script("echo looking; echo 7 are missing; exit 1"), FAILED, "code 1: 7 are missing"),
        (script("exit 0"), FAILED, "returned nothing"),
        (script("no-such-program"), ERRORED, "exit code 127"),
        (script("echo x", "#!/no/such/shell"), ERRORED, "cannot be started"),
        (script("echo $username", secrets=["db"]), PASSED, "writer"),
        (script("echo $A", env={"A": "b c"}), PASSED, "b c"),
        (
            script("cat /f/count", claims=[{"name": "files", "path": "/f"}]),
            PASSED,
            "120",
        ),
        (
            script("touch /f/x", claims=[{"name": "files", "path": "/f"}]),
            FAILED,
            "Read-only file system",
        ),
        (script("echo x", claims=[{"name": "nope", "path": "/f"}]), ERRORED, "nope does not"),
        (script("echo x", secrets=["nope"]), ERRORED, "Secret nope does not exist"),
        (script("echo x", image="localhost/No:dev"), ERRORED, "cannot be pulled"),
        (script("echo 7; echo 120", expect={"min": 120}), PASSED, "120"),
        (script("echo 120; echo 7", expect={"min": 120}), FAILED, "7"),
        (job("cat", "/f/count", claims=[{"name": "files", "path": "/f"}]), PASSED, "120"),
        (
            job("cat", "/f/count", claims=[{"name": "files", "path": "/f"}], expect={"min": 121}),
            FAILED,
            "120",
        ),
        (job("sh", args=["-c", "echo no; exit 4"]), FAILED, "exit code 4: no"),
        (job("no-such-program"), ERRORED, "the job cannot be started"),
        (job(args=["version"], expect={"matches": "^restic "}), PASSED, "restic "),
        (redis("DBSIZE"), PASSED, "1"),
        (redis("HGET", "rates", "EUR/NOK", expect={"equals": "11.42"}), PASSED, "11.42"),
        (redis("HGET", "rates", "EUR/USD", expect={"min": 1}), FAILED, "returned nothing"),
        (redis("GET", "rates"), FAILED, "WRONGTYPE"),
        (redis("DBSIZE", database=3), FAILED, "0"),
        (redis("DBSIZE", secret=None), INCONCLUSIVE, "Authentication required"),
        (redis("DBSIZE", secret="db"), INCONCLUSIVE, "invalid username-password pair"),
        (redis("DBSIZE", service="web", port=80, secret=None), ERRORED, "does not answer"),
        (redis("DBSIZE", service="closed", port=80), ERRORED, "connection refused"),
        (kubernetes("{.status.readyReplicas}", equals=1), PASSED, "1"),
        (kubernetes("{.status.readyReplicas}", min=2), FAILED, "1"),
        (kubernetes("{.spec.paused}", equals="true"), FAILED, "returned nothing"),
        (
            kubernetes("{.status.phase}", "files", "PersistentVolumeClaim", equals="Bound"),
            PASSED,
            "Bound",
        ),
        (kubernetes("{.status}", "nope", min=1), FAILED, "Deployment nope does not exist"),
    ],
)
async def test_a_check_says_what_it_saw(
    app: Sandbox, one: Check, state: CheckState, words: str
) -> None:
    record = await run_check(one, app)
    assert record.state is state, record
    assert words in f"{record.saw} {record.message}", record
    assert "p w'$x" not in record.model_dump_json()


async def test_an_image_that_is_nowhere_is_no_verdict(app: Sandbox) -> None:
    record = await run_check(script("echo x", image="localhost/nowhere:dev"), app)
    assert record.state is ERRORED
    assert "localhost/nowhere:dev cannot be pulled" in record.message


async def test_a_pod_that_no_node_takes_is_no_verdict(
    app: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.checks.program.TROUBLE_GRACE", 1.0)
    monkeypatch.setattr(
        "provisioner.checks.program_pod.RESOURCES",
        {"requests": {"cpu": "500", "memory": "1Mi"}, "limits": {"cpu": "500", "memory": "1Mi"}},
    )
    record = await run_check(script("echo x"), app)
    assert record.state is ERRORED
    assert "Insufficient cpu" in record.message


async def test_a_slow_answer_is_no_verdict(app: Sandbox) -> None:
    slow = check("exec", {"workload": "StatefulSet/db", "command": ["sleep", "60"]}, timeout="1s")
    begun = time.monotonic()
    record = await run_check(slow, app)
    assert record.state is ERRORED
    assert "could not be asked in time (1s)" in record.message
    assert time.monotonic() - begun < 5


async def test_a_long_output_is_read_to_its_end(app: Sandbox) -> None:
    many = execute("sh", "-c", "yes 1234567 | head -n 400000; echo end", expect={"matches": "end$"})
    record = await run_check(many, app)
    assert record.state is PASSED, record


async def test_many_checks_at_once_all_answer_in_order(app: Sandbox) -> None:
    checks = [
        check("exec", {"workload": "StatefulSet/db", "command": ["echo", str(number)]})
        for number in range(12)
    ] + [http(), sql("select 7"), script("echo done")]
    records = await runner.run_checks(
        questions(checks), app, lambda _one: Yardstick(), lambda _record: None
    )
    assert [one.state for one in records] == [PASSED] * len(checks)
    assert [one.saw for one in records[:12]] == [str(number) for number in range(12)]


async def test_a_cancelled_script_leaves_nothing(app: Sandbox) -> None:
    labels = "verify.provisioner.dev/role=check"
    async with (
        asyncio.timeout(60),
        mirror(app.cluster, POD, app.namespace, labels) as pods,
        mirror(app.cluster, CONFIG_MAP, app.namespace, labels) as programs,
    ):
        for kind in (pods, programs):
            await kind.wait_for(lambda seen: None if seen else True)
        task = asyncio.create_task(run_check(script("echo x; sleep 300"), app))
        for kind in (programs, pods):
            await kind.wait_for(lambda seen: True if seen else None)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for kind in (pods, programs):
            await kind.wait_for(lambda seen: None if seen else True)
