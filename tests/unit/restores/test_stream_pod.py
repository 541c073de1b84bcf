"""The pod that streams a dump, and the program that watches it pass."""

import bz2
import gzip
import json
import lzma
import os
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError
from stream_fakes import planned, restore, service

from provisioner.errors import ConfigurationError
from provisioner.restores.stream import pod as stream_pod
from provisioner.restores.stream.pod import manifest
from provisioner.restores.stream.services import refuse_missing_services, service_of

PLAIN = b"--\n-- PostgreSQL database dump\n--\n" + b"INSERT INTO a VALUES (1);\n" * 9000
END = b"--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict x\n"
POSTS = b"-- MariaDB dump 10.19\n" + b"INSERT INTO a VALUES (1);\n" * 9


def passed(folder: Path, dump: bytes, exit_code: int = 0) -> tuple[dict[str, object], bytes]:
    """What the program says of a dump in the end, and what came through the pipe."""
    for name in ("cache", "pipe", "bin"):
        (folder / name).mkdir()
    (folder / "dump").write_bytes(dump)
    restic = folder / "bin" / "restic"
    restic.write_text(f"#!/bin/sh\ncat {folder}/dump\nexit {exit_code}\n")
    restic.chmod(0o755)
    zstd = folder / "bin" / "zstd"
    zstd.write_text("#!/bin/sh\nexec tail -c +3\n")
    zstd.chmod(0o755)
    program = stream_pod._SCRIPT.replace("cd /cache", f"cd {folder}/cache")
    program = program.replace("/provisioner-dump", str(folder / "pipe"))
    client = f"until [ -p {folder}/pipe/pipe ]; do sleep 0.01; done; cat {folder}/pipe/pipe"
    with (folder / "log").open("w") as log:
        env = {"PATH": f"{folder}/bin:/usr/bin:/bin"}
        argv = ["sh", "-c", program, "restic", "f" * 64, "/shop.sql", str(len(dump))]
        running = subprocess.Popen(argv, env=env, stdout=log, stderr=log)
        taken = subprocess.run(["sh", "-c", client], capture_output=True, check=True).stdout
        assert running.wait(timeout=20) == exit_code
    said: dict[str, object] = json.loads((folder / "log").read_text().splitlines()[-1])
    return said, taken


@pytest.mark.parametrize(
    ("dump", "cut"),
    [
        (PLAIN + END, ""),
        (PLAIN, "pg_dump did not end it"),
        (PLAIN[:300], "pg_dump did not end it"),
        (PLAIN[:300] + END, ""),
        (b"-- PostgreSQL database cluster dump\n" + PLAIN + END, "pg_dumpall did not end it"),
        (POSTS + b"-- Dump completed on 2026-03-01\n", ""),
        (POSTS, "mariadb-dump did not end it"),
        (b"-- MySQL dump 10.13\n", "mysqldump did not end it"),
        (gzip.compress(PLAIN + END), ""),
        (gzip.compress(PLAIN), "pg_dump did not end it"),
        (gzip.compress(PLAIN + END)[:-9], "its compressed data is cut short"),
        (lzma.compress(PLAIN + END), ""),
        (lzma.compress(PLAIN), "pg_dump did not end it"),
        (lzma.compress(PLAIN + END)[:-20], "its compressed data is cut short"),
        (bz2.compress(PLAIN + END), ""),
        (bz2.compress(PLAIN), "pg_dump did not end it"),
        (bz2.compress(PLAIN + END)[:-9], "its compressed data is cut short"),
        (b"\x28\xb5" + PLAIN + END, ""),
        (b"\x28\xb5" + PLAIN, "pg_dump did not end it"),
        (b"PGDMP\0\1\2" + bytes(range(256)) * 2000, ""),
        (b"", ""),
    ],
)
def test_a_dump_passes_unchanged_and_is_seen_to_be_whole(
    tmp_path: Path, dump: bytes, cut: str
) -> None:
    said, taken = passed(tmp_path, dump)
    assert taken == dump
    cuts = cut if not cut.startswith("its") else said["cut"]
    assert said == {"message_type": "dumped", "exit_code": 0, "piped": 0, "cut": cuts}
    assert bool(said["cut"]) == bool(cut)


def test_the_exit_code_of_restic_is_told(tmp_path: Path) -> None:
    said, _ = passed(tmp_path, PLAIN + END, exit_code=3)
    assert said["exit_code"] == 3


