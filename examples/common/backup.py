"""Backups as an operator makes them: a Job that copies what runs, and stores it by restic."""

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from examples.common.cluster import Kube, Object
from examples.common.progress import detail
from examples.common.stores import Repository

SCRATCH = {"name": "scratch", "mountPath": "/tmp"}  # noqa: S108
_STORE = Path(__file__).with_name("scripts") / "store.sh"
_RESOURCES = {
    "requests": {"cpu": "50m", "memory": "128Mi"},
    "limits": {"cpu": "2", "memory": "1Gi"},
}


class BackupError(Exception):
    """A backup's Job ended with an error, or did not end in time."""


@dataclass(frozen=True)
class Stored:
    """What goes into a repository, and what its snapshot says of itself.

    `mount` is the volume's own part of a volumeMount; `user` owns the files.
    """

    name: str
    repository: Repository
    user: int
    host: str
    tags: str
    mount: Object
    path: str = "/data"


def new_session() -> str:
    """Return an id that no other backup has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def job(namespace: str, session: str, pod: Object) -> Object:
    """Return a backup's Job. Its pod has a scratch volume and no fsGroup.

    An fsGroup would change the groups of production's own files.
    """
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": security,
        **pod,
        "volumes": [{"name": "scratch", "emptyDir": {}}, *pod["volumes"]],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"backup-{session}-{secrets.token_hex(2)}", "namespace": namespace},
        "spec": {
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": 3600,
            "template": {"spec": spec},
        },
    }


def claim(name: str, claim_name: str) -> Object:
    """Return a volume of production's, for reading only."""
    return {
        "name": name,
        "persistentVolumeClaim": {"claimName": claim_name, "readOnly": True},
    }


def container(name: str, image: str, user: int, script: Path) -> Object:
    """Return a container of a backup's Job that runs a script with a scratch folder."""
    return {
        "name": name,
        "image": f"localhost/{image}:dev",
        "imagePullPolicy": "IfNotPresent",
        "command": ["bash", "-c", script.read_text()],
        "volumeMounts": [SCRATCH],
        "resources": _RESOURCES,
        "securityContext": {
            "runAsUser": user,
            "runAsGroup": user,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def store(stored: Stored) -> Object:
    """Return the container that puts one part into its repository."""
    environment = {
        "RESTIC_REPOSITORY": stored.repository.url,
        "BACKUP_HOST": stored.host,
        "BACKUP_TAGS": stored.tags,
        "BACKUP_PATH": stored.path,
    }
    return {
        **container(stored.name, "restic", stored.user, _STORE),
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "envFrom": [{"secretRef": {"name": stored.repository.secret}}],
        "volumeMounts": [{**stored.mount, "mountPath": stored.path}, SCRATCH],
    }


def secret_env(name: str, secret: str, key: str) -> Object:
    """Return one key of a Secret as an environment variable."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def run(kube: Kube, made: Object, timeout: float = 600) -> str:
    """Run a backup's Job to its end and return what its containers said, each line with a prefix.

    Raises:
        BackupError: a container ended with an error, or it did not end in time.
    """
    name, namespace = made["metadata"]["name"], made["metadata"]["namespace"]
    kube.apply([made])
    try:
        return _wait(kube, namespace, name, time.monotonic() + timeout)
    finally:
        kube.kubectl("delete", "job", name, "-n", namespace, "--wait=false")


def _wait(kube: Kube, namespace: str, name: str, until: float) -> str:
    while time.monotonic() < until:
        pod = _pod_of(kube, namespace, name)
        if pod and (codes := exit_codes(pod)) is not None:
            return _told(kube, namespace, pod["metadata"]["name"], failed=any(codes))
        time.sleep(0.5)
    raise BackupError(f"job {namespace}/{name} did not end in time")


def _pod_of(kube: Kube, namespace: str, name: str) -> Object | None:
    selector = f"--selector=job-name={name}"
    text = kube.kubectl("get", "pods", "-n", namespace, selector, "-o", "json")
    items = json.loads(text)["items"]
    return items[0] if items else None


def exit_codes(pod: Object) -> list[int] | None:
    """Return how the containers ended, as soon as all of them did or one failed."""
    status = pod["status"]
    states = [s["state"] for s in status.get("initContainerStatuses", [])]
    states += [s["state"] for s in status.get("containerStatuses", [])]
    codes = [state["terminated"]["exitCode"] for state in states if "terminated" in state]
    ended = bool(states) and len(codes) == len(states)
    return codes if ended or any(codes) else None


def _told(kube: Kube, namespace: str, pod: str, *, failed: bool) -> str:
    argv = ("logs", pod, "-n", namespace, "--all-containers", "--prefix", "--tail=20")
    logs = kube.kubectl(*argv)
    if failed:
        raise BackupError(f"backup failed in {namespace}/{pod}:\n{logs}")
    for line in logs.splitlines():
        if "processed" in line or "saved" in line:
            detail(line.split("] ", 1)[-1])
    return logs
