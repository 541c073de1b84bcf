"""restic beside the pipeline: what it is given, and what its refusals mean."""

import json
import stat
from pathlib import Path

import pytest

from provisioner.errors import (
    BackupError,
    ConfigurationError,
    RepositoryError,
    UnclearError,
)
from provisioner.models.verifier import Repository
from provisioner.redaction import redacted
from provisioner.repositories.restic import ResticRepository, credentials, folder_of, port
from provisioner.repositories.snapshot import Snapshot
from provisioner.repositories.tally import Entry, Look

SNAPSHOT = {
    "id": "a" * 64,
    "time": "2026-03-01T12:00:00.123456789+01:00",
    "hostname": "blog",
    "paths": ["/data"],
    "tags": ["nightly", "session=7"],
    "summary": {"total_bytes_processed": 10, "total_files_processed": 2},
}


def repository(url: str = "rest:http://user:pass@10.0.0.1:8000/blog") -> Repository:
    return Repository.model_validate({"name": "blog", "restic": {"url": url, "secret": "restic"}})


def fake_restic(folder: Path, script: str) -> str:
    """A program that answers as restic would; its output is the test's."""
    path = folder / "restic"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def opened(folder: Path, script: str) -> ResticRepository:
    return ResticRepository(repository(), {"RESTIC_PASSWORD": "x"}, fake_restic(folder, script))


def test_snapshot_as_restic_lists_it() -> None:
    one = Snapshot.from_restic(SNAPSHOT)
    assert (one.id, one.host, one.bytes, one.files) == ("a" * 64, "blog", 10, 2)
    assert one.time.utcoffset() is not None
    assert one.key("session") == "7"
    assert one.key("missing") is None


def test_snapshot_of_an_older_restic_has_no_summary() -> None:
    bare = {"id": "b", "time": "2020-01-01T00:00:00Z", "paths": ["/"]}
    assert Snapshot.from_restic(bare).bytes is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/srv/backup", None),
        ("local:/srv/backup", None),
        ("rest:http://10.0.0.1:8000/blog", 8000),
        ("rest:https://user:pass@backup.example.test/blog", 443),
        ("s3:http://10.0.0.1:9000/bucket", 9000),
        ("s3:s3.amazonaws.com/bucket", 443),
        ("s3:https://objects.example.test/bucket", 443),
        ("sftp:user@host:/srv", 22),
        ("b2:bucket:path", 443),
        ("azure:container:/", 443),
    ],
)
def test_port_that_a_restore_must_reach(url: str, expected: int | None) -> None:
    assert port(url) == expected


def test_password_in_a_url_is_never_shown() -> None:
    assert redacted("rest:http://user:pass@host/x") == "rest:http://host/x"


def test_credentials_are_what_restic_knows_and_the_url() -> None:
    secret = {"RESTIC_PASSWORD": "p", "AWS_ACCESS_KEY_ID": "k", "PATH": "/evil", "LD_PRELOAD": "x"}
    assert credentials(repository(), secret) == {
        "RESTIC_PASSWORD": "p",
        "AWS_ACCESS_KEY_ID": "k",
        "RESTIC_REPOSITORY": "rest:http://user:pass@10.0.0.1:8000/blog",
    }


@pytest.mark.parametrize("key", ["RESTIC_PASSWORD_COMMAND", "RESTIC_PASSWORD_FILE"])
def test_secret_cannot_make_us_run_or_read_what_is_ours(key: str) -> None:
    with pytest.raises(ConfigurationError, match=key):
        credentials(repository(), {"RESTIC_PASSWORD": "p", key: "cat /etc/shadow"})


def test_secret_without_a_password_names_its_keys() -> None:
    with pytest.raises(ConfigurationError, match="no key RESTIC_PASSWORD") as caught:
        credentials(repository(), {"password": "p"})
    assert "password" in caught.value.hint


async def test_snapshots_are_listed_without_lock_and_without_cache(tmp_path: Path) -> None:
    answer = json.dumps([SNAPSHOT])
    script = f"case \"$*\" in *--no-lock*--no-cache*) echo '{answer}';; *) exit 9;; esac"
    found = await opened(tmp_path, script).listing()
    assert [one.id for one in found.snapshots] == ["a" * 64]
    assert found.unread == {}
    assert await opened(tmp_path, script).holds("a" * 64)
    assert not await opened(tmp_path, script).holds("b" * 64)


DAMAGED = f'Ignoring "{"b" * 64}": failed to load snapshot bbbbbbbb: %s'


def passing_over(why: str, times: int = 9) -> str:
    """As restic 0.19.1 does it: on stderr alone, and it ends well."""
    said = f"if [ \"$n\" -le {times} ]; then echo '{DAMAGED % why}' >&2; fi"
    count = 'echo >> "$0.count"; n=$(wc -l < "$0.count")'
    return f"{count}; {said}; echo '{json.dumps([SNAPSHOT])}'"


