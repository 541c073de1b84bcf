"""How http, exec, script and helmTest judge what came."""

from typing import Any

import pytest

from provisioner.checks.answer import Answer
from provisioner.checks.exec import judge_end as judge_exec
from provisioner.checks.helm_test import judge_result, suites
from provisioner.checks.http import Page, describe_page, judge_page
from provisioner.checks.program import Ended, pod_name
from provisioner.checks.program import ended as program_ended
from provisioner.checks.program import judge_end as judge_program
from provisioner.checks.program_pod import config_map, pod, program_of
from provisioner.cluster.api import Object
from provisioner.cluster.exec import Executed
from provisioner.errors import CheckUnableError, ClusterAwayError
from provisioner.helm.release import TestResult as Tested
from provisioner.models.checks import ExecCheck, JobCheck, ProgramClaim, ScriptCheck
from provisioner.models.expect import Expect, HttpExpect


def judge_script(state: Object, log: list[str], **expect: Any) -> Answer:
    return judge_program(Ended("script", state, log), Expect(**expect) if expect else None)


FRONT = Page(200, "<html><title>Our\n blog</title>Hello</html>", 41, "text/html")
INSTALLER = Page(302, "", 0, "text/html", "http://blog/wp-admin/install.php")


@pytest.mark.parametrize(
    ("expect", "page", "passed"),
    [
        (HttpExpect(), FRONT, True),
        (HttpExpect(), INSTALLER, False),
        (HttpExpect(status=302), INSTALLER, True),
        (HttpExpect(contains="Hello"), FRONT, True),
        (HttpExpect(contains="hello"), FRONT, False),
        (HttpExpect(matches="H.l+o"), FRONT, True),
        (HttpExpect(matches="^Hello"), FRONT, False),
        (HttpExpect(status=404, contains="Hello"), FRONT, False),
    ],
)
def test_a_page_is_judged_by_every_rule(expect: HttpExpect, page: Page, passed: bool) -> None:
    assert judge_page(expect, page).passed is passed


def test_a_page_is_told_so_that_an_installer_is_seen() -> None:
    assert describe_page(FRONT) == 'status 200, text/html, 41 bytes, title "Our blog"'
    assert "redirect to http://blog/wp-admin/install.php" in describe_page(INSTALLER)


EXEC = ExecCheck(workload="StatefulSet/db", command=["count"], expect=Expect(min=3))


@pytest.mark.parametrize(
    ("done", "passed", "saw"),
    [
        (Executed("3\n", "", 0), True, "3"),
        (Executed("2\n", "", 0), False, "2"),
        (Executed("", "", 0), False, "nothing: the check returned nothing"),
        (Executed("3\n", "first\nlast\n", 2), False, "exit code 2: last"),
        (Executed("", "", 1), False, "exit code 1: no output"),
    ],
)
def test_a_command_needs_exit_code_0_and_the_right_output(
    done: Executed, passed: bool, saw: str
) -> None:
    answer = judge_exec(EXEC, done)
    assert (answer.passed, answer.saw) == (passed, saw)


@pytest.mark.parametrize("code", [126, 127])
def test_a_command_that_cannot_be_run_says_nothing_of_the_data(code: int) -> None:
    with pytest.raises(CheckUnableError, match="count cannot be run: no such program"):
        judge_exec(EXEC, Executed("", "no such program", code))


@pytest.mark.parametrize("code", [137, 143])
def test_who_was_killed_says_nothing_of_the_data(code: int) -> None:
    with pytest.raises(CheckUnableError, match="count was killed"):
        judge_exec(EXEC, Executed("1\n", "Killed", code))
    with pytest.raises(CheckUnableError, match="script was killed"):
        judge_script({"exitCode": code, "reason": "Error"}, ["counting"])


def test_a_script_that_was_evicted_says_nothing_of_the_data() -> None:
    state = {"terminated": {"exitCode": 1, "reason": "Error"}}
    status = {"phase": "Failed", "containerStatuses": [{"state": state}]}
    assert (
        program_ended({"check-x": {"status": status}}, "check-x", "script") == state["terminated"]
    )
    status |= {"reason": "Evicted", "message": "low on memory"}
    with pytest.raises(CheckUnableError, match="low on memory"):
        program_ended({"check-x": {"status": status}}, "check-x", "script")


def test_a_command_without_expectation_still_has_to_answer() -> None:
    question = ExecCheck(workload="StatefulSet/db", command=["true"])
    assert not judge_exec(question, Executed("", "", 0)).passed
    assert judge_exec(question, Executed("ok", "", 0)).passed


def test_a_script_passes_by_its_exit_code_and_its_last_line() -> None:
    answer = judge_script({"exitCode": 0}, ["looking", "120 of 120 files", ""])
    assert answer.passed
    assert answer.saw == "120 of 120 files"


def test_a_script_that_fails_shows_its_last_lines() -> None:
    answer = judge_script({"exitCode": 3}, ["looking", "7 files are missing"])
    assert not answer.passed
    assert answer.saw == "exit code 3: 7 files are missing"
    assert answer.message == "looking\n7 files are missing"


@pytest.mark.parametrize("log", [[], ["", "  "]])
def test_a_script_that_says_nothing_never_passes(log: list[str]) -> None:
    answer = judge_script({"exitCode": 0}, log)
    assert not answer.passed
    assert "returned nothing" in answer.saw


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ({"exitCode": 127}, "exit code 127"),
        ({"exitCode": 126}, "exit code 126"),
        ({"exitCode": 128, "reason": "StartError", "message": "no bash"}, "started: no bash"),
        ({"exitCode": 137, "reason": "OOMKilled"}, "out of memory"),
    ],
)
def test_a_script_that_could_not_run_says_nothing_of_the_data(
    end: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CheckUnableError, match=sentence):
        judge_script(end, [])


