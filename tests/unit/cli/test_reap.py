"""``reap`` from argv to exit code, with the cluster and the removal faked at the edge."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from session_fakes import leftover, report
from world_fakes import ELSEWHERE, GONE, World, dead, sandbox

from provisioner.cli.main import main
from provisioner.liveness import this_process
from provisioner.models.session import ClusterRecord, ProcessRecord, now
from provisioner.models.words import Cleanup, Outcome
from provisioner.store import FolderStore

Captured = pytest.CaptureFixture[str]


def test_only_what_has_expired_goes(world: World, capsys: Captured) -> None:
    world.namespaces = [sandbox("a", -3), sandbox("b", 10.1), sandbox("c", None)]
    assert main(["reap"]) == 0
    assert world.removed == ["verify-a"]
    a, b, c = capsys.readouterr().out.splitlines()
    assert a == "verify-a: removed"
    assert b.startswith("verify-b: left as it is: expires in 10m")
    assert c.startswith("verify-c: left as it is: it has no annotation verify.provisioner.dev/")


def test_only_labelled_namespaces_are_asked_for(world: World, capsys: Captured) -> None:
    assert main(["reap", "--verifier", "blog"]) == 0
    assert world.selector == (
        "app.kubernetes.io/managed-by=provisioner,"
        "verify.provisioner.dev/verifier=blog,verify.provisioner.dev/session"
    )
    assert capsys.readouterr().out == "there is no sandbox in this cluster\n"


@pytest.mark.parametrize("arguments", [[], ["blog-x7k2p"]], ids=str)
def test_a_dry_run_removes_and_records_nothing(
    arguments: list[str], world: World, store: FolderStore, capsys: Captured
) -> None:
    store.save(dead())
    world.namespaces = [sandbox("blog-x7k2p", -3)]
    assert main(["reap", "--dry-run", *arguments]) == 0
    assert world.removed == []
    assert "verify-blog-x7k2p: would be removed" in capsys.readouterr().out
    assert store.load("blog-x7k2p").finished_at is None


def test_what_stays_is_5_with_the_command(
    world: World, store: FolderStore, capsys: Captured
) -> None:
    store.save(dead())
    world.namespaces, world.left = [sandbox("blog-x7k2p", -3)], [leftover()]
    assert main(["reap"]) == 5
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "verify-blog-x7k2p: not all of it could be removed"
    assert told[2].strip() == leftover().command
    assert store.load("blog-x7k2p").leftovers == [leftover()]


def test_reaping_closes_the_record_of_a_dead_session(world: World, store: FolderStore) -> None:
    store.save(dead())
    world.namespaces = [sandbox("blog-x7k2p", 60)]
    assert main(["reap", "x7k", "-o", "json"]) == 0
    found = store.load("blog-x7k2p")
    assert (found.outcome, found.cause, found.cleanup) == (Outcome.ERRORED, None, Cleanup.CLEAN)
    assert found.leftovers == []
    assert found.message == "ended without a verdict: the process is gone"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private folder as a killed process leaves it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Path(tempfile.mkdtemp(prefix="provisioner-"))


@pytest.mark.parametrize("arguments", [[], ["blog-x7k2p"]], ids=str)
@pytest.mark.usefixtures("world")
def test_what_a_dead_process_left_on_this_machine_goes(
    arguments: list[str], folder: Path, store: FolderStore, capsys: Captured
) -> None:
    store.save(dead(process=GONE.model_copy(update={"folder": str(folder)})))
    assert main(["reap", "--dry-run", *arguments]) == 0
    assert folder.exists()
    assert main(["reap", *arguments]) == 0
    assert not folder.exists()
    assert f"session blog-x7k2p has left {folder}: removed" in capsys.readouterr().err


@pytest.mark.parametrize("process", [this_process(), ELSEWHERE], ids=["running", "elsewhere"])
@pytest.mark.usefixtures("world")
def test_the_folder_of_a_process_that_may_live_stays(
    process: ProcessRecord, folder: Path, store: FolderStore
) -> None:
    store.save(dead(process=process.model_copy(update={"folder": str(folder)})))
    assert main(["reap"]) == 0
    assert folder.exists()


@pytest.mark.usefixtures("world")
def test_a_record_makes_nobody_remove_what_is_not_ours(
    folder: Path, store: FolderStore, capsys: Captured
) -> None:
    store.save(dead(process=GONE.model_copy(update={"folder": str(folder.parent)})))
    assert main(["reap"]) == 0
    assert folder.exists()
    assert "left as it is: that is no private folder of ours" in capsys.readouterr().err


def test_reaping_again_what_a_finished_session_leaked(world: World, store: FolderStore) -> None:
    leaked = report(cleanup=Cleanup.LEAKED, leftovers=[leftover()])
    store.save(leaked)
    assert main(["reap", "blog-x7k2p"]) == 0
    ended = {"cleanup": Cleanup.CLEAN, "leftovers": []}
    assert store.load("blog-x7k2p") == leaked.model_copy(update=ended)


def test_what_is_gone_already_is_told(world: World, store: FolderStore, capsys: Captured) -> None:
    store.save(dead())
    assert main(["reap", "x7k", "-o", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["state"] == "was gone already, and nothing of it is left"
    assert entry["leftovers"] == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"process": this_process()}, "is still running, as process"),
        (
            {"process": ELSEWHERE, "expires_at": now() + timedelta(hours=1)},
            "ran on ci-7, and may still do so: nothing was removed",
        ),
        (
            {"cluster": ClusterRecord(server="https://other")},
            "ran on https://other, and this is https://10.0.0.1:6443",
        ),
    ],
    ids=["running", "elsewhere", "another cluster"],
)
def test_what_may_be_alive_or_elsewhere_is_refused(
    changes: dict[str, Any], sentence: str, world: World, store: FolderStore, capsys: Captured
) -> None:
    store.save(dead(**changes))
    assert main(["reap", "blog-x7k2p"]) == 2
    assert world.removed == []
    assert sentence in capsys.readouterr().err
    assert store.load("blog-x7k2p").finished_at is None


def test_another_address_of_the_same_cluster_will_do(world: World, store: FolderStore) -> None:
    store.save(dead(cluster=ClusterRecord(server="https://other")))
    world.namespaces = [sandbox("blog-x7k2p", 60)]
    assert main(["reap", "blog-x7k2p"]) == 0
    assert world.removed == ["verify-blog-x7k2p"]
