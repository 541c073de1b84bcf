"""A restore against its snapshot's listing: what of the claim counts, and what a difference is."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from restore_fakes import FULL, ended, planned

from provisioner.deadline import Deadline
from provisioner.errors import (
    BackupError,
    ConfigurationError,
    ProvisionerError,
    RestoreDiffersError,
    UnclearError,
)
from provisioner.models.session import RestoreRecord
from provisioner.models.words import PhaseState
from provisioner.repositories.tally import FILE, Entry, Look
from provisioner.restores.compared.compare import Listings, compare, scope_of, with_walks
from provisioner.restores.compared.walk import Scope
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.fill import Fill
from provisioner.restores.pods.log import ResticLog
from provisioner.restores.preseed import Preseed, Scene

ONE = Entry("a", Look(FILE, 33, 33, 0o600), 5)
SAME = ({"lines": ["l 8180 33 33 1 5", "e 8180 33 33 5 a"]}, {"below": 2**31 - 1})
GIVEN = ({"lines": ["l 81b0 33 2000 1 5", "e 81b0 33 2000 5 a"]}, {"below": 2**31 - 1})
NOTHING = ({"below": 2**31 - 1},)


def restore(name: str, sub_path: str = "", claim: str = "data", **more: Any) -> PlannedRestore:
    one = planned(sub_path=sub_path, **more)
    named = one.restore.model_copy(update={"name": name})
    return replace(one, restore=named, target=replace(one.target, name=claim))


class Repository:
    """One whose listing is a test's, or an error."""

    def __init__(self, *entries: Entry, error: ProvisionerError | None = None) -> None:
        self.entries, self.error, self.folders = entries, error, list[str]()

    async def list_files(self, _: str, folder: str, on_entry: Callable[[Entry], None]) -> None:
        self.folders.append(folder)
        await asyncio.sleep(0)
        if self.error and folder != "/":
            raise self.error
        for entry in self.entries:
            on_entry(entry)


def test_of_a_claim_a_restore_has_what_no_other_fills() -> None:
    whole, site, deep = restore("whole"), restore("site", "site"), restore("deep", "a/b/c")
    elsewhere = restore("elsewhere", "x", claim="other")
    together = [whole, site, deep, elsewhere]
    assert scope_of(whole, together) == Scope(("lost+found", "a/b/c", "site"), ("a", "a/b"))
    assert scope_of(site, together) == Scope()
    assert scope_of(restore("sites", "sit"), together) == Scope()
    assert scope_of(restore("above", "a"), together) == Scope(("b/c",), ("b",))


async def listed(repository: Repository, one: PlannedRestore) -> Any:
    async with Listings({"repo": repository}) as listings:  # type: ignore[dict-item]
        return await listings.of(one)


async def test_what_is_as_listed_is_told_for_the_report() -> None:
    one = restore("x")
    found = compare(one, [one], await listed(Repository(ONE), one), ResticLog(walked=SAME))
    assert (found.files, found.bytes, found.names, found.owners, found.modes) == (1, 5, 1, 1, 1)


async def test_what_is_not_as_listed_is_no_backups_fault_for_sure() -> None:
    one = restore("x")
    tally = await listed(Repository(ONE), one)
    with pytest.raises(RestoreDiffersError, match="0 files of 0 bytes instead of 1 file") as caught:
        compare(one, [one], tally, ResticLog(walked=NOTHING))
    assert caught.value.details == [
        "0 files of 0 bytes instead of 1 file of 5 bytes", "a: is missing"
    ]  # fmt: skip
    assert "restore x: restic ended well, but what lies in claim data" in caught.value.message


async def test_an_image_that_cannot_count_is_told_as_that() -> None:
    one = restore("x")
    log = ResticLog().with_error("sh: awk: not found")
    with pytest.raises(ConfigurationError, match="could not be counted") as caught:
        compare(one, [one], await listed(Repository(ONE), one), log)
    assert caught.value.details == ["sh: awk: not found"]
    assert "restic/restic" in caught.value.hint


