"""``standard: files``: what the walk sees of real trees, and what each part makes of it."""

import gzip
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from provisioner.checks import program
from provisioner.checks.answer import Answer
from provisioner.checks.kinds import questions
from provisioner.checks.program import Ended
from provisioner.checks.program_pod import Program
from provisioner.checks.standard import readers, survey
from provisioner.checks.standard.files import MOST_LOST, PARTS, judge
from provisioner.checks.standard.readers import (
    User,
    declared,
    is_a_databases,
    mounts_of,
    place_in,
    running,
)
from provisioner.checks.standard.survey import Found, Survey, chosen, parsed, pattern
from provisioner.checks.target import Restored, Sandbox
from provisioner.checks.yardstick import Former
from provisioner.cluster.api import Object
from provisioner.errors import CheckUnableError
from provisioner.models.checks import Check
from provisioner.models.standard import StandardCheck

OWN = User(os.getuid(), frozenset([os.getgid()]))
STRANGER = User(4242, frozenset([4343]))
PNG = b"\x89PNG\r\n\x1a\n\x00\x01\x02 and so on IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x01 and so on \xff\xd9"
ZIP = b"PK\x03\x04\x01 and so on PK\x05\x06" + bytes(18)
WEBP = b"RIFF\x15\x00\x00\x00WEBPVP8 \x01 and so on.."
GZIP = gzip.compress(b"all of it", mtime=0)
NOISE = bytes((n * 7919 + 13) % 251 for n in range(100))


def write(folder: Path, **files: bytes) -> None:
    """The names have two underscores for a slash, and one for a dot."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def sound(folder: Path) -> None:
    write(
        folder, photos__a_jpg=JPEG, photos__b_png=PNG, papers__c_pdf=b"%PDF-1.4\n\x01\n%%EOF\n",
        papers__d_zip=ZIP, papers__e_gz=GZIP, photos__f_webp=WEBP, papers__Note_txt="grüß".encode(),
        photos__g_gif=b"GIF89a\x01;", data__h_bin=NOISE, data__i_db=NOISE, photos__really_jpg=PNG,
    )  # fmt: skip


def walk(folder: Path, *users: User, exclude: list[str] | None = None, mounted: str = "") -> Found:
    """By this machine's own shell, find, stat and awk."""
    env = {
        "FOLDER": str(folder), "SEED": "1", "SAMPLE": "50", "MARK": "a1b2c3", "MOUNTED": mounted,
        "USERS": " ".join(map(survey._written, users)), "EXCLUDE": pattern(exclude or []),
        "PATH": os.environ["PATH"],
    }  # fmt: skip
    done = subprocess.run(
        ["sh", "-c", survey.text_of("files.sh")], env=env, capture_output=True, check=True
    )
    lines = done.stdout.decode(errors="replace").splitlines()
    numbers, features, examples = parsed(Ended("walker", {"exitCode": 0}, lines))
    return Found("uploads", False, users, False, numbers, features, examples)


def answer(
    title: str, found: Found, former: Found | None = None, most: float = MOST_LOST
) -> Answer:
    (part,) = [one for one in PARTS if one.title == title]
    before = judge(part, [former], None, most) if former else None
    yardstick = Former("blog-1", before.value or 0, before.counts) if before else None
    return judge(part, [found], yardstick, most)


def failing(found: Found, former: Found | None = None) -> list[str]:
    return [one.title for one in PARTS if not answer(one.title, found, former).passed]


