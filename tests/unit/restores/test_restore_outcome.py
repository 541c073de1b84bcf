"""What a restore's end means."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from restore_fakes import FULL, ended, planned

from provisioner import errors
from provisioner.cluster.room import as_no_room
from provisioner.restores.pods import pod
from provisioner.restores.pods.log import ENDED, ERRORS_KEPT, ResticLog, read_line
from provisioner.restores.pods.manifest import manifest
from provisioner.restores.pods.outcome import judge, lies_elsewhere, second_try
from provisioner.restores.pods.pod import Ended


def test_data_that_came_back_is_no_error() -> None:
    judge(planned(), FULL, ended(0, "Completed"))


def log_with(*messages: str) -> ResticLog:
    log = ResticLog(files=10, bytes=1000, summary=True)
    for one in messages:
        log = log.with_error(one)
    return log


@pytest.mark.parametrize(
    ("log", "end", "error", "sentence"),
    [
        (ResticLog(summary=True), ended(0), errors.BackupError, "brought back 0 files"),
        (ResticLog(files=3, summary=True), ended(0), errors.BackupError, "and 0 bytes"),
        (ResticLog(), ended(0), errors.UnclearError, "log could not be read"),
        (FULL, ended(12), errors.RepositoryError, "wrong password"),
        (FULL, ended(10), errors.RepositoryError, "no repository there"),
        (FULL, ended(137, "OOMKilled"), errors.CapacityError, "ran out of memory"),
        (log_with("write /restore/x: no space left on device"), ended(1), errors.CapacityError,
         "claim data is full"),
        (log_with("dial tcp 10.0.0.1:8000: connection refused"), ended(1), errors.RepositoryError,
         "exit code 1"),
        (log_with("ciphertext verification failed"), ended(1), errors.BackupError, "ciphertext"),
        (log_with("path a: decrypting blob <tree/5a87> from pack 0684 failed: nonce is invalid"),
         ended(1), errors.BackupError, "nonce is invalid"),
        (log_with("something never seen before"), ended(1), errors.UnclearError, "never seen"),
    ],
)  # fmt: skip
def test_by_whose_fault(log: ResticLog, end: Ended, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        judge(planned(), log, end)


PACK = "614306e9a5" + "4035003401" + "c" * 44
MISSING = f"open /repo/data/61/{PACK}: no such file or directory"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        # Damage that restic is sure of; the ids hold 401, 403 and 500.
        (f"decrypting blob <data/aed40353> from pack {PACK} failed:"
         " ciphertext verification failed", errors.BackupError),
        ("LoadRaw(<index/d3640da500>): invalid data returned", errors.BackupError),
        ("ReadFull(<data/d7d4017842>): file is too short", errors.BackupError),
        ("path tmp: ReadFull(<data/0c2b668dc4>): cached file <data/0c2b668dc4> is too short",
         errors.BackupError),
        # A part of the repository that is not there any more.
        (f"ReadFull(<data/614306e9a5>): {MISSING}", errors.BackupError),
        ("ReadFull(<data/614306e9a5>): <data/614306e9a5> does not exist", errors.BackupError),
        ("ReadFull(<data/614306e9a5>): The specified key does not exist.", errors.BackupError),
        (f"path tmp: id {PACK} not found in repository", errors.BackupError),
        # The way there.
        ("Load(<data/614306e9a5>, 10, 0) failed: unexpected HTTP response (503): 503 Service"
         " Unavailable", errors.RepositoryError),
        ("unable to open config file: unexpected HTTP response (401): 401 Unauthorized",
         errors.RepositoryError),
        ("Load(<data/614306e9a5>) failed: The specified bucket does not exist",
         errors.RepositoryError),
        ("ReadFull(<data/614306e9a5>): open /repo/data/61/x: permission denied",
         errors.RepositoryError),
        # Nobody's fault for certain.
        ("ReadFull(<data/614306e9a5>): unexpected EOF", errors.UnclearError),
        ("cannot create target directory: mkdir /restore/x: no such file or directory",
         errors.UnclearError),
        ("lchown /restore/401/503.jpg: no such file or directory", errors.UnclearError),
        ("unexpected HTTP response (404): 404 Not Found", errors.UnclearError),
        ("unable to load tree: EOF", errors.UnclearError),
        ("Load(<data/614306e9a5>) returned error, retrying after 1s: file is too short",
         errors.UnclearError),
        ("<snapshot/7c3e0a7fa9> does not exist", errors.UnclearError),
    ],
)  # fmt: skip
def test_real_error_texts(said: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        judge(planned(), log_with(said, "Fatal: There were 2 errors"), ended(1))
    assert type(caught.value) is error


def test_a_file_whose_name_reads_like_an_error_is_none() -> None:
    log = ResticLog().with_error("lchown: operation not permitted", "/connection refused")
    with pytest.raises(errors.UnclearError):
        judge(planned(), log, ended(1))


def test_definite_damage_wins_over_what_it_led_to() -> None:
    damaged = "decrypting blob <data/a> failed: ciphertext verification failed"
    refused = "dial tcp 10.0.0.1:8000: connect: connection refused"
    with pytest.raises(errors.BackupError, match="ciphertext"):
        judge(planned(), log_with(refused, damaged, *["lchown x"] * 60), ended(1))


def test_without_a_log_the_kubelets_last_words_count() -> None:
    said = '{"message_type":"exit_error","code":1,"message":"id ab12 not found in repository"}'
    with pytest.raises(errors.BackupError, match="not found"):
        judge(planned(), ResticLog(), ended(1, message=said))


def test_errors_do_not_pile_up() -> None:
    log = ResticLog()
    for index in range(1000):
        log, _ = read_line(log, f"error {index}", "database")
    assert (len(log.errors), log.error_count) == (ERRORS_KEPT, 1000)
    assert log.errors[-1] == "error 999"
    with pytest.raises(errors.UnclearError) as caught:
        judge(planned(), log, ended(1))
    assert caught.value.details[0] == "1000 errors, the last 15 of them:"


def test_a_line_that_is_json_and_no_message_is_kept_as_text() -> None:
    assert read_line(ResticLog(), "404", "database")[0].errors == ("404",)


def test_a_quota_that_refuses_a_claim_is_a_matter_of_room() -> None:
    said = 'persistentvolumeclaims "d" is forbidden: exceeded quota: verify (403)'
    assert type(as_no_room(errors.ClusterError(said, status=403))) is errors.CapacityError
    assert type(as_no_room(errors.ClusterError("forbidden", status=403))) is errors.ClusterError


def test_summary_of_a_failed_restore_is_not_believed() -> None:
    with pytest.raises(errors.UnclearError):
        judge(planned(), FULL, ended(1))


@pytest.mark.parametrize(
    ("said", "root", "elsewhere"),
    [
        ("path srv: not found", "/srv/data", True),
        ("path dump.sql: not a directory", "/dump.sql", True),
        ("path srv: not found", "/", False),
        ("open /data/path srv: not found", "/srv/data", False),
        ("ciphertext verification failed", "/srv/data", False),
    ],
)
def test_a_folder_that_the_snapshot_does_not_have(said: str, root: str, elsewhere: bool) -> None:
    line = json.dumps({"message_type": "exit_error", "code": 1, "message": said})
    log, _ = read_line(ResticLog(), line, "database")
    assert lies_elsewhere(planned(root), log) is elsewhere


@pytest.mark.parametrize(
    ("root", "sub_path", "files", "elsewhere"),
    [
        ("/data", "site", 0, True),
        ("/data", "site", 3, False),
        ("/data", "", 0, False),
        ("/", "site", 0, False),
    ],
)
def test_a_folder_of_which_nothing_comes_may_lie_elsewhere(
    root: str, sub_path: str, files: int, elsewhere: bool
) -> None:
    """What restic is told to include, and does not find, it is silent about: also a file."""
    one = planned(root, sub_path=sub_path)
    assert lies_elsewhere(one, replace(FULL, files=files)) is elsewhere


GONE = "ReadFull(<data/8dbb03c27c>): open /r/data/8d/8d: no such file or directory"


@pytest.mark.parametrize(
    ("said", "again"),
    [
        ([GONE], "/srv/data"),
        ([GONE, "ciphertext verification failed"], None),
        (["ciphertext verification failed"], None),
        (["connection refused"], None),
        (["path srv: not found"], "/"),
        ([], None),
    ],
)
def test_what_a_prune_may_have_packed_anew_is_asked_for_once_more(
    said: list[str], again: str | None
) -> None:
    log = ResticLog()
    for one in said:
        log = log.with_error(one)
    found = second_try(planned("/srv/data"), log, ended(1))
    assert (found.root if found else None) == again


def test_what_restic_found_by_itself_after_all_is_not_asked_for_again() -> None:
    assert second_try(planned("/srv/data"), ResticLog().with_error(GONE), ended(0)) is None


def test_progress_of_a_status_line() -> None:
    line = (
        '{"message_type":"status","seconds_elapsed":2,"percent_done":0.5,"total_files":4,'
        '"files_restored":1,"total_bytes":2000,"bytes_restored":1000}'
    )
    log, progress = read_line(ResticLog(), line, "database")
    assert log == ResticLog()
    assert progress is not None
    assert (progress.bytes_done, progress.bytes_total, progress.rate) == (1000, 2000, 500.0)


def test_errors_and_summary_are_kept_and_urls_are_redacted() -> None:
    log = ResticLog()
    for line in (
        '{"message_type":"error","error":{"message":"load http://u:p@host/x: 404"},"item":"/a"}',
        "plain text of an older restic",
        '{"message_type":"summary","seconds_elapsed":3,"files_restored":4,"bytes_restored":2000}',
    ):
        log, _ = read_line(log, line, "database")
    assert log.errors == ("/a: load http://host/x: 404", "plain text of an older restic")
    assert (log.files, log.bytes, log.seconds, log.summary) == (4, 2000, 3.0, True)


def test_pod_runs_with_the_workloads_group_and_placement() -> None:
    workload = {
        "securityContext": {
            "fsGroup": 999,
            "fsGroupChangePolicy": "OnRootMismatch",
            "runAsUser": 9,
        },
        "nodeSelector": {"disk": "fast"},
    }
    mounting = {"kind": "Pod", "metadata": {"name": "web"}, "spec": workload}
    spec = manifest(planned(workload=mounting), 60)["spec"]
    assert spec["securityContext"]["fsGroup"] == 999
    assert spec["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    assert spec["securityContext"]["runAsUser"] == 0
    assert spec["nodeSelector"] == {"disk": "fast"}
    assert spec["automountServiceAccountToken"] is False


@pytest.mark.parametrize(("root", "source"), [("/", "f" * 64), ("/data", "f" * 64 + ":/data")])
def test_pod_restores_the_pinned_snapshot(root: str, source: str) -> None:
    container = manifest(planned(root), 60)["spec"]["containers"][0]
    assert container["args"][:2] == ["restore", source]
    assert "--no-lock" in container["args"]


@pytest.mark.parametrize(
    ("root", "sub_path", "source", "place", "only"),
    [
        ("/data", "", ":/data", "/restore", []),
        ("/data", "pgdata", "", "/restore/data", ["--include=/data/*"]),
        ("/srv/pg", "a/b", ":/srv", "/restore/pg", ["--include=/pg/*"]),
        ("/srv/p[g]*", "a", ":/srv", "/restore/p[g]*", [r"--include=/p\[g\]\*/*"]),
        ("/", "pgdata", "", "/restore", []),
    ],
)
def test_pod_gives_a_folder_of_a_claim_its_own_owner_and_mode(
    root: str, sub_path: str, source: str, place: str, only: list[str]
) -> None:
    """restic leaves the target as it is: what is to be changed has to be below it."""
    into = planned(root, sub_path=sub_path)
    container = manifest(into, 60)["spec"]["containers"][0]
    assert container["args"][1:-2] == ["f" * 64 + source, "--target", "/restore", *only]
    mount = next(each for each in container["volumeMounts"] if each["name"] == "target")
    assert mount["mountPath"] == place
    assert mount.get("subPath", "") == sub_path


@pytest.mark.parametrize("number", [None, 0, 1, 9])
def test_folder_keeps_its_mode_however_many_files_the_snapshot_tells_of(number: int | None) -> None:
    """restic before 0.17 tells no number."""
    one = planned("/data", sub_path="pgdata")
    assert replace(one, snapshot=replace(one.snapshot, files=number)).own_folder == "data"


def test_pod_shows_no_secret() -> None:
    assert "u:p@" not in str(manifest(planned(), 60))


def pod_with(**state: object) -> dict[str, object]:
    return {
        "metadata": {"name": "restore-database-x1y2z"},
        "spec": {"containers": [{"name": "restic", "image": "restic:x"}]},
        "status": {"containerStatuses": [{"name": "restic", "state": state}]},
    }


def test_pod_ended_by_its_container_alone() -> None:
    over = pod.ended(pod_with(terminated={"exitCode": 1, "reason": "Error"}))
    assert over == Ended(1, "Error", "")
    assert pod.ended(pod_with(running={})) is None


def test_evicted_pod_is_a_matter_of_capacity() -> None:
    evicted = {**pod_with(), "status": {"phase": "Failed", "reason": "Evicted", "message": "disk"}}
    with pytest.raises(errors.CapacityError, match="disk"):
        pod.ended(evicted)


def test_eviction_comes_before_the_exit_code_it_left() -> None:
    evicted = pod_with(terminated={"exitCode": 137, "reason": "Error"})
    evicted["status"] |= {"phase": "Failed", "reason": "Evicted", "message": "low on disk"}  # type: ignore[operator]
    with pytest.raises(errors.CapacityError, match="low on disk"):
        pod.ended(evicted)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ({"reason": "OutOfcpu", "message": "not enough"}, errors.CapacityError),
        ({"reason": "Evicted", "message": "not enough"}, errors.CapacityError),
        ({"reason": "UnexpectedAdmissionError", "message": "not enough"}, errors.ClusterError),
    ],
)
def test_pod_that_its_node_does_not_let_in_is_noticed(
    status: dict[str, str], error: type[Exception]
) -> None:
    """Its container never starts, and so never ends."""
    refused = {**pod_with(), "status": {"phase": "Failed", **status}}
    (found,) = pod.troubles(refused)
    assert (type(found.error), found.grace) == (error, 0)
    assert found.error.message.endswith("not enough")


def test_pod_that_was_deleted_or_drained_says_nothing_of_the_backup() -> None:
    deleted = pod_with(terminated={"exitCode": 143, "reason": "Error"})
    deleted["metadata"] |= {"deletionTimestamp": "2026-03-01T12:00:00Z"}  # type: ignore[operator]
    with pytest.raises(errors.ClusterError, match="was deleted"):
        pod.ended(deleted)
    target = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
    deleted["status"]["conditions"] = [target]  # type: ignore[index]
    with pytest.raises(errors.ClusterError, match="was evicted"):
        pod.ended(deleted)


def test_image_that_cannot_be_pulled() -> None:
    waiting = pod_with(waiting={"reason": "ImagePullBackOff", "message": "not found"})
    assert [type(one.error) for one in pod.troubles(waiting)] == [errors.ConfigurationError]
    assert pod.troubles(pod_with(waiting={"reason": "ContainerCreating"})) == []


def test_busy_kubelet_is_no_trouble() -> None:
    reason = "CreateContainerConfigError"
    busy = "failed to sync secret cache: timed out waiting for the condition"
    assert pod.troubles(pod_with(waiting={"reason": reason, "message": busy})) == []
    missing = pod_with(waiting={"reason": reason, "message": 'secret "x" not found'})
    assert [type(one.error) for one in pod.troubles(missing)] == [errors.ClusterError]


def test_unschedulable_gets_a_grace_whatever_the_clocks_say() -> None:
    condition = {
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"
    }  # fmt: skip
    stuck = {**pod_with(), "status": {"conditions": [condition]}}
    stuck["metadata"] = {"name": "x", "creationTimestamp": "2000-01-01T00:00:00Z"}
    (one,) = pod.troubles(stuck)
    assert isinstance(one.error, errors.CapacityError)
    assert one.grace == pod.UNSCHEDULABLE_GRACE


def test_what_restic_complains_of_comes_before_the_last_line(tmp_path: Path) -> None:
    """By a stream of its own it may arrive after it, and is not read then."""
    restic = tmp_path / "restic"
    restic.write_text("#!/bin/sh\necho 'path tmp: not found' >&2\nexit 1\n")
    restic.chmod(0o755)
    script = manifest(planned(), 60)["spec"]["containers"][0]["command"][2]
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", script], env=env, capture_output=True, text=True, check=False
    )
    complaint, last = done.stdout.splitlines()
    assert (done.returncode, done.stderr, complaint) == (1, "", "path tmp: not found")
    assert ENDED in last