async def test_the_kubelets_work_is_expected_only_where_two_pods_mount_a_claim() -> None:
    pod = {"spec": {"template": {"spec": {"securityContext": {"fsGroup": 2000}}}}}
    workload = {"kind": "Deployment", **pod}
    one, other = restore("x", "x", workload=workload), restore("y", "y", workload=workload)
    tally, log = await listed(Repository(ONE), one), ResticLog(walked=GIVEN)
    assert compare(one, [one, other], tally, log)
    elsewhere = replace(one, root="/")  # the same restore, tried again
    with pytest.raises(RestoreDiffersError):
        compare(elsewhere, [one], tally, log)


async def test_a_snapshot_is_listed_once_for_all_replicas() -> None:
    one = restore("x")
    replicas = with_walks([replace(one, target=replace(one.target, replica=n)) for n in (0, 1)])
    assert replicas[0].walk == replicas[1].walk
    repository: Any = Repository(ONE)
    async with Listings({"repo": repository}) as listings:
        tallies = await asyncio.gather(*(listings.of(each) for each in replicas))
    assert tallies[0] is tallies[1]
    assert repository.folders == ["/data"]


async def test_a_listing_that_nobody_needs_any_more_is_ended() -> None:
    repository: Any = Repository(ONE)
    async with Listings({"repo": repository}) as listings:
        task = listings.of(restore("x"))
    assert task.cancelled()


async def test_a_listing_that_a_prune_disturbed_is_read_again() -> None:
    repository: Any = Repository(ONE, error=BackupError("pack not found"))
    async with Listings({"repo": repository}) as listings:
        with pytest.raises(BackupError, match="pack not found"):
            await listings.of(restore("x"))
    assert repository.folders == ["/data", "/data"]


async def run(
    monkeypatch: pytest.MonkeyPatch, repository: Repository, *logs: ResticLog, **how: Any
) -> tuple[list[RestoreRecord], list[str]]:
    """One restore whose pods say what a test says; its records, and from where they restored."""
    said, folders, records = iter(logs), list[str](), list[RestoreRecord]()

    async def fill(self: Fill) -> Any:
        folders.append(self.planned.root)
        return next(said), ended(0, "Completed")

    async def gone(_: Fill) -> None: ...

    monkeypatch.setattr(Fill, "run", fill)
    monkeypatch.setattr(Fill, "gone", gone)
    nobody: Any = None
    repositories: Any = {"repo": repository}
    preseed = Preseed(
        nobody, "ns", "web", {}, repositories, Deadline.after(60), print, records.append
    )
    one = restore("x", "site")
    one = replace(one, restore=one.restore.model_copy(update=how))
    async with Listings(repositories) as listings:
        await preseed._restore(one, Scene([one], SimpleNamespace(), listings))  # type: ignore[arg-type]
    return records, folders


WELL = replace(FULL, walked=SAME)
EMPTY = ResticLog(summary=True, walked=NOTHING)


async def test_a_restore_that_is_as_listed_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    records, _ = await run(monkeypatch, Repository(ONE), WELL)
    assert records[-1].state is PhaseState.DONE
    assert records[-1].folder == "/data"
    assert records[-1].compared is not None


async def test_a_listing_that_broke_off_fails_the_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnclearError, match="no listing"):
        await run(monkeypatch, Repository(error=UnclearError("no listing")), WELL)


async def test_data_that_lies_elsewhere_is_compared_with_what_lies_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repository = Repository(ONE, error=UnclearError("path data: not found"))
    records, folders = await run(monkeypatch, repository, EMPTY, WELL)
    assert folders == repository.folders == ["/data", "/"]
    assert (records[-1].state, records[-1].folder) == (PhaseState.DONE, "/")


async def test_an_empty_folder_is_not_looked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """restic says as little of it as of one that is not there; the listing knows."""
    with pytest.raises(BackupError, match="brought back 0 files"):
        await run(monkeypatch, Repository(), EMPTY)
    records, folders = await run(monkeypatch, Repository(), EMPTY, allow_empty=True)
    assert folders == ["/data"]
    assert records[-1].state is PhaseState.DONE


async def test_nothing_where_the_snapshot_lists_something_is_never_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(RestoreDiffersError):
        await run(monkeypatch, Repository(ONE), EMPTY, allow_empty=True)