def test_sound_files_pass_with_and_without_a_former_session(tmp_path: Path) -> None:
    sound(tmp_path)
    found = walk(tmp_path, OWN)
    assert failing(found) == failing(found, found) == []
    saw = {one.title: answer(one.title, found).saw for one in PARTS}
    assert saw["there are files"] == f"uploads: 11 files, {found.number('bytes')} bytes"
    assert saw["files are whole"] == "uploads: 11 looked into, 9 of known formats: all whole"
    assert found.number("known") == 9, "of a .bin and a .db nothing is known"
    first = answer("there are files", found)
    assert "no baseline yet" in first.message
    assert not first.unmeasured


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jpg", JPEG[:-2], "a.jpg: has no end, as JPEG has it"),
        ("a.png", PNG[:-9], "a.png: has no end, as PNG has it"),
        ("a.zip", ZIP[:12], "a.zip: has no end, as ZIP has it"),
        ("a.PDF", b"%PDF-1.4\n\x01", "a.PDF: has no end, as PDF has it"),
        ("a.webp", WEBP[:-3], "a.webp: has no end, as WebP has it"),
        ("a.gif", b"GIF89a\x01", "a.gif: has no end, as GIF has it"),
        ("a.gz", GZIP[:-3], "a.gz: has no end, as gzip has it"),
        ("a.txt", bytes(4096), "a.txt: begins with zeros"),
        ("a.jpg", bytes(70) + JPEG, "a.jpg: begins with zeros"),
        ("a.jpg", NOISE, "a.jpg: does not begin as JPEG does"),
        ("a.csv", NOISE, "a.csv: does not begin as text does"),
    ],
)
def test_damaged_files_are_found_without_a_baseline(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / name).write_bytes(content)
    found = answer("files are whole", walk(tmp_path, OWN))
    assert not found.passed
    assert "2 of 2 are damaged: " in found.saw
    assert said in found.saw


