"""What lies on a volume against what its snapshot lists, on real trees."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import tree_fakes
from tree_fakes import SEED

from provisioner.repositories.tally import FILE, FOLDER, OTHER, SYMLINK, Entry, Look, Tally, lot
from provisioner.restores.compared.inventory import Inventory
from provisioner.restores.compared.walk import Scope, tally_of


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """All that a volume may hold, with names that are hard to tell."""
    folder = tmp_path / "tree"
    (folder / "uploads/2024").mkdir(parents=True)
    (folder / "uploads/2024/photo.jpg").write_bytes(b"x" * 1000)
    (folder / "empty").touch()
    (folder / "program").write_text("#!")
    (folder / "program").chmod(0o4755)
    (folder / "uploads").chmod(0o2775)
    (folder / "link").symlink_to("empty")
    (folder / "nowhere").symlink_to("/not/there")
    os.link(folder / "program", folder / "hard link")
    os.mkfifo(folder / "pipe")
    for name in (b"new\nline", b"not\xffutf8", b"tab\t", "umläut ☃".encode(), "\u2028".encode()):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("odd")
    (folder / '"quoted\\" ').write_text("quoted")
    return folder


def there(folder: Path, scope: Scope | None = None) -> Tally:
    found = tally_of(tree_fakes.messages(folder, scope), SEED)
    assert found is not None
    return found


def listed(folder: Path, scope: Scope | None = None) -> Tally:
    return tree_fakes.tally(tree_fakes.entries(tree_fakes.nodes(folder)), scope)


def test_what_came_back_whole_differs_in_nothing(tree: Path) -> None:
    same = Inventory(listed(tree), there(tree))
    assert same.differences() == []
    record = same.record()
    assert (record.files, record.bytes, record.others) == (10, 1025, 5)
    assert record.names == 15 - 4, "four names do not pass through a log"
    assert record.owners == 1


def test_kinds_are_counted_apart(tree: Path) -> None:
    seen = there(tree)
    counts = [seen.of(kind).entries for kind in (FILE, FOLDER, SYMLINK, OTHER)]
    assert counts == [10, 2, 2, 1]
    assert Look(FILE, os.getuid(), os.getgid(), 0o4755) in seen.looks


def longer(tree: Path) -> None:
    (tree / "empty").write_text("12345")


def link_as_file(tree: Path) -> None:
    (tree / "link").unlink()
    (tree / "link").touch()


def renamed(tree: Path) -> None:
    (tree / "empty").rename(tree / "other")


@pytest.mark.parametrize(
    ("tamper", "sentences"),
    [
        (lambda tree: (tree / "empty").unlink(),
         ["9 files of 1025 bytes instead of 10 files of 1025 bytes", "empty: is missing"]),
        (lambda tree: (tree / "extra").write_text("1"),
         ["11 files of 1026 bytes instead of 10 files of 1025 bytes",
          "extra: is not in the snapshot"]),
        (longer, ["10 files of 1030 bytes instead of 10 files of 1025 bytes",
                  "empty: has 5 bytes, not 0"]),
        (lambda tree: (tree / "new\nline").unlink(),
         ["9 files of 1022 bytes instead of 10 files of 1025 bytes"]),
        (link_as_file, ["11 files of 1025 bytes instead of 10 files of 1025 bytes",
                        "2 links instead of 3 links",
                        "link: is a file, not a symlink"]),
        (renamed, ["empty: is missing", "other: is not in the snapshot"]),
        (lambda tree: (tree / "nowhere").unlink(),
         ["2 links instead of 3 links", "nowhere: is missing"]),
    ],
)  # fmt: skip
def test_what_came_back_otherwise_is_named(
    tree: Path, tamper: Callable[[Path], object], sentences: list[str]
) -> None:
    before = listed(tree)
    tamper(tree)
    assert Inventory(before, there(tree)).differences() == sentences


def test_a_mode_that_is_not_the_snapshots_is_told_by_counts_and_by_name(tree: Path) -> None:
    before = listed(tree)
    (tree / "program").chmod(0o755)  # and so its hard link
    owner = f"{os.getuid()}:{os.getgid()}"
    assert Inventory(before, there(tree)).differences() == [
        f"files of {owner} with mode 0755: 2 files of 4 bytes, not 0 files of 0 bytes",
        f"files of {owner} with mode 4755: 0 files of 0 bytes, not 2 files of 4 bytes",
        "hard link: has mode 0755, not 4755",
        "program: has mode 0755, not 4755",
    ]


def owned(count: int, uid: int, gid: int, mode: int) -> Tally:
    return tree_fakes.tally([Entry(f"f{n}", Look(FILE, uid, gid, mode), 1) for n in range(count)])


def test_an_owner_of_one_file_in_a_million_is_seen_though_it_is_not_in_the_sample() -> None:
    many, wrong = owned(5000, 33, 33, 0o644), owned(5000, 33, 33, 0o644)
    hidden = next(f"f{n}" for n in range(5000) if f"f{n}" not in wrong.sample.drawn)
    right = Look(FILE, 33, 33, 0o644)
    wrong.looks[right] = wrong.looks[right]._replace(entries=4999, bytes=4999)
    wrong.add(Entry(hidden, Look(FILE, 0, 33, 0o644), 1))
    found = Inventory(many, wrong).differences()
    assert found[0] == "files of 0:33 with mode 0644: 1 file of 1 bytes, not 0 files of 0 bytes"


def test_what_the_kubelet_does_for_another_pods_group_is_no_difference() -> None:
    """One more restore into the same claim mounts it again: the kubelet walks what is there."""
    before, walked = owned(3, 33, 33, 0o600), owned(3, 33, 2000, 0o660)
    assert Inventory(before, walked, group=2000).differences() == []
    assert Inventory(before, walked).differences()
    assert Inventory(before, owned(3, 34, 2000, 0o660), group=2000).differences()


def test_sockets_do_not_come_back_and_are_not_missed() -> None:
    socket = {"type": "socket", "path": "/mysql.sock", "struct_type": "node"}
    assert tree_fakes.entries(iter([socket])) == []


def test_folders_that_others_fill_are_left_out_on_both_sides(tree: Path) -> None:
    for odd in ("[a]*", "a"):
        (tree / "shared" / odd / "deep").mkdir(parents=True)
    before = listed(tree, scope := Scope(("shared/[a]*", "lost+found"), ("shared",)))
    (tree / "shared/[a]*/deep/file").write_text("of another restore")
    (tree / "lost+found").mkdir()
    (tree / "shared").chmod(0o700)
    assert Inventory(before, there(tree, scope)).differences() == []
    (tree / "shared/a/deep/file").write_text("our own")
    assert "shared/a/deep/file: is not in the snapshot" in (
        Inventory(before, there(tree, scope)).differences()
    )


def test_a_large_tree_is_sampled_alike_on_both_sides(tmp_path: Path) -> None:
    for number in range(2500):
        (tmp_path / f"photo-{number:05d}-150x150.jpg").touch()
    seen, known = there(tmp_path), listed(tmp_path)
    assert seen.sample.below == known.sample.below
    assert seen.sample.drawn == known.sample.drawn
    assert 900 < len(seen.sample.drawn) < 1600, "halved once, however alike the names are"


def test_a_side_that_drew_fewer_is_compared_by_what_both_drew() -> None:
    many = [Entry(f"f{n}", Look(FILE, 0, 0, 0o644), 1) for n in range(900)]
    wide, narrow = tree_fakes.tally(many), tree_fakes.tally(many, most=100)
    both = Inventory(narrow, wide)
    assert both.differences() == []
    assert both.record().names == len(narrow.sample.drawn) <= 100


def test_another_seed_draws_other_names() -> None:
    names = [f"f{n}" for n in range(1000)]
    firsts = [set(sorted(names, key=lambda name: lot(name, seed))[:50]) for seed in (1, 2)]
    assert len(firsts[0] & firsts[1]) < 25


def test_a_walk_that_broke_off_counts_nothing(tree: Path) -> None:
    said = tree_fakes.messages(tree)
    assert tally_of(said[:-1], SEED) is None
    assert tally_of([], SEED) is None


def test_a_walk_of_no_folder_counts_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    seen = there(tmp_path / "empty")
    assert not seen.looks
    assert Inventory(owned(1, 0, 0, 0o644), seen).differences()[0].startswith("0 files")


def test_a_name_cannot_pass_for_an_entry_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "x\n81a4 5 0 0 .").mkdir()
    (tmp_path / "x\n81a4 5 0 0 ." / "y").touch()
    assert there(tmp_path).of(FILE).entries == 1


def test_the_group_is_kept_apart_from_what_is_compared() -> None:
    one = Inventory(owned(1, 1, 1, 0o600), owned(1, 1, 1, 0o600))
    assert replace(one, group=5).differences() == []