def loaded(folder: Path, dump: bytes, *command: str) -> subprocess.CompletedProcess[bytes]:
    """How the client's side of the pipe ends."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    program = stream_pod._CLIENT_SCRIPT.replace(stream_pod._PIPE, str(pipe))
    (folder / "dump").write_bytes(dump)
    writer = subprocess.Popen(["sh", "-c", f"cat {folder}/dump > {pipe}"])
    argv = ["sh", "-c", program, "sh", *command]
    ended = subprocess.run(argv, capture_output=True, check=False, timeout=20)
    writer.wait(timeout=20)
    return ended


@pytest.mark.parametrize("command", [["true"], ["head", "-n1"], ["sh", "-c", "read first"]])
def test_a_client_that_leaves_a_dump_unread_does_not_end_well(
    tmp_path: Path, command: list[str]
) -> None:
    ended = loaded(tmp_path, b"-- a dump\nCREATE TABLE a ();\n" * 999, *command)
    assert ended.returncode == 1
    assert stream_pod.UNREAD.encode() in ended.stderr


@pytest.mark.parametrize("dump", [PLAIN + END, b"", b"\0\1\n\0", b"no newline"])
def test_a_client_that_reads_all_ends_as_it_does(tmp_path: Path, dump: bytes) -> None:
    ended = loaded(tmp_path, dump, "cat")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, dump, b"")


def test_a_client_that_fails_ends_as_it_does_and_speaks_for_itself(tmp_path: Path) -> None:
    ended = loaded(tmp_path, b"x" * 100, "sh", "-c", "echo no such role >&2; exit 7")
    assert (ended.returncode, ended.stderr) == (7, b"no such role\n")


def test_zeros_behind_an_archives_end_are_no_part_of_it(tmp_path: Path) -> None:
    assert loaded(tmp_path, b"archive" + bytes(99), "head", "-c7").returncode == 0


@pytest.mark.parametrize(("left", "exit_code"), [(END, 0), (b"x" * 99, 1)])
def test_only_the_script_behind_a_tar_dump_may_be_left_by_pg_restore(
    tmp_path: Path, left: bytes, exit_code: int
) -> None:
    program = tmp_path / "pg_restore"
    program.write_text("#!/bin/sh\nexec head -c7 >/dev/null\n")
    program.chmod(0o755)
    script = b"\n-- File paths need to be edited\n" * 9999
    assert loaded(tmp_path, b"members" + script + left, str(program)).returncode == exit_code


def test_the_repository_is_restics_alone_and_the_claims_are_the_services() -> None:
    pod = manifest(planned(env={"PGPASSWORD": "$(POSTGRES_PASSWORD)"}), 60)["spec"]
    restic, client = pod["containers"]
    assert restic["envFrom"] == [{"secretRef": {"name": "restore-db"}}]
    assert "envFrom" not in client
    assert client["image"] == "postgres:17"
    assert client["securityContext"] == {"runAsUser": 999}
    assert [one["name"] for one in client["env"]] == ["POSTGRES_PASSWORD", "PGPASSWORD"]
    assert [one["name"] for one in client["volumeMounts"]] == ["password", "dump"]
    assert not any("persistentVolumeClaim" in one for one in pod["volumes"])


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        ({"workload": "StatefulSet/other"}, "the chart makes no StatefulSet/other"),
        ({"container": "other"}, "has no container other"),
        ({"needs": ["Deployment/pooler"]}, "the chart makes no Deployment/pooler"),
    ],
)
def test_a_service_that_the_chart_does_not_make(stream: dict[str, object], error: str) -> None:
    with pytest.raises(ConfigurationError, match=error):
        service_of(restore(**stream), [service()])


def test_a_service_without_replicas_can_load_nothing() -> None:
    none = service()
    none["spec"]["replicas"] = 0
    with pytest.raises(ConfigurationError, match="0 replicas"):
        service_of(restore(), [none])


def test_hooks_before_and_after_cannot_be_told_apart() -> None:
    hooks = [
        {"kind": "Job", "metadata": {"name": event, "annotations": {"helm.sh/hook": event}}}
        for event in ("pre-install", "post-install")
    ]
    refuse_missing_services([restore()], [service(), hooks[1]])
    with pytest.raises(ConfigurationError, match="hooks both before and after"):
        refuse_missing_services([restore()], [service(), *hooks])


def test_psql_has_to_stop_at_errors() -> None:
    with pytest.raises(ValidationError, match="ON_ERROR_STOP"):
        restore(command=["sh", "-c", "gunzip | psql shop"])
    restore(command=["psql", "-v", "ON_ERROR_STOP=1"])


@pytest.mark.parametrize(
    "command",
    [
        ["mariadb", "--force", "shop"],
        ["mysql", "shop", "-f"],
        ["bash", "-c", "mariadb --host=db --force shop"],
    ],
)
def test_mysql_has_to_stop_at_errors(command: list[str]) -> None:
    with pytest.raises(ValidationError, match="--force"):
        restore(command=command)
    restore(command=["bash", "-c", "rm -f /tmp/x; mariadb --host=db shop"])


def test_what_unpacks_a_dump_may_not_fail_unseen() -> None:
    with pytest.raises(ValidationError, match="pipefail"):
        restore(command=["sh", "-c", "xz -dc | mariadb shop"])
    restore(command=["bash", "-o", "pipefail", "-c", "xz -dc | mariadb shop"])
    restore(command=["sh", "-c", "xz -dc >/tmp/x || exit 3; until ping | grep ok; do :; done"])