def test_a_user_may_have_uploaded_a_broken_file(tmp_path: Path) -> None:
    sound(tmp_path)
    write(tmp_path, photos__cut_jpg=JPEG[:-2])
    found = walk(tmp_path, OWN)
    told = answer("files are whole", found)
    assert told.passed
    assert told.saw.endswith("whole but for photos/cut.jpg: has no end, as JPEG has it")
    assert not answer("files are whole", found, most=0.0).passed


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", b"<html>not found</html>"),
        ("a.jpg", b"\x00\x00\x00\x20ftypheic\x01"),
        ("a.jpg", b"\xff\xd8\xff\xe1 GCamera:MotionPhoto \xff\xd9" + NOISE * 30),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.txt", "ﬀ in UTF-16".encode("utf-16")),
        ("a.gif", b"GIF89a\x01;\0"),
    ],
)
def test_what_production_has_of_itself_is_whole(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert walk(tmp_path, OWN).number("broken") == 0


def _deleted(folder: Path) -> None:
    for one in sorted((folder / "many").iterdir())[::2]:
        one.unlink()


def _cut(folder: Path) -> None:
    for one in sorted((folder / "many").iterdir())[::3]:
        os.truncate(one, 30)


def _emptied(folder: Path) -> None:
    for one in sorted((folder / "many").iterdir())[::2]:
        os.truncate(one, 0)


def _zeros(folder: Path) -> None:
    for one in sorted((folder / "many").iterdir())[::2]:
        one.write_bytes(bytes(one.stat().st_size))


def _locked(folder: Path) -> None:
    for one in (folder / "many").iterdir():
        one.rename(f"{one}.locked")


def _lower(folder: Path) -> None:
    for one in (folder / "many").iterdir():
        one.rename(one.with_name(one.name.lower()))


def _nested(folder: Path) -> None:
    (folder / "many").rename(folder / "moved")


def _linked(folder: Path) -> None:
    for one in sorted((folder / "many").iterdir())[::2]:
        one.unlink()
        one.symlink_to(f"../../.store/{one.name}")


def _read_only(folder: Path) -> None:
    for one in (folder / "many").iterdir():
        one.chmod(0o444)


def _closed(folder: Path) -> None:
    (folder / "many" / "Brief 3.dat").chmod(0)


@pytest.mark.parametrize(
    ("happens", "parts"),
    [
        (_deleted, ["there are files", "files are not empty"]),
        (_cut, ["there are files"]),
        (_emptied, ["there are files", "files are not empty"]),
        (_zeros, ["files are not empty"]),
        (_locked, ["nothing is left out"]),
        (_lower, ["nothing is left out"]),
        (_nested, ["nothing is left out"]),
        (_linked, ["there are files", "files are not empty", "links lead somewhere"]),
        (_read_only, ["all stayed writable"]),
        (_closed, ["all can be read"]),
    ],
)
def test_each_damage_is_found_by_its_parts(
    tmp_path: Path, happens: Callable[[Path], None], parts: list[str]
) -> None:
    (tmp_path / "many").mkdir()
    for number in range(20):
        (tmp_path / "many" / f"Brief {number}.dat").write_bytes(NOISE)
    user = replace(OWN, may_all=False)
    before = walk(tmp_path, user)
    happens(tmp_path)
    assert failing(walk(tmp_path, user), before) == parts


def test_growth_and_small_losses_are_no_fault(tmp_path: Path) -> None:
    sound(tmp_path)
    write(tmp_path, data__large_bin=NOISE * 50)
    for number in range(30):
        write(tmp_path, **{f"cache__{number}_dat": NOISE})
    before = walk(tmp_path, OWN)
    for number in range(2):
        (tmp_path / "cache" / f"{number}.dat").unlink()
    for number in range(50):
        write(tmp_path, **{f"markers__{number}_lock": b""})
    assert failing(walk(tmp_path, OWN), before) == []


def test_who_may_not_read_is_told_of(tmp_path: Path) -> None:
    sound(tmp_path)
    (tmp_path / "photos" / "a.jpg").chmod(0o600)
    (tmp_path / "papers").chmod(0o700)
    tmp_path.chmod(0o755)
    found = answer("all can be read", walk(tmp_path, STRANGER))
    assert not found.passed
    assert "2 of 15 cannot be read by user 4242: " in found.saw
    assert f"photos/a.jpg: of {os.getuid()}:{os.getgid()}, mode 600" in found.saw
    in_group = replace(STRANGER, groups=frozenset([os.getgid()]))
    (tmp_path / "photos" / "a.jpg").chmod(0o640)
    (tmp_path / "papers").chmod(0o710)
    assert walk(tmp_path, in_group).number("unreadable") == 1, "entered, and not read"
    assert walk(tmp_path, replace(STRANGER, may_all=True)).number("unreadable") == 0
    assert walk(tmp_path).number("unreadable") == 0, "nobody is known: each owner its own"


def test_odd_names_and_exclusions(tmp_path: Path) -> None:
    sound(tmp_path)
    odd = ("a\nb.txt", " ", "x'y.txt", "tab\there", "$(id).jpg", "back\\slash.txt", "[1].jpg")
    for name in odd:
        (tmp_path / name).write_text("text")
    (tmp_path / "cache" / "x").mkdir(parents=True)
    (tmp_path / "cache" / "x" / "y.jpg").write_bytes(bytes(9))
    found = walk(tmp_path, OWN, exclude=["cache/*", "cache", "*.g?", "[1].jpg", "back\\*"])
    assert found.number("files") == 11 + len(odd) - 3
    assert "cache/" not in found.features
    assert failing(found) == []


def test_links_lead_to_where_the_application_has_them(tmp_path: Path) -> None:
    sound(tmp_path)
    for name, target in (("in", "/var/www/photos/a.jpg"), ("up", ".."), ("to", "photos/a.jpg"),
                         ("out", "/usr/share/x"), ("gone", "/var/www/photos/z.jpg")):  # fmt: skip
        (tmp_path / name).symlink_to(target)
    found = walk(tmp_path, OWN, mounted="/var/www")
    assert sorted(found.examples["dangling"]) == [
        "gone: to /var/www/photos/z.jpg ", "out: to /usr/share/x "
    ]  # fmt: skip
    assert failing(found) == [], "where a link leads out of the volume cannot be told at first"


def test_links_alone_are_no_files(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jpg").symlink_to(f"/store/{number}")
    assert failing(walk(tmp_path, OWN)) == ["there are files", "links lead somewhere"]


def test_nearly_all_empty_is_found_at_first(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.dat").write_bytes(b"" if number else NOISE)
    assert failing(walk(tmp_path, OWN)) == ["files are not empty"]


def test_an_empty_snapshot_that_may_be_proves_nothing(tmp_path: Path) -> None:
    found = replace(walk(tmp_path, OWN), was_empty=True)
    assert failing(found) == []
    assert all(answer(one.title, found).unmeasured for one in PARTS)


def test_a_claim_of_which_nothing_was_known_is_not_measured(tmp_path: Path) -> None:
    sound(tmp_path)
    found = walk(tmp_path, OWN)
    assert failing(replace(found, name="new"), found) == []


@pytest.mark.parametrize(
    ("state", "log", "said"),
    [
        ({"exitCode": 1}, ["find: ./x: Permission denied"], "Permission denied"),
        ({"exitCode": 0}, ["n\twalked\t1"], "n walked 1"),
        ({"exitCode": 0}, [], "no output"),
    ],
)
def test_a_walk_without_its_end_is_no_answer(state: Object, log: list[str], said: str) -> None:
    with pytest.raises(CheckUnableError, match=said):
        parsed(Ended("walker", state, log))


STATUS = """\
Uid: 0 0 0 0
Gid: 0 0 0 0
Groups:
CapEff: 00000000a80425fb
Uid: 33 33 33 33
Gid: 33 33 33 33
Groups: 33 100
CapEff: 0000000000000000
"""


def test_users_are_those_of_the_processes() -> None:
    root, server = running(STATUS)
    assert root == User(0, frozenset([0]), may_all=True)
    assert server == User(33, frozenset([33, 100]))
    assert (str(root), str(server)) == ("root", "user 33")


def pod(image: str = "wordpress:6", **security: Any) -> Object:
    mount = {"name": "files", "mountPath": "/var/www", "subPath": "site"}
    main = {"name": "main", "image": image, "volumeMounts": [mount]}
    return {
        "metadata": {"name": "web"},
        "spec": {
            "securityContext": security,
            "containers": [main, {"name": "sidecar", "image": "exporter"}],
            "volumes": [{"name": "files", "persistentVolumeClaim": {"claimName": "uploads"}}],
        },
    }


def test_who_mounts_a_claim_and_where() -> None:
    (mount,) = mounts_of("uploads", [pod(runAsUser=1000, fsGroup=2000, supplementalGroups=[7])])
    assert mount.container["name"] == "main"
    assert declared(mount) == [User(1000, frozenset([0, 2000, 7]))]
    assert [place_in(mount, one) for one in ("site", "site/a", "", "other")] == [
        "/var/www", "/var/www/a", "", ""
    ]  # fmt: skip
    assert declared(mounts_of("uploads", [pod()])[0]) == []
    assert mounts_of("other", [pod()]) == []


async def test_root_only_starts_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def execute(*_: object) -> Any:
        return subprocess.CompletedProcess([], 0, STATUS)

    monkeypatch.setattr(readers, "execute", execute)
    found = await readers.users_of(mounts_of("uploads", [pod()]), cast("Any", None), "x")
    assert found == [User(33, frozenset([33, 100]))]


def place(name: str, claim: str) -> Restored:
    return Restored(name, claim, "", cast("Any", None), "ab" * 32, "/data", "restic", 3)


def test_databases_are_left_to_their_own_sets() -> None:
    restored = [place("uploads", "uploads"), place("more", "more")]
    pods = [pod("docker.io/library/mariadb:11")]
    assert is_a_databases("uploads", pods)
    assert chosen(StandardCheck(set="files"), restored, pods) == restored[1:]
    assert chosen(StandardCheck(set="files", restores=["uploads"]), restored, pods) == restored[:1]
    with pytest.raises(CheckUnableError, match="restores into claims: uploads"):
        chosen(StandardCheck(set="files"), restored[:1], pods)


async def test_all_parts_share_one_walk_and_a_retry_walks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walks = []

    class Cluster:
        async def list_all(self, *_: object) -> list[Object]:
            return []

    async def run(asked: Program, *_: object) -> Ended:
        walks.append(dict(asked.env))
        return Ended("walker", {"exitCode": 0}, ["n\twalked\t1", "n\tfiles\t3", "n\tdangling\t0"])

    monkeypatch.setattr(program, "run", run)
    app = Sandbox(cast("Any", Cluster()), "x", "web", cast("Any", None), restored=[place("a", "b")])
    one = Survey(StandardCheck(set="files", exclude=["tmp/*"]), "files")
    for part in PARTS:
        (found,) = await one.get(app, part.title)
        assert (found.name, found.number("files")) == ("a", 3)
    assert len(walks) == 1
    assert walks[0]["EXCLUDE"] == "^(tmp/.*)$"
    await one.get(app, PARTS[0].title)
    assert len(walks) == 2


def test_each_part_is_a_question() -> None:
    asked = questions([Check.model_validate({"standard": "files"})])
    assert [one.name for one in asked] == [f"files: {one.title}" for one in PARTS]
    assert [one.name for one in asked if one.reads_data] == [
        "files: there are files", "files: files are whole"
    ]  # fmt: skip
