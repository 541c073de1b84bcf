"""A private folder goes, also after its process; nothing else ever does."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.scratch import private_folder, remove_left


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def left(name: str, mode: int = 0o700) -> Path:
    """As a process leaves it that was killed."""
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(parents=True)
    folder.chmod(mode)
    (folder / "values").write_text("secret")
    return folder


def test_it_goes_with_the_block(temporary: Path) -> None:
    with private_folder() as folder, private_folder(folder) as inner:
        assert (folder.parent, inner.parent) == (temporary, folder)
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed() -> None:
    folder = left("provisioner-abc")
    assert remove_left(folder)
    assert not folder.exists()
    assert not remove_left(folder)


def _link(temporary: Path) -> Path:
    link = temporary / "provisioner-link"
    link.symlink_to(left("real"))
    return link


@pytest.mark.parametrize(
    "make",
    [
        lambda _: left("other-abc"),
        lambda _: left("provisioner-abc", 0o755),
        lambda _: left("provisioner-abc/provisioner-inner"),
        lambda there: left("provisioner-abc") / ".." / there.name,
        lambda _: left("provisioner-abc") / "values",
        _link,
    ],
    ids=["name", "mode", "place", "way up", "file", "link"],
)
def test_nothing_else_is_removed(make: Callable[[Path], Path], temporary: Path) -> None:
    wanted = make(temporary)
    assert not remove_left(wanted)
    assert list(temporary.rglob("values"))


def test_what_is_somebody_elses_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = left("provisioner-abc")
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    assert not remove_left(folder)
    assert folder.exists()
