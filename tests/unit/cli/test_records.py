"""``sessions``, ``show`` and ``report``, from argv to what is printed."""

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from session_fakes import BEGUN, check, leftover, phase, report, session

from provisioner.cli.junit import junit
from provisioner.cli.main import main
from provisioner.liveness import this_process
from provisioner.models.session import ProcessRecord, Report, Session
from provisioner.models.words import (
    Cause,
    CheckState,
    Cleanup,
    Outcome,
    PhaseName,
    PhaseState,
    Severity,
)
from provisioner.store import FolderStore

Captured = pytest.CaptureFixture[str]
GONE = this_process().model_copy(update={"birth": "another boot/17"})
AFTER = timedelta(days=1)


def dead(**changes: Any) -> Session:
    phases = [
        phase(PhaseName.SANDBOX),
        phase(PhaseName.RESTORE, PhaseState.RUNNING),
    ]
    return session(**{"process": GONE, "phases": phases, **changes})


def test_sessions_are_listed_the_newest_first(store: FolderStore, capsys: Captured) -> None:
    store.save(report(started_at=BEGUN - timedelta(seconds=60)))
    store.save(session(id="blog-run01", process=this_process(), started_at=BEGUN + AFTER))
    assert main(["sessions"]) == 0
    head, running, passed = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "verifier", "outcome", "evidence", "started", "took", "cleanup"]
    assert running.split()[:4] == ["blog-run01", "blog", "running", "none"]
    assert passed.split()[:4] == ["blog-x7k2p", "blog", "Passed", "proven"]
    assert passed.split()[-2:] == ["3m40s", "Clean"]


def test_a_killed_session_is_told_honestly(store: FolderStore, capsys: Captured) -> None:
    store.save(dead())
    assert main(["sessions"]) == 0
    out = capsys.readouterr().out
    assert "blog-x7k2p  blog      Errored" in out
    assert (
        "blog-x7k2p: ended without a verdict: the process is gone; "
        "remove what it left: provisioner reap blog-x7k2p" in out
    )
    assert store.load("blog-x7k2p").outcome is None


def test_an_id_is_never_cut(store: FolderStore, capsys: Captured) -> None:
    store.save(report(id=f"{'b' * 63}-x7k2p", verifier="b" * 63))
    main(["sessions"])
    assert f"{'b' * 63}-x7k2p" in capsys.readouterr().out


