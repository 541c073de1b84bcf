"""Restores in place: what is planned of them, and that nothing of before survives."""

import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from inplace_fakes import DATA, claim, inplace, live, maker
from restore_fakes import FULL, ended
from tree_fakes import SEED, entries, messages, nodes, tally

from provisioner.errors import (
    ChartError,
    ClusterError,
    ConfigurationError,
    RestoreDiffersError,
)
from provisioner.phases.inplace import _mapped, _refuse_the_failed
from provisioner.phases.preview import _inplace
from provisioner.restores.claims.chart import ClaimTarget
from provisioner.restores.claims.targets import map_restores
from provisioner.restores.compared.compare import compare
from provisioner.restores.compared.walk import Scope, Walk, emptying
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.log import ENDED, ResticLog
from provisioner.restores.pods.manifest import manifest
from provisioner.restores.pods.outcome import judge
from provisioner.restores.pods.pod import NOT_EMPTIED

OF_OPERATOR = {"volume": {"workload": "StatefulSet/db", "name": "data"}}


def filled(sub_path: str = "", **changes: str) -> PlannedRestore:
    one = inplace(DATA).into(ClaimTarget("data", {}, sub_path=sub_path))
    return replace(one, restore=one.restore.model_copy(update=changes))


def stale(folder: Path) -> set[str]:
    """A folder with all that an application may have left, by the paths of it."""
    for name in (
        "a",
        ".hidden",
        "-f",
        "with space/ü\n",
        "site/index.html",
        "lost+found/x",
        "b/c/d",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("old")
    (folder / "link").symlink_to("/etc")
    return left(folder)


def left(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}


def empty(folder: Path, scope: Scope) -> int:
    return subprocess.run(["sh", "-c", emptying(str(folder), scope)], check=False).returncode


def test_nothing_stays_of_what_the_application_wrote(tmp_path: Path) -> None:
    stale(tmp_path)
    assert empty(tmp_path, Scope(("lost+found",))) == 0
    assert left(tmp_path) == {"lost+found", "lost+found/x"}
    assert empty(tmp_path, Scope()) == 0
    assert left(tmp_path) == set()
    assert empty(tmp_path, Scope()) == 0, "an empty claim is no fault"


def test_folders_that_other_restores_fill_are_theirs_to_empty(tmp_path: Path) -> None:
    stale(tmp_path)
    assert empty(tmp_path, Scope(("b/c", "site"), ("b",))) == 0
    assert left(tmp_path) == {"b", "b/c", "b/c/d", "site", "site/index.html"}


def test_restic_does_not_begin_where_something_stays(tmp_path: Path) -> None:
    assert empty(tmp_path / "missing", Scope()) != 0
    (container,) = manifest(filled(), 60)["spec"]["containers"]
    script = container["command"][2]
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == NOT_EMPTIED
    assert ENDED not in done.stdout


def test_only_in_place_anything_is_removed() -> None:
    before = replace(filled(), restore=filled().restore.model_copy(update={"strategy": "preseed"}))
    scripts = [
        manifest(one, 60)["spec"]["containers"][0]["command"][2] for one in (filled(), before)
    ]
    assert ["rm -rf" in one for one in scripts] == [True, False]


def test_a_claim_that_cannot_be_emptied_is_no_backups_fault() -> None:
    said = "rm: cannot remove './a': Operation not permitted"
    with pytest.raises(ClusterError, match="wrote into claim data could not be removed") as caught:
        judge(filled(), ResticLog().with_error(said), ended(NOT_EMPTIED))
    assert caught.value.details == [said]


def test_a_file_of_before_does_not_pass(tmp_path: Path) -> None:
    """Whatever became of the emptying: what lies there is compared with the listing."""
    (tmp_path / "index.html").write_text("restored")
    listed = tally(entries(nodes(tmp_path)))
    (tmp_path / ".stale").write_text("old")
    log = replace(FULL, walked=tuple(messages(tmp_path)))
    one = replace(filled(), walk=Walk(seed=SEED))
    with pytest.raises(RestoreDiffersError, match="is not what snapshot ffffffff lists"):
        compare(one, [one], listed, log)


def test_a_chart_need_not_know_the_place() -> None:
    restores = [inplace(OF_OPERATOR).restore, inplace(DATA, name="uploads").restore]
    mounting = maker("Deployment", "web", "data")
    found = map_restores(restores, [mounting])
    assert found["files"] == []
    assert [one.name for one in found["uploads"]] == ["data"]


def test_a_chart_that_knows_the_place_is_held_to_it() -> None:
    restore = inplace({"volume": {"workload": "Deployment/web", "name": "dta"}}).restore
    with pytest.raises(ConfigurationError, match="Deployment/web has no volume dta on a claim"):
        map_restores([restore], [maker("Deployment", "web", "data")])


def test_one_claim_is_filled_at_one_time() -> None:
    site = inplace({"claim": {"name": "data", "subPath": "site"}}, name="site").restore
    restores = [inplace(DATA).restore, site.model_copy(update={"strategy": "preseed"})]
    with pytest.raises(ConfigurationError, match="by different strategies, inplace and preseed"):
        map_restores(restores, [claim(), maker("Deployment", "web", "data")])


def test_claims_are_found_by_what_mounts_them_now() -> None:
    there = live(claim("data", "5Gi"), maker("Deployment", "web", "data"))
    plan: Any = SimpleNamespace(restores=[], inplace=[inplace(DATA)])
    (one,) = _mapped(plan, there)
    assert (one.target.name, one.target.requested) == ("data", "5Gi")
    assert one.target.pod["volumes"][0]["name"] == "data"


def test_what_was_filled_before_the_install_is_not_emptied_after_it() -> None:
    before = filled("site", strategy="preseed", name="b")
    plan: Any = SimpleNamespace(restores=[before], inplace=[inplace(DATA)])
    with pytest.raises(ConfigurationError, match="restores b and files fill claim data"):
        _mapped(plan, live(claim(), maker("Deployment", "web", "data")))


def test_a_job_that_failed_on_the_empty_application_blames_no_backup() -> None:
    migration = maker("Job", "migration")
    plan: Any = SimpleNamespace(objects=[migration])
    _refuse_the_failed(plan, replace(live(), failed={"Job/another"}))
    with pytest.raises(ChartError, match="before anything was restored: Job/migration failed"):
        _refuse_the_failed(plan, replace(live(), failed={"Job/migration"}))


def test_a_block_device_takes_no_files() -> None:
    block = claim()
    block["spec"]["volumeMode"] = "Block"
    plan: Any = SimpleNamespace(restores=[], inplace=[inplace(DATA)])
    with pytest.raises(ConfigurationError, match="claim data is a block device"):
        _mapped(plan, live(block, maker("Deployment", "web", "data")))


def test_a_plan_tells_what_the_chart_knows() -> None:
    (one,) = _inplace(inplace(OF_OPERATOR))
    assert (one.strategy, one.claim, one.workload, one.volume) == (
        "inplace", "", "StatefulSet/db", "data"
    )  # fmt: skip
    (one,) = _inplace(inplace({"claim": {"name": "data", "subPath": "site"}}))
    assert (one.claim, one.sub_path, one.requested) == ("data", "site", "")
    known = filled()
    known = replace(known, target=replace(known.target, spec=claim("data", "5Gi")["spec"]))
    (one,) = _inplace(replace(inplace(DATA), known=[known]))
    assert (one.strategy, one.claim, one.requested) == ("inplace", "data", "5Gi")
