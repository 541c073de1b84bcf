"""``logs`` from argv to what is printed; ``choose`` decides whose."""

from pathlib import Path
from typing import Any

import pytest
from session_fakes import phase, report, session
from world_fakes import GONE, HERE, World, sandbox

from provisioner.cli import logs as command
from provisioner.cli.look import choose
from provisioner.cli.main import main
from provisioner.cluster.workloads import Workload
from provisioner.errors import UsageError
from provisioner.liveness import this_process
from provisioner.models.words import PhaseName
from provisioner.store import FolderStore

Captured = pytest.CaptureFixture[str]
LINES = "one\ntwo\nthree\n"


def log(store: FolderStore, found: Any, text: str = LINES) -> Path:
    store.save(found)
    path = store.log_path(found.id)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [([], LINES), (["x7k"], LINES), (["--tail", "1"], "three\n"), (["--tail", "0"], "")],
    ids=str,
)
def test_the_log_of_a_session(
    arguments: list[str], told: str, store: FolderStore, capsys: Captured
) -> None:
    log(store, report())
    assert main(["logs", *arguments]) == 0
    assert capsys.readouterr().out == told


def test_following_ends_with_the_session_and_misses_nothing(
    store: FolderStore, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = session(process=this_process())
    path = log(store, running)
    written = iter(["four\n", "five\n"])

    def meanwhile(_seconds: float) -> None:
        with path.open("a") as file:
            file.write(next(written))
        if "five" in path.read_text():
            store.save(report())

    monkeypatch.setattr(command.time, "sleep", meanwhile)
    assert main(["logs", "-f", "--tail", "1"]) == 0
    assert capsys.readouterr().out == "three\nfour\nfive\n"


def test_following_a_killed_session_says_so(store: FolderStore, capsys: Captured) -> None:
    log(store, session(process=GONE))
    assert main(["logs", "-f"]) == 0
    captured = capsys.readouterr()
    assert captured.out == LINES
    assert captured.err == "session blog-x7k2p: its process is gone\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "session blog-x7k2p has no log here\nhint: what is recorded of it: provisioner show"),
        (["-c", "web"], "--container and --previous are for the logs of a WORKLOAD"),
        (["nope"], "there is no session 'nope'"),
        (["x7k", "web"], "the sandbox of session blog-x7k2p is gone"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("world")
def test_a_log_that_is_not_there(
    arguments: list[str], sentence: str, store: FolderStore, capsys: Captured
) -> None:
    store.save(report(cluster=HERE))
    assert main(["logs", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def pod(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "web"}]}}


THERE = [
    Workload("Deployment", "blog", [pod("blog-1"), pod("blog-2")]),
    Workload("StatefulSet", "blog-db", [pod("blog-db-0")]),
    Workload("Job", "blog", [pod("blog-job-1")]),
    Workload("Deployment", "idle", []),
]


@pytest.mark.parametrize(
    ("wanted", "ref", "pods"),
    [
        ("StatefulSet/blog-db", "StatefulSet/blog-db", 1),
        ("sts/blog-db", "StatefulSet/blog-db", 1),
        ("deployments/blog", "Deployment/blog", 2),
        ("blog-db", "StatefulSet/blog-db", 1),
        ("blog-2", "Pod/blog-2", 1),
        ("pod/blog-db-0", "Pod/blog-db-0", 1),
    ],
)
def test_a_workload_is_named_as_for_kubectl(wanted: str, ref: str, pods: int) -> None:
    chosen = choose(THERE, wanted)
    assert (chosen.ref, len(chosen.pods)) == (ref, pods)


@pytest.mark.parametrize(
    ("wanted", "sentence", "hint"),
    [
        (None, "name a workload or a pod", "there are: Deployment/blog, StatefulSet/blog-db, J"),
        ("blog", "'blog' fits several workloads", "there are: Deployment/blog, "),
        ("blog-bd", "nothing that runs is named 'blog-bd'", "did you mean blog-db? there are: "),
        ("idle", "nothing that runs is named 'idle'", "there are: "),
        ("secret/blog", "nothing that runs is named 'secret/blog'", ""),
    ],
)
def test_what_is_not_there_or_not_clear(wanted: str | None, sentence: str, hint: str) -> None:
    with pytest.raises(UsageError, match=sentence) as raised:
        choose(THERE, wanted)
    assert raised.value.hint.startswith(hint)


def test_the_only_workload_needs_no_name() -> None:
    assert choose(THERE[1:2], None).ref == "StatefulSet/blog-db"
    with pytest.raises(UsageError) as raised:
        choose([], None)
    assert raised.value.hint == "nothing runs there"


def test_without_an_id_the_newest_session_with_a_sandbox_is_looked_into(
    world: World, store: FolderStore, capsys: Captured
) -> None:
    kept = session(process=this_process(), phases=[phase(PhaseName.SANDBOX)], cluster=HERE)
    store.save(kept)
    store.save(report(id="blog-later", started_at=kept.expires_at, finished_at=kept.expires_at))
    assert main(["shell"]) == 2
    assert "the sandbox of session blog-x7k2p is gone" in capsys.readouterr().err
    world.namespaces = [sandbox("blog-x7k2p", 5)]
    store.save(report())
    assert main(["shell"]) == 2
    assert "no session has a sandbox now" in capsys.readouterr().err
