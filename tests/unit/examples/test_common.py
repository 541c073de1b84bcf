"""What the demonstrations share decides these without a cluster."""

import json
import sys
from pathlib import Path

import pytest

from examples.common import backup, cluster, demonstration, release, seed, stores
from examples.common.cluster import Object
from examples.common.seed import Script
from examples.wordpress.demo.production import Production


def test_the_password_files_line_is_what_htpasswd_writes() -> None:
    # htpasswd -bns user password
    assert stores.htpasswd_line("user", "password") == "user:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="


def test_a_failed_program_is_told_in_its_own_words_and_without_its_input() -> None:
    argv = [sys.executable, "-c", "import sys; sys.stderr.write('no such thing'); sys.exit(3)"]
    with pytest.raises(cluster.CommandError, match="no such thing") as caught:
        cluster.run(argv, stdin="hidden-password")
    assert caught.value.code == 3
    assert "hidden-password" not in str(caught.value)


def test_a_streamed_programs_failure_comes_after_its_lines() -> None:
    argv = [sys.executable, "-c", "import sys; print(input()); print('two'); sys.exit(4)"]
    lines = cluster.stream(argv, stdin="one\n")
    assert [next(lines), next(lines)] == ["one", "two"]
    with pytest.raises(cluster.CommandError, match="two"):
        next(lines)


def test_nobodys_kubeconfig_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "somebody-elses")
    assert "KUBECONFIG" not in cluster.environment()


@pytest.mark.parametrize(
    ("status", "called"),
    [("pending-install", "kubectl delete"), ("pending-upgrade", "helm rollback"), ("deployed", "")],
)
def test_what_a_killed_helm_left_is_cleared(
    monkeypatch: pytest.MonkeyPatch, status: str, called: str
) -> None:
    calls: list[str] = []
    listing = json.dumps([{"name": "blog", "status": status}])

    def helm(_: object, *arguments: str) -> str:
        calls.append(f"helm {arguments[0]}")
        return listing

    monkeypatch.setattr(cluster.Kube, "helm", helm)
    monkeypatch.setattr(
        cluster.Kube, "kubectl", lambda _, *a, **__: calls.append(f"kubectl {a[0]}")
    )
    release._clear_interrupted(cluster.Kube(Path("config")), Production())
    assert calls == ["helm list", *([called] if called else [])]


def test_the_report_is_told_as_seen_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(demonstration.REPORTS.parent)
    assert demonstration.shown(demonstration.REPORTS / "report.json") == ".demo/report.json"


def test_only_our_own_sandbox_counts_as_left_behind(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert demonstration.ours({"verify-blog-1", "verify-other-2"}, report) == {
        "verify-blog-1",
        "verify-other-2",
    }
    report.write_text(json.dumps({"sandbox": "verify-blog-1"}))
    assert demonstration.ours({"verify-blog-1", "verify-other-2"}, report) == {"verify-blog-1"}
    assert demonstration.ours({"verify-other-2"}, report) == set()


def test_sessions_differ_and_may_be_part_of_a_name() -> None:
    first, second = backup.new_session(), backup.new_session()
    assert first != second
    assert first == first.lower()
    assert len(f"backup-{first}-0000") <= 63


def pod(*states: Object) -> Object:
    return {"status": {"containerStatuses": [{"state": state} for state in states]}}


def ended(code: int) -> Object:
    return {"terminated": {"exitCode": code}}


def test_a_backup_is_done_when_all_containers_are() -> None:
    assert backup.exit_codes({"status": {}}) is None
    assert backup.exit_codes(pod(ended(0), {"running": {}})) is None
    assert backup.exit_codes(pod(ended(0), ended(0))) == [0, 0]


def test_one_failed_container_ends_the_wait_for_the_others() -> None:
    codes = backup.exit_codes(pod(ended(1), {"running": {}}))
    assert codes is not None
    assert any(codes)


@pytest.mark.parametrize("told", [["counting", '{"posts": 1}'], ['cut {"pos'], ["120"], []])
def test_content_is_written_when_the_last_line_says_so(
    monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    monkeypatch.setattr(cluster.Kube, "run_script", lambda *_: iter(told))
    pod = cluster.PodTarget("production", "deployment/web", "web")
    script = Script(("php",), Path(__file__))
    if len(told) > 1:
        assert seed.run(cluster.Kube(Path("config")), pod, script, {}) == {"posts": 1}
    else:
        with pytest.raises(seed.SeedError, match="was cut off"):
            seed.run(cluster.Kube(Path("config")), pod, script, {})
