"""The pod that fills one claim from one snapshot, and what lets it read the repository."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from provisioner.cluster.api import Object
from provisioner.models.base import GROUP, MANAGED_BY
from provisioner.restores.compared import walk
from provisioner.restores.planned import PlannedRestore
from provisioner.restores.pods.log import ENDED
from provisioner.restores.pods.placement import labels, placement
from provisioner.restores.pods.pod import NOT_EMPTIED, RESTIC
from provisioner.restores.reading import Reading

ROLE = f"{GROUP}/role"
RESTORE = f"{GROUP}/restore"

PROGRESS_PER_SECOND = "2"
_TARGET = PurePosixPath("/restore")
_SPECIAL, _ESCAPED = re.compile(r"[\\*?\[\]]"), r"\\\g<0>"
"""What means something in restic's patterns, and how it means itself."""

RIGHTS = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"]
"""What a restore needs of root. Without the last one folders lose their setgid bit, unless the pod
has the workload's fsGroup."""

BEYOND = 30
"""Seconds of the pod's own limit after the session's: the session's says what an end means."""

_SCRIPT = """\
exec 2>&1
clock() {{
  read -r up _ < /proc/uptime
  echo "${{up%.*}}${{up#*.}}"
}}
{empty}
begun=$(clock)
trap 'kill "$restic"; exit 143' TERM
restic "$@" &
restic=$!
wait "$restic"
code=$?
took=$(($(clock) - begun))
if [ $code = 0 ]; then
{walk}
fi
echo '{{"message_type":"{ended}","exit_code":'$code',"centiseconds":'$took'}}'
exit $code
"""
"""The log's last line is restic's exit code: the kubelet tells of an end up to a second later. It
tells of a start as late, and restic counts whole seconds, so the time is taken here.

Standard error goes the same way: by one of its own it may arrive after the last line, and what
restic complained of would not be read.

Where an application has made the claim, what it wrote goes first.

As the container's first process a shell without a trap would not hear SIGTERM.
"""


def credentials_secret(planned: Reading, env: Mapping[str, str]) -> Object:
    """The repository's credentials, for the restore's pod alone."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": planned.object_name, "labels": restore_labels(planned)},
        "stringData": dict(env),
    }


def manifest(planned: PlannedRestore, seconds: float) -> Object:
    """The pod; ``seconds`` is what is left; the cluster itself ends it a little later.

    It runs as root with the workload's fsGroup: so the volume's root is right before the data
    comes, and the kubelet does not walk the restored files when the application mounts them.

    No Job: its controller lets go of a pod that is deleted only when it comes round, a second or
    two later, and a restore is never tried a second time anyway.
    """
    pod_labels = {**restore_labels(planned), **labels(planned.target, planned.beside)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": planned.object_name, "labels": pod_labels},
        "spec": {"activeDeadlineSeconds": round(seconds) + BEYOND, **_pod(planned)},
    }


def restore_labels(planned: Reading) -> dict[str, str]:
    """The labels of all that a restore makes: the way out is open to its pod by them."""
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
    folder = str(_TARGET / planned.own_folder)
    place = {"name": "target", "mountPath": folder}
    if planned.target.sub_path:
        place["subPath"] = planned.target.sub_path
    looking = walk.script(folder, planned.walk)
    script = _SCRIPT.format(empty=_emptying(planned, folder), walk=looking, ended=ENDED)
    return restic_container(planned, script, _arguments(planned), [place])


def _emptying(planned: PlannedRestore, folder: str) -> str:
    if planned.restore.strategy != "inplace":
        return ":"
    return f"{walk.emptying(folder, planned.walk.scope)} || exit {NOT_EMPTIED}"


def restic_container(
    planned: Reading, script: str, arguments: Sequence[str], mounts: Sequence[Object]
) -> Object:
    """The container that reads the repository: by a program of the shell, as root."""
    mounts = [*mounts, {"name": "cache", "mountPath": "/cache"}]
    mounts.append({"name": "cache", "mountPath": "/tmp", "subPath": "tmp"})  # noqa: S108
    if planned.repository.restic.volume:
        url = planned.repository.restic.url.removeprefix("local:")
        mounts.append({"name": "repository", "mountPath": url, "readOnly": True})
    return {
        "name": RESTIC,
        "image": planned.repository.restic.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script, "restic"],
        "args": list(arguments),
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
            "runAsUser": 0,
            "runAsNonRoot": False,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"], "add": RIGHTS},
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
    claim = {"claimName": planned.target.name}
    return [{"name": "target", "persistentVolumeClaim": claim}, *restic_volumes(planned)]


def restic_volumes(planned: Reading) -> list[Object]:
    """What that container mounts beside what it fills."""
    volumes: list[Object] = [{"name": "cache", "emptyDir": {"sizeLimit": "2Gi"}}]
    if planned.repository.restic.volume:
        volumes.append({"name": "repository", **planned.repository.restic.volume})
    return volumes
