"""The parts of the demonstration that decide something without a cluster."""

import json
import sys
from pathlib import Path

import pytest

from examples.wordpress.demo import __main__ as demo
from examples.wordpress.demo import cluster, production, seed, stores


def test_the_password_files_line_is_what_htpasswd_writes() -> None:
    # htpasswd -bns user password
    assert stores.htpasswd_line("user", "password") == "user:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="


def test_the_plan_writes_what_the_verifier_asks_for() -> None:
    plan = seed.Plan()
    written = plan.file_bytes * (plan.attachments - plan.images)
    assert plan.posts >= 300
    assert plan.attachments >= 120
    assert written >= 300 * 1024 * 1024


def test_a_change_deletes_one_named_post_and_adds_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[cluster.Object] = []

    def run_php(*arguments: object) -> list[str]:
        asked.append(arguments[-1])  # type: ignore[arg-type]
        return [json.dumps({"posts": 1, "attachments": 0, "bytes": 0})]

    monkeypatch.setattr(cluster.Kube, "run_php", run_php)
    seed.change(cluster.Kube(Path("config")), production.Production())
    assert asked[0]["posts"] == asked[0]["attachments"] == 0
    assert [post["slug"] for post in asked[0]["named_posts"]] == ["added-after-the-backup"]
    assert asked[0]["absent_posts"] == ["deleted-after-the-backup"]


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
    production._clear_interrupted(cluster.Kube(Path("config")), production.Production())
    assert calls == ["helm list", *([called] if called else [])]


def test_the_report_is_told_as_seen_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(demo.EXAMPLE.parents[1])
    assert demo.shown(demo.REPORT) == ".demo/report.json"


def test_only_our_own_sandbox_counts_as_left_behind(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert demo.ours({"verify-blog-1", "verify-other-2"}, report) == {
        "verify-blog-1",
        "verify-other-2",
    }
    report.write_text(json.dumps({"sandbox": "verify-blog-1"}))
    assert demo.ours({"verify-blog-1", "verify-other-2"}, report) == {"verify-blog-1"}
    assert demo.ours({"verify-other-2"}, report) == set()
