"""What a restore's end means."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioner import errors
from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores import job, pod
from provisioner.restores.claims import ClaimTarget, Origin
from provisioner.restores.job import PlannedRestore
from provisioner.restores.log import ResticLog, read_line
from provisioner.restores.outcome import judge
from provisioner.restores.pod import Ended

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FULL = ResticLog(files=10, bytes=1000, seconds=2.0, summary=True)


def planned(root: str = "/data", **target: object) -> PlannedRestore:
    restore = Restore.model_validate(
        {"name": "database", "from": "repo", "into": {"claim": {"name": "data"}}}
    )
    repository = Repository.model_validate(
        {"name": "repo", "restic": {"url": "rest:http://u:p@10.0.0.1:8000/r", "secret": "s"}}
    )
    fields = {
        "spec": {},
        "labels": {},
        "annotations": {},
        "adopted": True,
        "origin": Origin("PersistentVolumeClaim", "data", "/spec"),
        "pod": {},
        **target,
    }
    snapshot = Snapshot("f" * 64, NOW, "blog", ("/data",), ())
    return PlannedRestore(restore, repository, snapshot, root, ClaimTarget("data", **fields))  # type: ignore[arg-type]


def ended(code: int, reason: str = "Error", message: str = "") -> Ended:
    return Ended(code, reason, message)


def test_data_that_came_back_is_no_error() -> None:
    judge(planned(), FULL, ended(0, "Completed"))


def log_with(*messages: str) -> ResticLog:
    return ResticLog(files=10, bytes=1000, summary=True, errors=messages)


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
        (log_with("something never seen before"), ended(1), errors.UnclearError, "never seen"),
    ],
)  # fmt: skip
def test_by_whose_fault(log: ResticLog, end: Ended, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        judge(planned(), log, end)


def test_summary_of_a_failed_restore_is_not_believed() -> None:
    with pytest.raises(errors.UnclearError):
        judge(planned(), FULL, ended(1))


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


def test_job_runs_with_the_workloads_group_and_placement() -> None:
    workload = {
        "securityContext": {
            "fsGroup": 999,
            "fsGroupChangePolicy": "OnRootMismatch",
            "runAsUser": 9,
        },
        "nodeSelector": {"disk": "fast"},
    }
    spec = job.manifest(planned(pod=workload), 60)["spec"]["template"]["spec"]
    assert spec["securityContext"]["fsGroup"] == 999
    assert spec["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    assert spec["securityContext"]["runAsUser"] == 0
    assert spec["nodeSelector"] == {"disk": "fast"}
    assert spec["automountServiceAccountToken"] is False


@pytest.mark.parametrize(("root", "source"), [("/", "f" * 64), ("/data", "f" * 64 + ":/data")])
def test_job_restores_the_pinned_snapshot(root: str, source: str) -> None:
    container = job.manifest(planned(root), 60)["spec"]["template"]["spec"]["containers"][0]
    assert container["args"][:2] == ["restore", source]
    assert "--no-lock" in container["args"]


def test_job_shows_no_secret() -> None:
    assert "u:p@" not in str(job.manifest(planned(), 60))


def pod_with(**state: object) -> dict[str, object]:
    return {
        "metadata": {"creationTimestamp": NOW.isoformat()},
        "spec": {"containers": [{"image": "restic:x"}]},
        "status": {"containerStatuses": [{"state": state}]},
    }


def test_pod_ended_by_its_container_alone() -> None:
    over = pod.ended(pod_with(terminated={"exitCode": 1, "reason": "Error"}))
    assert over == Ended(1, "Error", "")
    assert pod.ended(pod_with(running={})) is None


def test_evicted_pod_is_a_matter_of_capacity() -> None:
    evicted = {**pod_with(), "status": {"phase": "Failed", "reason": "Evicted", "message": "disk"}}
    with pytest.raises(errors.CapacityError, match="disk"):
        pod.ended(evicted)


def test_image_that_cannot_be_pulled() -> None:
    waiting = pod_with(waiting={"reason": "ImagePullBackOff", "message": "not found"})
    assert isinstance(pod.trouble(waiting, NOW), errors.ConfigurationError)
    assert pod.trouble(pod_with(waiting={"reason": "ContainerCreating"}), NOW) is None


def test_unschedulable_gets_a_grace() -> None:
    condition = {"type": "PodScheduled", "reason": "Unschedulable", "message": "0/1 nodes"}
    stuck = {**pod_with(), "status": {"conditions": [condition]}}
    assert pod.trouble(stuck, NOW + timedelta(seconds=5)) is None
    assert isinstance(pod.trouble(stuck, NOW + timedelta(seconds=31)), errors.CapacityError)
