"""The parts of the demonstration that decide something without a cluster."""

import json
from pathlib import Path

import pytest

from examples.common.cluster import Kube, Object
from examples.wordpress.demo import seed
from examples.wordpress.demo.production import Production


def test_the_plan_writes_what_the_verifier_asks_for() -> None:
    plan = seed.Plan()
    written = plan.file_bytes * (plan.attachments - plan.images)
    assert plan.posts >= 300
    assert plan.attachments >= 120
    assert written >= 300 * 1024 * 1024


def test_a_change_deletes_one_named_post_and_adds_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Object] = []

    def run_script(*arguments: object) -> list[str]:
        asked.append(arguments[-1])  # type: ignore[arg-type]
        return [json.dumps({"posts": 1, "attachments": 0, "bytes": 0})]

    monkeypatch.setattr(Kube, "run_script", run_script)
    seed.change(Kube(Path("config")), Production())
    assert asked[0]["posts"] == asked[0]["attachments"] == 0
    assert [post["slug"] for post in asked[0]["named_posts"]] == ["added-after-the-backup"]
    assert asked[0]["absent_posts"] == ["deleted-after-the-backup"]
