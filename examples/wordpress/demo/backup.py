"""Backups as an operator's Job makes them: the database by mariadb-backup, the uploads as they are.

Both go into restic repositories of their own and carry one `session=<id>` tag, by which they are
found to belong together.
"""

import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from examples.wordpress.demo import stores
from examples.wordpress.demo.cluster import Kube, Object
from examples.wordpress.demo.production import Production
from examples.wordpress.demo.progress import detail

DATABASE, UPLOADS = "database", "uploads"
PARTS = (DATABASE, UPLOADS)
TAG = "blog"
_MARIADB_USER, _WORDPRESS_USER = 999, 33
_SCRIPTS = Path(__file__).with_name("scripts")
_RESOURCES = {
    "requests": {"cpu": "50m", "memory": "128Mi"},
    "limits": {"cpu": "2", "memory": "1Gi"},
}
_SCRATCH = {"name": "scratch", "mountPath": "/tmp"}  # noqa: S108


class BackupError(Exception):
    """A backup's Job ended with an error, or did not end in time."""


@dataclass(frozen=True)
class _Request:
    production: Production
    session: str
    parts: tuple[str, ...]
    cut_in_half: str

    @property
    def job(self) -> str:
        return f"backup-{self.session}-{secrets.token_hex(2)}"


def new_session() -> str:
    """Return an id that no other backup has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def backup(
    kube: Kube,
    production: Production,
    *,
    session: str | None = None,
    parts: Iterable[str] = PARTS,
    cut_in_half: str = "",
    timeout: float = 600,
) -> str:
    """Back up a production and return the session's id.

    With `parts` and `session` the parts can be taken on different days under one session;
    `cut_in_half` names a file of the prepared database, such as `wordpress/wp_posts.ibd`, that is
    damaged before it goes into the repository. Both are what a verification has to find out.
    """
    request = _Request(production, session or new_session(), tuple(parts), cut_in_half)
    stores.ensure_repository_secrets(kube, production.namespace)
    job = _job(request)
    name = job["metadata"]["name"]
    kube.apply([job])
    try:
        _wait(kube, production.namespace, name, time.monotonic() + timeout)
    finally:
        kube.kubectl("delete", "job", name, "-n", production.namespace, "--wait=false")
    return request.session


def _wait(kube: Kube, namespace: str, job: str, until: float) -> None:
    while time.monotonic() < until:
        pod = _pod_of(kube, namespace, job)
        if pod and (codes := _exit_codes(pod)) is not None:
            _tell(kube, namespace, pod["metadata"]["name"], failed=any(codes))
            return
        time.sleep(0.5)
    raise BackupError(f"job {namespace}/{job} did not end in time")


def _pod_of(kube: Kube, namespace: str, job: str) -> Object | None:
    selector = f"--selector=job-name={job}"
    text = kube.kubectl("get", "pods", "-n", namespace, selector, "-o", "json")
    items = json.loads(text)["items"]
    return items[0] if items else None


def _exit_codes(pod: Object) -> list[int] | None:
    """Return how the containers ended, as soon as all of them did or one failed."""
    status = pod["status"]
    states = [s["state"] for s in status.get("initContainerStatuses", [])]
    states += [s["state"] for s in status.get("containerStatuses", [])]
    codes = [state["terminated"]["exitCode"] for state in states if "terminated" in state]
    ended = bool(states) and len(codes) == len(states)
    return codes if ended or any(codes) else None


def _tell(kube: Kube, namespace: str, pod: str, *, failed: bool) -> None:
    argv = ("logs", pod, "-n", namespace, "--all-containers", "--prefix", "--tail=20")
    logs = kube.kubectl(*argv)
    if failed:
        raise BackupError(f"backup failed in {namespace}/{pod}:\n{logs}")
    for line in logs.splitlines():
        if "processed" in line or "saved" in line:
            detail(line.split("] ", 1)[-1])


def _job(request: _Request) -> Object:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": request.job, "namespace": request.production.namespace},
        "spec": {
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": 3600,
            "template": {"spec": _pod_spec(request)},
        },
    }


def _pod_spec(request: _Request) -> Object:
    production = request.production
    database = {"claimName": production.database_claim, "readOnly": True}
    uploads = {"claimName": production.uploads_claim, "readOnly": True}
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        # No fsGroup: it would change the groups of production's own files.
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "initContainers": [_prepare(request)] if DATABASE in request.parts else [],
        "containers": [_store(request, part) for part in request.parts],
        "volumes": [
            {"name": "prepared", "emptyDir": {}},
            {"name": "scratch", "emptyDir": {}},
            {"name": "mariadb", "persistentVolumeClaim": database},
            {"name": "uploads", "persistentVolumeClaim": uploads},
        ],
    }


def _prepare(request: _Request) -> Object:
    """Return the container that copies the running database and makes the copy consistent."""
    password = {"secretKeyRef": {"name": request.production.secret, "key": "backupPassword"}}
    environment = [
        {"name": "DATABASE_HOST", "value": request.production.database_service},
        {"name": "BACKUP_PASSWORD", "valueFrom": password},
        {"name": "CUT_IN_HALF", "value": request.cut_in_half},
    ]
    mounts = [
        {"name": "mariadb", "mountPath": "/var/lib/mysql", "readOnly": True},
        {"name": "prepared", "mountPath": "/prepared"},
        _SCRATCH,
    ]
    container = _container("mariadb", _MARIADB_USER, "prepare.sh")
    return {**container, "name": "prepare", "env": environment, "volumeMounts": mounts}


def _store(request: _Request, part: str) -> Object:
    """Return the container that puts one part into its repository."""
    namespace = request.production.namespace
    if part == DATABASE:
        repository, user = stores.database_repository(namespace), _MARIADB_USER
        data: Object = {"name": "prepared", "subPath": "data"}
    else:
        repository, user = stores.uploads_repository(namespace), _WORDPRESS_USER
        data = {"name": "uploads", "readOnly": True}
    environment = [
        {"name": "RESTIC_REPOSITORY", "value": repository.url},
        {"name": "BACKUP_HOST", "value": request.production.release},
        {"name": "BACKUP_TAGS", "value": f"{TAG},session={request.session}"},
    ]
    return {
        **_container("restic", user, "store.sh"),
        "name": part,
        "env": environment,
        "envFrom": [{"secretRef": {"name": repository.secret}}],
        "volumeMounts": [{**data, "mountPath": "/data"}, _SCRATCH],
    }


def _container(image: str, user: int, script: str) -> Object:
    return {
        "image": f"localhost/{image}:dev",
        "imagePullPolicy": "IfNotPresent",
        "command": ["bash", "-c", (_SCRIPTS / script).read_text()],
        "resources": _RESOURCES,
        "securityContext": {
            "runAsUser": user,
            "runAsGroup": user,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
