"""Sessions on disk: private, atomic, and never a stack trace."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.errors import ConfigurationError, UsageError
from provisioner.models.session import Report, Session, Tools
from provisioner.models.words import Outcome
from provisioner.store import FolderStore, write_atomically

BEGUN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def session(name: str = "blog-abcde", begun: datetime = BEGUN) -> Session:
    return Session(
        id=name,
        verifier="blog",
        sandbox=f"verify-{name}",
        started_at=begun,
        expires_at=begun + timedelta(hours=1),
        tools=Tools(provisioner="0.1.0"),
    )


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "state" / "sessions")


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_saved_is_loaded(store: FolderStore) -> None:
    store.save(session())
    assert store.load("blog-abcde") == session()


def test_a_report_comes_back_as_one(store: FolderStore) -> None:
    finished = session().model_dump(exclude={"kind", "finished_at", "outcome"})
    report = Report(**finished, finished_at=BEGUN, outcome=Outcome.PASSED)
    store.save(session())
    store.save(report)
    assert store.load("blog-abcde") == report
    assert type(store.load("blog-abcde")) is Report


def test_only_the_owner_can_read_it(store: FolderStore) -> None:
    before = os.umask(0)
    try:
        store.save(session())
    finally:
        os.umask(before)
    path = store.path("blog-abcde")
    assert permissions(path) == 0o600
    assert permissions(path.parent) == 0o700


def test_the_newest_session_comes_first_and_damaged_ones_are_left_out(
    store: FolderStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.save(session("blog-old"))
    store.save(session("blog-new", BEGUN + timedelta(days=1)))
    store.path("cut").write_text('{"kind": "Backup')
    store.path("strange").write_text("[]")
    assert [one.id for one in store.list()] == ["blog-new", "blog-old"]
    assert sorted(record.args[0].name for record in caplog.records) == ["cut.json", "strange.json"]


def test_there_are_no_sessions_before_the_first(store: FolderStore) -> None:
    assert store.list() == []


def test_a_failed_write_leaves_the_record_before_it(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    store.save(session())
    monkeypatch.setattr(os, "fsync", full)
    changed = session().model_copy(update={"message": "changed"})
    path = store.path("blog-abcde")
    with pytest.raises(ConfigurationError, match=f"{path}: No space left on device"):
        store.save(changed)
    assert store.load("blog-abcde") == session()
    assert [one.name for one in path.parent.iterdir()] == ["blog-abcde.json"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(ConfigurationError, match="Not a directory") as raised:
        FolderStore(tmp_path / "state" / "sessions").save(session())
    assert "XDG_STATE_HOME" in raised.value.hint


@pytest.mark.parametrize("name", ["../../etc/passwd", "", ".hidden", "a/b", "a\nb"])
def test_an_id_cannot_leave_the_folder(store: FolderStore, name: str) -> None:
    with pytest.raises(UsageError, match="is no session's id"):
        store.load(name)


def test_an_unknown_session_is_told(store: FolderStore) -> None:
    with pytest.raises(UsageError, match="there is no session blog-zzzzz"):
        store.load("blog-zzzzz")


def test_a_damaged_session_is_told(store: FolderStore) -> None:
    store.save(session())
    store.path("blog-abcde").write_text('{"kind": "BackupVerificationSession", "id": "blog-abcde"}')
    with pytest.raises(UsageError, match=r"is no session's record: verifier: Field required"):
        store.load("blog-abcde")


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/a"}, "/state/provisioner/sessions"),
        ({"HOME": "/home/a"}, "/home/a/.local/state/provisioner/sessions"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/a"}, "/home/a/.local/state/provisioner/sessions"),
        ({"XDG_STATE_HOME": "rel", "HOME": "/home/a"}, "/home/a/.local/state/provisioner/sessions"),
    ],
)
def test_the_default_folder_is_where_xdg_places_it(
    environment: dict[str, str], folder: str
) -> None:
    assert FolderStore.default(environment).path("a") == Path(folder) / "a.json"


def test_a_report_may_be_readable_by_others(tmp_path: Path) -> None:
    write_atomically(tmp_path / "report.json", "{}", mode=0o644)
    assert permissions(tmp_path / "report.json") == 0o644


def test_what_is_removed_leaves_neither_record_nor_log(store: FolderStore) -> None:
    store.save(session())
    store.save(session("blog-other"))
    store.open_log("blog-abcde").close()
    store.remove("blog-abcde")
    store.remove("blog-abcde")
    assert [one.id for one in store.list()] == ["blog-other"]
    assert not store.log_path("blog-abcde").exists()
