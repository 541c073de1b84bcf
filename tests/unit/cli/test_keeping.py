"""``extend`` and ``release`` from argv to the deadline in the cluster."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from session_fakes import phase, report
from world_fakes import ELSEWHERE, GONE, World, dead, sandbox

from provisioner.cli.main import main
from provisioner.liveness import this_process
from provisioner.models.session import now
from provisioner.models.words import Outcome, PhaseName, PhaseState
from provisioner.phases.keep import GRACE
from provisioner.phases.sandbox import EXPIRES_AT
from provisioner.store import FolderStore

Captured = pytest.CaptureFixture[str]
NEARLY = timedelta(seconds=5)


def kept(**changes: Any) -> Any:
    phases = [phase(PhaseName.SANDBOX), phase(PhaseName.KEEP, PhaseState.RUNNING)]
    return dead(
        **{"phases": phases, "outcome": Outcome.PASSED, "process": this_process()} | changes
    )


def deadline(world: World) -> datetime:
    return datetime.fromisoformat(world.namespaces[0]["metadata"]["annotations"][EXPIRES_AT])


@pytest.mark.parametrize("process", [this_process(), ELSEWHERE], ids=["here", "elsewhere"])
def test_extend_adds_to_what_is_left(
    process: Any, world: World, store: FolderStore, capsys: Captured
) -> None:
    store.save(kept(process=process))
    world.namespaces = [sandbox("blog-x7k2p", 20)]
    assert main(["extend", "x7k", "1h30m"]) == 0
    assert abs(deadline(world) - now() - timedelta(minutes=110)) < NEARLY
    told = capsys.readouterr().out
    assert told.startswith("verify-blog-x7k2p: kept until ")
    assert told.split(", in ")[1].startswith("1h")


def test_both_as_json(world: World, store: FolderStore, capsys: Captured) -> None:
    store.save(kept())
    world.namespaces = [sandbox("blog-x7k2p", 20)]
    assert main(["extend", "x7k", "10m", "-o", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sandbox"], told["session"]) == ("verify-blog-x7k2p", "blog-x7k2p")
    assert datetime.fromisoformat(told["keptUntil"]) + GRACE == deadline(world)
    assert main(["release", "x7k", "-o", "json"]) == 0
    (released,) = json.loads(capsys.readouterr().out)
    assert released == {
        "sandbox": "verify-blog-x7k2p",
        "session": "blog-x7k2p",
        "state": "released; its process is removing it",
        "leftovers": [],
    }


def test_extending_what_has_expired_counts_from_now(world: World, store: FolderStore) -> None:
    store.save(kept(process=GONE))
    world.namespaces = [sandbox("blog-x7k2p", -60)]
    assert main(["extend", "x7k", "10m"]) == 0
    assert abs(deadline(world) - now() - timedelta(minutes=10)) < NEARLY


def test_release_ends_the_wait_of_the_process_and_leaves_it_time_to_clean_up(
    world: World, store: FolderStore, capsys: Captured
) -> None:
    store.save(kept())
    world.namespaces = [sandbox("blog-x7k2p", 120)]
    assert main(["release", "blog-x7k2p"]) == 0
    assert world.removed == []
    assert abs(deadline(world) - now() - GRACE) < NEARLY
    told = "verify-blog-x7k2p: released; its process is removing it\n"
    assert capsys.readouterr().out == told


def test_release_removes_itself_when_the_process_is_gone(
    world: World, store: FolderStore, capsys: Captured
) -> None:
    store.save(kept(process=GONE))
    world.namespaces = [sandbox("blog-x7k2p", 120)]
    assert main(["release", "blog-x7k2p"]) == 0
    assert world.removed == ["verify-blog-x7k2p"]
    assert capsys.readouterr().out == "verify-blog-x7k2p: removed\n"
    assert store.load("blog-x7k2p").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (dead(process=this_process()), "is not kept: it has not come so far"),
        (dead(process=ELSEWHERE), "is not kept: it has not come so far"),
        (report(), "is finished, and its sandbox is not kept any more"),
        (kept(), "the sandbox of session blog-x7k2p is gone"),
    ],
    ids=["verifying", "elsewhere", "finished", "gone"],
)
@pytest.mark.parametrize("command", ["extend", "release"])
@pytest.mark.usefixtures("world")
def test_what_is_not_kept_is_refused(
    command: str, found: Any, sentence: str, store: FolderStore, capsys: Captured
) -> None:
    store.save(found)
    assert main([command, "x7k", *(["5m"] if command == "extend" else [])]) == 2
    assert sentence in capsys.readouterr().err


def test_a_deadline_that_cannot_be_read_is_not_guessed(
    world: World, store: FolderStore, capsys: Captured
) -> None:
    store.save(kept())
    world.namespaces = [sandbox("blog-x7k2p", None)]
    assert main(["extend", "x7k", "5m"]) == 2
    assert "cannot be extended: it has no annotation" in capsys.readouterr().err


def test_a_bad_duration_is_told(store: FolderStore, capsys: Captured) -> None:
    assert main(["extend", "x7k", "5"]) == 2
    assert "'5' is no duration such as 90s, 15m or 1h30m" in capsys.readouterr().err