async def test_a_snapshot_that_restic_passes_over_is_told(tmp_path: Path) -> None:
    damage = "LoadRaw(<snapshot/bbbbbbbbbb>): invalid data returned"
    repository = opened(tmp_path, passing_over(damage))
    found = await repository.listing()
    assert [one.id for one in found.snapshots] == ["a" * 64]
    assert found.unread == {"b" * 64: f"failed to load snapshot bbbbbbbb: {damage}"}
    assert await repository.holds("b" * 64)


async def test_a_snapshot_that_is_removed_while_it_is_listed_is_not_there(tmp_path: Path) -> None:
    script = passing_over("open /r/snapshots/bb: no such file or directory", times=1)
    assert (await opened(tmp_path, script).listing()).unread == {}


async def test_a_snapshot_that_nobody_can_reach_is_the_repositorys_fault(tmp_path: Path) -> None:
    script = passing_over("Get x: connection refused")
    with pytest.raises(RepositoryError, match=r"snapshot bbbbbbbb: .*connection refused"):
        await opened(tmp_path, script).listing()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(10, "no repository there"), (11, "locked"), (12, "wrong password"), (1, "dial tcp: refused")],
)
async def test_refusals(tmp_path: Path, code: int, sentence: str) -> None:
    said = '{"message_type":"exit_error","code":1,"message":"Fatal: dial tcp: refused"}'
    with pytest.raises(RepositoryError, match=sentence) as caught:
        await opened(tmp_path, f"echo '{said}' >&2; exit {code}").listing()
    assert "pass" not in caught.value.message.replace("wrong password", "")


async def test_no_restic_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="restic cannot be run"):
        await ResticRepository(repository(), {}, str(tmp_path / "none")).listing()


@pytest.mark.parametrize(
    ("paths", "folder"), [(["/data"], "/data"), (["/data", "/etc"], "/"), ([], "/")]
)
def test_the_folder_that_holds_the_data(paths: list[str], folder: str) -> None:
    assert folder_of(Snapshot.from_restic({**SNAPSHOT, "paths": paths})) == folder


NODE = {"type": "file", "path": "/a", "uid": 1, "gid": 2, "size": 3, "mode": 0o640}


async def test_a_listing_comes_entry_by_entry(tmp_path: Path) -> None:
    lines = [json.dumps({**one, "struct_type": "node"}) for one in (NODE, {**NODE, "path": "/b"})]
    said = "\n".join([json.dumps({"struct_type": "snapshot"}), *lines])
    script = f"[ \"$2 $3\" = '--json ab:/data' ] || exit 9; cat <<'E'\n{said}\nE"
    found: list[Entry] = []
    await opened(tmp_path, script).list_files("ab", "/data", found.append)
    assert found == [Entry(path, Look("file", 1, 2, 0o640), 3) for path in "ab"]


async def test_a_file_comes_as_it_is_read(tmp_path: Path) -> None:
    script = '[ "$1 $2 $3" = "dump ab /data/x" ] && head -c 300000 /dev/zero'
    taken: list[bytes] = []
    await opened(tmp_path, script).read_file("ab", "/data/x", taken.append)
    assert sum(map(len, taken)) == 300_000
    assert max(map(len, taken)) <= 64 * 1024


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("ciphertext verification failed", BackupError),
        ("id 8a5b8f8d not found in repository", BackupError),
        ("dial tcp: connection refused", RepositoryError),
        ("no matching ID found for prefix", UnclearError),
    ],
)
async def test_a_listing_that_broke_off_is_judged_by_what_restic_says(
    tmp_path: Path, said: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match="the listing of snapshot abcdefab of repository blog"):
        await opened(tmp_path, f"echo '{said}' >&2; exit 1").list_files("abcdefabcd", "/", print)
    with pytest.raises(RepositoryError, match="wrong password"):
        await opened(tmp_path, "exit 12").list_files("abcdefabcd", "/", print)


async def test_silence_is_told_with_what_restic_tried_again_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.repositories.restic.ANSWER_SECONDS", 0.5)
    url = "http://user:pass@10.0.0.1:8000"
    said = f'Stat(<config/>) returned error, retrying after 1.1s: Head "{url}/config": refused'
    with pytest.raises(RepositoryError) as caught:
        await opened(tmp_path, f"echo '{said}' >&2; exec sleep 600").listing()
    assert caught.value.message == (
        "repository blog (rest:http://10.0.0.1:8000/blog) cannot be read:"
        ' no answer within 0 s; Head "http://10.0.0.1:8000/config": refused'
    )
    with pytest.raises(RepositoryError, match=r"no answer within 0 s$"):
        await opened(tmp_path, "exec sleep 600").listing()