@pytest.mark.parametrize(
    "said",
    [
        "exec /provisioner/run: no such file or directory",
        "exec /provisioner/run: exec format error",
        "standard_init_linux.go:228: exec user process caused: no such file or directory",
    ],
)
def test_a_script_without_its_interpreter_never_ran(said: str) -> None:
    with pytest.raises(CheckUnableError, match="cannot be started"):
        judge_script({"exitCode": 1, "reason": "Error"}, [said])
    assert not judge_script({"exitCode": 1}, ["exec me", said]).passed


SCRIPT = ScriptCheck(
    image="localhost/tools:dev",
    source="#!/bin/sh\necho ok\n",
    secrets=["blog-db"],
    claims=[ProgramClaim(name="uploads", path="/uploads")],
    env={"A": "b"},
)


def test_a_scripts_pod_is_harmless() -> None:
    made = pod("check-x", program_of(SCRIPT))
    spec, container = made["spec"], made["spec"]["containers"][0]
    assert spec["automountServiceAccountToken"] is False
    assert spec["restartPolicy"] == "Never"
    assert all(mount["readOnly"] for mount in container["volumeMounts"])
    assert container["envFrom"] == [{"secretRef": {"name": "blog-db"}}]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["resources"]["limits"]
    assert "runAsUser" not in container["securityContext"]
    assert made["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "provisioner"
    assert "affinity" not in spec


def test_a_scripts_pod_goes_where_its_claims_are() -> None:
    affinity = pod("check-x", program_of(SCRIPT), "node-1")["spec"]["affinity"]
    assert "node-1" in str(affinity["nodeAffinity"])


def test_a_script_is_kept_as_it_was_written() -> None:
    assert config_map("check-x", program_of(SCRIPT))["data"] == {"run": SCRIPT.source}


@pytest.mark.parametrize(
    ("given", "argv"),
    [
        ({}, {}),
        ({"args": ["--check"]}, {"args": ["--check"]}),
        ({"command": ["verify"], "args": ["-a"]}, {"command": ["verify"], "args": ["-a"]}),
    ],
)
def test_a_job_runs_what_its_image_does_unless_told_otherwise(
    given: dict[str, Any], argv: dict[str, Any]
) -> None:
    question = JobCheck(image="i", claims=[ProgramClaim(name="data", path="/data")], **given)
    made = pod("check-x", program_of(question))["spec"]
    (container,) = made["containers"]
    assert {key: container[key] for key in ("command", "args") if key in container} == argv
    assert [one["name"] for one in made["volumes"]] == ["claim-0"]
    assert container["volumeMounts"] == [
        {"name": "claim-0", "mountPath": "/data", "readOnly": True}
    ]


@pytest.mark.parametrize(
    ("log", "passed"), [(["looking", "120"], True), (["120", "119"], False), (["120", "x"], False)]
)
def test_a_programs_last_line_is_judged_when_that_is_asked_for(
    log: list[str], passed: bool
) -> None:
    answer = judge_script({"exitCode": 0}, log, min=120)
    assert answer.passed is passed
    assert answer.expected == "exit code 0, at least 120"
    assert not judge_script({"exitCode": 1}, log, min=1).passed


def test_a_job_is_called_a_job() -> None:
    with pytest.raises(CheckUnableError, match="the job ran out of memory"):
        judge_program(Ended("job", {"exitCode": 137, "reason": "OOMKilled"}, []))


@pytest.mark.parametrize(
    ("check", "slug"),
    [
        ("Every attachment has its file!", "check-every-attachment-has-its-file-"),
        ("äöü", "check-script-"),
        ("x" * 80, f"check-{'x' * 40}-"),
    ],
)
def test_a_scripts_name_is_a_dns_label(check: str, slug: str) -> None:
    name = pod_name(check)
    assert name.startswith(slug)
    assert len(name) <= 63
    assert name != pod_name(check)


def test_helm_tests_pass_fail_or_are_not_there() -> None:
    assert judge_result(Tested(True, "TEST SUITE: blog-test\nPhase: Succeeded")).passed
    failed = judge_result(Tested(False, "lines\nError: pod blog-test failed"))
    assert not failed.passed
    assert failed.saw == "Error: pod blog-test failed"
    with pytest.raises(CheckUnableError, match="has no tests"):
        judge_result(Tested(True, "NAME: blog\nTEST SUITE: None\n"))


def test_a_helm_test_shows_what_its_pod_said() -> None:
    result = Tested(False, "TEST SUITE:     blog-test\nPhase:          Failed")
    assert suites(result) == {"blog-test"}
    answer = judge_result(result, [], ["asking", "HTTP/1.1 500"])
    assert (answer.saw, answer.message) == ("HTTP/1.1 500", "asking\nHTTP/1.1 500")


def test_a_helm_test_that_was_evicted_says_nothing_of_the_data() -> None:
    evicted = {"metadata": {"name": "blog-test"}, "status": {"reason": "Evicted"}}
    with pytest.raises(CheckUnableError, match="the node ended test pod blog-test: Evicted"):
        judge_result(Tested(False, "Phase: Failed"), [evicted])


def test_program_whose_pod_has_no_names_yet_is_put_again() -> None:
    """An answer of the database it is not; a name that does not exist is one."""
    said = 'could not translate host name "db" to address: '
    ended = {"exitCode": 1, "reason": "Error"}
    with pytest.raises(ClusterAwayError, match="no name server answered the script's pod"):
        judge_program(Ended("script", ended, [f"{said}Temporary failure in name resolution"]))
    assert not judge_program(Ended("script", ended, [f"{said}Name or service not known"])).passed
