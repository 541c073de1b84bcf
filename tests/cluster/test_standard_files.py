"""``standard: files`` by itself: on good files, and on the same after what happens to files."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp
from tests.cluster.provisioner import Ended, Provisioner

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x01 and so on"
USER = {"podSecurityContext": {"runAsUser": 1000, "runAsGroup": 1000}}


def by_part(ended: Ended) -> dict[str, dict[str, Any]]:
    return {one["name"].removeprefix("files: "): one for one in ended.report["checks"]}


def fill(folder: Path) -> None:
    (folder / "photos").mkdir()
    for number in range(20):
        one = folder / "photos" / f"{number}.jpg"
        one.write_bytes(JPEG + b"." * number + b"\xff\xd9")
        os.chown(one, 1000, 1000)
    (folder / "newest").symlink_to("/data/photos/19.jpg")


@pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
def test_good_files_pass_and_prove_and_damaged_ones_are_found(
    provisioner: Provisioner, app: FilesApp
) -> None:
    fill(app.data)
    app.back_up("session=1")
    document = app.verifier(USER, checks=[{"standard": "files"}])
    first = provisioner.run(document)
    assert first.verdict == ("Passed", None), first.report
    assert first.report["evidence"] == "proven"
    good = by_part(first)
    assert good["there are files"]["saw"].startswith("files: 21 files, ")
    assert good["all can be read"]["saw"] == "files: user 1000 may read all 23 files and folders"
    assert good["all stayed writable"]["saw"] == "files: user 1000 may write to 20 of 23"
    assert good["links lead somewhere"]["saw"].startswith("files: 0 of 1 links"), "as it mounts it"
    assert good["files are whole"]["saw"] == "files: 21 looked into, 21 of known formats: all whole"

    photos = sorted((app.data / "photos").iterdir())
    photos[0].chmod(0)
    os.chown(photos[1], 0, 0)
    photos[1].chmod(0o600)
    for one in photos[2:6]:
        os.truncate(one, 20)
    for one in photos[6:11]:
        one.write_bytes(bytes(one.stat().st_size))
    (app.data / "photos" / "19.jpg").unlink()
    app.back_up("session=2")
    second = provisioner.run(document)
    assert second.verdict == ("Failed", "Check"), second.report
    bad = by_part(second)
    assert [name for name, one in bad.items() if one["state"] == "Failed"] == [
        "there are files", "all can be read", "all stayed writable", "files are not empty",
        "links lead somewhere", "files are whole",
    ]  # fmt: skip
    assert "photos/0.jpg: of 1000:1000, mode 0" in bad["all can be read"]["saw"]
    assert "photos/1.jpg: of 0:0, mode 600" in bad["all can be read"]["saw"]
    assert "newest: to /data/photos/19.jpg" in bad["links lead somewhere"]["saw"]
    assert "9 of 20 are damaged" in bad["files are whole"]["saw"]


@pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
def test_without_an_application_each_file_has_to_be_its_owners_to_read(
    provisioner: Provisioner, app: FilesApp
) -> None:
    fill(app.data)
    (app.data / "photos" / "7.jpg").chmod(0)
    app.back_up("session=1")
    document = app.verifier(checks=[{"standard": "files"}])
    for name in ("application", "readiness"):
        del document["spec"][name]
    ended = provisioner.run(document)
    assert ended.verdict == ("Failed", "Check"), ended.report
    found = {name for name, one in by_part(ended).items() if one["state"] == "Failed"}
    assert found == {"all can be read"}
    saw = by_part(ended)["all can be read"]["saw"]
    assert saw.startswith("files: 1 of 23 cannot be read by their own owner: photos/7.jpg")
