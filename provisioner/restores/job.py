"""The Job that fills one claim from one snapshot."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from provisioner.cluster.api import Object
from provisioner.models.base import GROUP, MANAGED_BY
from provisioner.models.session import restore_label
from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.claims import ClaimTarget
from provisioner.restores.placement import labels, placement

ROLE = f"{GROUP}/role"
RESTORE = f"{GROUP}/restore"

PROGRESS_PER_SECOND = "2"
_TARGET = PurePosixPath("/restore")
_SPECIAL, _ESCAPED = re.compile(r"[\\*?\[\]]"), r"\\\g<0>"
"""What means something in restic's patterns, and how it means itself."""


BEYOND = 30
"""Seconds of the Job's own limit after the session's: the session's says what an end means."""


@dataclass(frozen=True)
class PlannedRestore:
    """One snapshot, pinned, and the claim it goes into. ``root`` is the snapshot's folder.

    ``beside`` is the same for all that share a node, and empty for one that needs none.
    """

    restore: Restore
    repository: Repository
    snapshot: Snapshot
    root: str
    target: ClaimTarget
    beside: str = ""

    @property
    def label(self) -> str:
        """What tells it from all others, for people and as a label's value."""
        return restore_label(self.restore.name, self.target.replica)

    @property
    def object_name(self) -> str:
        """Name of the Job and of the Secret with the repository's credentials.

        The replica's number stands before the name: behind it, it could be another's end.
        """
        replica = "" if self.target.replica is None else self.target.replica
        return f"restore{replica}-{self.restore.name}"

    @property
    def own_folder(self) -> str:
        """The name of the snapshot's folder when it comes back itself, and not only what it holds.

        restic never changes the target of a restore. A folder of a claim is therefore mounted
        below the target: so it gets its own owner and mode, and PostgreSQL starts. A claim's root
        stays as the kubelet made it for the workload's fsGroup.
        """
        return PurePosixPath(self.root).name if self.target.sub_path else ""


def credentials_secret(planned: PlannedRestore, env: Mapping[str, str]) -> Object:
    """The repository's credentials, for the restore's pod alone."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": planned.object_name, "labels": _labels(planned)},
        "stringData": dict(env),
    }


def manifest(planned: PlannedRestore, seconds: float) -> Object:
    """The Job; ``seconds`` is what is left; the cluster itself ends it a little later.

    It runs as root with the workload's fsGroup: so the volume's root is right before the data
    comes, and the kubelet does not walk the restored files when the application mounts them.
    """
    pod_labels = {**_labels(planned), **labels(planned.target, planned.beside)}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": planned.object_name, "labels": _labels(planned)},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": round(seconds) + BEYOND,
            "template": {"metadata": {"labels": pod_labels}, "spec": _pod(planned)},
        },
    }


def _labels(planned: PlannedRestore) -> dict[str, str]:
    return {**MANAGED_BY, ROLE: "restore", RESTORE: planned.label}


def _pod(planned: PlannedRestore) -> Object:
    return {
        **placement(planned.target, planned.beside),
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 5,
        "securityContext": _pod_security(planned.target.pod.get("securityContext") or {}),
        "containers": [_container(planned)],
        "volumes": _volumes(planned),
    }


def _pod_security(workload: Mapping[str, Any]) -> Object:
    group = {key: workload[key] for key in ("fsGroup", "fsGroupChangePolicy") if key in workload}
    return {"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}, **group}


def _container(planned: PlannedRestore) -> Object:
    place = {"name": "target", "mountPath": str(_TARGET / planned.own_folder)}
    if planned.target.sub_path:
        place["subPath"] = planned.target.sub_path
    mounts: list[Object] = [place, {"name": "cache", "mountPath": "/cache"}]
    mounts.append({"name": "cache", "mountPath": "/tmp", "subPath": "tmp"})  # noqa: S108
    if planned.repository.restic.volume:
        url = planned.repository.restic.url.removeprefix("local:")
        mounts.append({"name": "repository", "mountPath": url, "readOnly": True})
    return {
        "name": "restic",
        "image": planned.repository.restic.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["restic"],
        "args": _arguments(planned),
        "env": [
            {"name": "RESTIC_PROGRESS_FPS", "value": PROGRESS_PER_SECOND},
            {"name": "RESTIC_CACHE_DIR", "value": "/cache"},
        ],
        "envFrom": [{"secretRef": {"name": planned.object_name}}],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": mounts,
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "2Gi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE", "FOWNER"]},
        },
    }


def _arguments(planned: PlannedRestore) -> list[str]:
    own = planned.own_folder
    folder = str(PurePosixPath(planned.root).parent) if own else planned.root
    source = planned.snapshot.id if folder == "/" else f"{planned.snapshot.id}:{folder}"
    # What is in the folder, and with it the folder's owner and mode; but not a file of that name:
    # its owner and mode would be put on the folder that is mounted there.
    only = [f"--include=/{_SPECIAL.sub(_ESCAPED, own)}/*"] if own else []
    return ["restore", source, "--target", str(_TARGET), *only, "--json", "--no-lock"]


def _volumes(planned: PlannedRestore) -> list[Object]:
    volumes: list[Object] = [
        {"name": "target", "persistentVolumeClaim": {"claimName": planned.target.name}},
        {"name": "cache", "emptyDir": {"sizeLimit": "2Gi"}},
    ]
    if planned.repository.restic.volume:
        volumes.append({"name": "repository", **planned.repository.restic.volume})
    return volumes