def test_sessions_as_json(store: FolderStore, capsys: Captured) -> None:
    assert main(["sessions", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    store.save(dead())
    store.save(report(id="blog-00000", started_at=BEGUN + AFTER))
    main(["sessions", "-o", "json"])
    newest, killed = json.loads(capsys.readouterr().out)
    assert (newest["state"], newest["outcome"]) == ("Finished", "Passed")
    assert (killed["state"], killed["outcome"]) == ("Gone", "Errored")
    assert killed["message"] == "ended without a verdict: the process is gone"


def test_before_the_first_session(capsys: Captured) -> None:
    assert main(["sessions"]) == 0
    assert capsys.readouterr().out.startswith("no session is recorded yet; begin with")
    assert main(["show"]) == 2
    assert capsys.readouterr().err.startswith("error: no session is recorded yet\nhint: ")


@pytest.mark.parametrize("wanted", [[], ["blog-x7k2p"], ["blog-x"], ["x7k"]], ids=str)
def test_show_is_the_summary_of_the_run(
    wanted: list[str], store: FolderStore, capsys: Captured
) -> None:
    store.save(report())
    store.save(report(id="shop-aaaaa", verifier="shop", started_at=BEGUN - AFTER))
    assert main(["show", *wanted]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "outcome    Passed"
    assert lines[-1] == f"session    {store.path('blog-x7k2p')}"


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("blog-x7k2q", "error: there is no session 'blog-x7k2q'\nhint: did you mean blog-x7k2p?"),
        ("zzz", "error: there is no session 'zzz'\nhint: provisioner sessions lists them"),
        ("blog", "error: 'blog' fits several sessions: blog-x7k2p, blog-aaaaa"),
        ("", "error: there is no session ''"),
    ],
)
def test_an_id_that_fits_none_or_several(
    wanted: str, sentence: str, store: FolderStore, capsys: Captured
) -> None:
    store.save(report())
    store.save(report(id="blog-aaaaa", started_at=BEGUN - AFTER))
    assert main(["show", wanted]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.startswith(sentence)) == ("", True), captured.err


def test_show_as_json_is_the_record(store: FolderStore, capsys: Captured) -> None:
    store.save(dead())
    assert main(["show", "-o", "json"]) == 0
    assert Session.model_validate_json(capsys.readouterr().out) == dead()


@pytest.mark.parametrize(
    ("process", "told"),
    [
        (this_process(), "none yet: it is still running"),
        (ProcessRecord(host="ci-7", pid=1, birth="x"), "none yet: it ran on ci-7, and from here"),
        (GONE, "Errored, Leaked"),
    ],
)
def test_show_says_where_a_session_without_an_end_stands(
    process: ProcessRecord, told: str, store: FolderStore, capsys: Captured
) -> None:
    store.save(dead(process=process))
    assert main(["show"]) == 0
    assert capsys.readouterr().out.startswith(f"outcome    {told}")


def test_a_report_as_json(store: FolderStore, capsys: Captured) -> None:
    store.save(report())
    assert main(["report"]) == 0
    assert Report.model_validate_json(capsys.readouterr().out) == report()


def test_a_running_session_has_no_report(store: FolderStore, capsys: Captured) -> None:
    store.save(dead(process=this_process()))
    assert main(["report", "-o", "junit"]) == 2
    told = capsys.readouterr().err
    assert told == "error: session blog-x7k2p has no report yet: it is still running\n"


def test_junit_of_a_session_that_was_killed(store: FolderStore, capsys: Captured) -> None:
    store.save(dead())
    assert main(["report", "-o", "junit"]) == 0
    suite = suite_of(capsys.readouterr().out)
    case = suite.find("testcase[@name='restore']/error")
    assert case is not None
    assert case.get("message") == "the process is gone"


def suite_of(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    return suite


def test_junit_of_a_pass() -> None:
    found = report(phases=[phase(PhaseName.PLAN), phase(PhaseName.KEEP, PhaseState.SKIPPED)])
    suite = suite_of(junit(found))
    totals = {key: suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped")}
    assert totals == {"name": "blog", "tests": "4", "failures": "0", "errors": "0", "skipped": "1"}
    assert (suite.get("time"), suite.get("timestamp")) == ("160.000", "2026-01-02T03:04:05")
    cases = [(one.get("classname"), one.get("name")) for one in suite.iter("testcase")]
    assert cases[:2] == [("blog.phase", "plan"), ("blog.phase", "keep")]
    assert cases[2:] == [("blog.check", "posts are there"), ("blog.check", "front page")]


def test_junit_tells_failures_and_errors_apart() -> None:
    checks = [
        check("wrong", state=CheckState.FAILED, saw="2"),
        check("unable", state=CheckState.ERRORED, message="no such program"),
        check("right"),
    ]
    found = report(outcome=Outcome.FAILED, cause=Cause.CHECK, checks=checks)
    suite = suite_of(junit(found))
    assert (suite.get("failures"), suite.get("errors")) == ("1", "1")
    wrong = suite.find("testcase[@name='wrong']/failure")
    assert wrong is not None
    assert wrong.text == "expected: at least 300\nsaw: 2"
    assert suite.find("testcase[@name='unable']/error[@message='no such program']") is not None


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Outcome.FAILED, "failure"), (Outcome.ERRORED, "error")]
)
def test_junit_of_a_phase_that_failed(outcome: Outcome, kind: str) -> None:
    bad = phase(PhaseName.RESTORE, PhaseState.FAILED, message="nothing was brought back")
    suite = suite_of(junit(report(outcome=outcome, cause=Cause.BACKUP, phases=[bad], checks=[])))
    case = suite.find(f"testcase[@name='restore']/{kind}[@type='Backup']")
    assert case is not None
    assert case.get("message") == "nothing was brought back"


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.INCONCLUSIVE, "cause": Cause.CHECK},
        {"outcome": Outcome.CANCELLED},
        {"cleanup": Cleanup.LEAKED, "leftovers": [leftover()]},
        {"cleanup": Cleanup.LEAKED, "leftovers": [], "phases": [phase(PhaseName.TEARDOWN)]},
    ],
    ids=str,
)
def test_junit_is_never_green_without_a_clean_pass(changes: dict[str, Any]) -> None:
    suite = suite_of(junit(report(**changes)))
    assert int(suite.get("failures", 0)) + int(suite.get("errors", 0)) == 1


def test_junit_is_valid_xml_without_passwords_whatever_was_said() -> None:
    said = "\x00\x1b[31m]]> <&> rest:http://backup:hunter2@store/ \ud800 é"
    failed = check("a \x07", state=CheckState.FAILED, message=said)
    text = junit(report(outcome=Outcome.FAILED, checks=[failed], diagnosis=[said]))
    suite_of(text)
    assert "hunter2" not in text
    text.encode()


def test_junit_of_what_was_not_put_or_is_only_advisory_is_not_red() -> None:
    advisory = check(state=CheckState.FAILED, severity=Severity.ADVISORY)
    skipped = check("after", state=CheckState.SKIPPED, message="not put: it needs a (failed)")
    suite = suite_of(junit(report(checks=[check("a"), advisory, skipped])))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    told = [one.get("message") or "" for one in suite.iter("skipped")]
    assert any("saw: " in one for one in told)
    assert any("not put: it needs a" in one for one in told)
