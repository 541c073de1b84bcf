"""A restore as it was planned, and how it may end."""

from datetime import UTC, datetime

from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims.chart import ClaimTarget, Origin
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.log import ResticLog
from provisioner.restores.pods.pod import Ended

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
        "origin": Origin("PersistentVolumeClaim", "data", "/spec"),
        **target,
    }
    snapshot = Snapshot("f" * 64, NOW, "blog", ("/data",), ())
    return PlannedRestore(restore, repository, snapshot, root, ClaimTarget("data", **fields))  # type: ignore[arg-type]


def ended(code: int, reason: str = "Error", message: str = "") -> Ended:
    return Ended(code, reason, message)
