"""What is built is found again by what it was built from."""

import os
from pathlib import Path

import pytest

from devcluster import apt, binaries, images
from devcluster.errors import DevclusterError
from devcluster.paths import content_hash, fresh_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "Containerfile").write_text("FROM scratch\n")
    return tmp_path / "image"


def test_the_hash_is_of_contents_and_not_of_times(folder):
    before = content_hash(folder)
    os.utime(folder / "Containerfile", (1, 1))
    assert content_hash(folder) == before


@pytest.mark.parametrize("change", ["text", "name", "mode"])
def test_the_hash_changes_with_text_name_and_mode(folder, change):
    before = content_hash(folder)
    file = folder / "Containerfile"
    match change:
        case "text":
            file.write_text("FROM localhost/base:dev\n")
        case "name":
            file.rename(folder / "Other")
        case _:
            file.chmod(0o755)
    assert content_hash(folder) != before


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    def fill() -> None:
        with fresh_folder(tmp_path / "final") as work:
            (work / "half").write_text("")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill()
    assert list(tmp_path.iterdir()) == []


def _image(folder: Path, text: str) -> images.Image:
    (folder / "Containerfile").write_text(text)
    return images.Image("mine", folder)


def test_an_image_is_known_by_what_it_is_made_of(folder, monkeypatch):
    monkeypatch.setattr(binaries, "_go_version", lambda: "go1.0")
    text = "FROM localhost/base:dev\nCOPY --from=restic restic /usr/local/bin/\n"
    image = _image(folder, text)
    assert [parent.name for parent in image.parents] == ["base"]
    assert image.module_names == ["restic"]
    before = image.key()
    monkeypatch.setattr(binaries, "_go_version", lambda: "go2.0")
    assert image.key() != before


def test_a_stage_of_the_same_file_is_no_module(folder):
    image = _image(folder, "FROM localhost/base:dev AS tools\nCOPY --from=tools /a /b\n")
    assert image.module_names == []


def test_an_unknown_image_is_told_with_where_it_was_looked_for():
    with pytest.raises(DevclusterError, match=r"no image absent: .*devcluster/images"):
        images.find("absent")


def test_every_shipped_image_names_only_what_there_is():
    for folder in (images.SOURCES / "images").iterdir():
        image = images.find(folder.name)
        assert image.parents or "FROM scratch" in image.containerfile


@pytest.mark.parametrize(
    ("program", "module", "file"),
    [
        ("helm3", "helm3", "helm"),
        ("helm4", "helm4", "helm"),
        ("kubectl", "kubernetes", "kubectl"),
        ("etcd", "kubernetes", "server"),
        ("restic", "restic", "restic"),
        ("rest-server", "rest-server", "rest-server"),
    ],
)
def test_programs_are_found_in_their_modules(monkeypatch, program, module, file):
    monkeypatch.setattr(binaries, "_go_version", lambda: "go1.0")
    monkeypatch.setattr(binaries, "build", lambda names: None)
    path = binaries.binary(program)
    assert path.name == file
    assert path.parent.name.startswith(f"{module}-")


def test_a_program_that_no_module_builds_is_told():
    with pytest.raises(DevclusterError, match="no module builds absent"):
        binaries.binary("absent")


def test_apt_settings_are_those_that_say_how_to_reach_the_archive(monkeypatch):
    dumped = """\
Acquire "";
Acquire::Languages "none";
Acquire::http::Proxy "http://proxy.test:3128";
Acquire::https::Verify-Peer "true";
Acquire::http "";
Acquire::Check-Valid-Until "false";
"""
    monkeypatch.setattr(apt, "run", lambda argv: dumped)
    monkeypatch.setattr(apt, "_CERTIFICATES", Path("/nonexistent"))
    assert apt.settings() == [
        'Acquire::http::Proxy "http://proxy.test:3128";',
        'Acquire::https::Verify-Peer "true";',
        'Acquire::Check-Valid-Until "false";',
    ]


def test_apt_sources_are_debians_own_only(monkeypatch):
    listed = """\
http://debian.test/debian/ bookworm main
http://debian.test/debian/ bookworm main
http://debian.test/security/ bookworm-security main
http://debian.test/debian/ bookworm contrib
http://vendor.test/apt/ nodistro main
"""
    monkeypatch.setattr(apt, "run", lambda argv: listed)
    assert apt.sources() == [
        "deb http://debian.test/debian/ bookworm main",
        "deb http://debian.test/security/ bookworm-security main",
    ]
