"""Who reads a claim: the users of the processes in the containers that mount it."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provisioner.checks.standard.workload import runs_any
from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.exec import execute
from provisioner.cluster.pods import claims_of, is_finished, labels_of
from provisioner.errors import ClusterAwayError, ClusterError
from provisioner.models.base import GROUP

_PROCESSES = """
for file in /proc/[0-9]*/status; do
  while read -r name value; do
    case $name in Uid: | Gid: | Groups: | CapEff:) echo "$name $value" ;; esac
  done <"$file"
done 2>/dev/null
"""
"""Builtins of a shell alone: an application's image may have nothing else."""

_OVERRIDE = 0b110
"""The capabilities to write and to read whatever the modes say, see capabilities(7)."""

_FIELD = re.compile(r"^(Uid|Gid|Groups|CapEff): *(.*)$")


@dataclass(frozen=True)
class User:
    """Whom the file system asks. ``may_all``: modes are nothing to it, as to most roots."""

    uid: int
    groups: frozenset[int]
    may_all: bool = False

    def __str__(self) -> str:
        return "root" if self.may_all and not self.uid else f"user {self.uid}"


@dataclass(frozen=True)
class Mount:
    """A container that mounts a claim, or a folder of it."""

    pod: Object
    container: Object
    path: str
    sub_path: str
    read_only: bool


def mounts_of(claim: str, pods: Iterable[Object]) -> list[Mount]:
    """Every container of the application that mounts a claim."""
    return [
        Mount(
            pod,
            container,
            one["mountPath"],
            one.get("subPath", ""),
            bool(one.get("readOnly")),
        )
        for pod in pods
        if claim in claims_of(pod) and not is_finished(pod) and not _ours(pod)
        for container in pod["spec"]["containers"]
        for one in container.get("volumeMounts") or []
        if one["name"] in _volumes(pod, claim)
    ]


def _ours(pod: Object) -> bool:
    return f"{GROUP}/role" in labels_of(pod)


def _volumes(pod: Object, claim: str) -> list[str]:
    return [
        one["name"]
        for one in pod["spec"].get("volumes") or []
        if (one.get("persistentVolumeClaim") or {}).get("claimName") == claim
    ]


def is_a_databases(claim: str, pods: Sequence[Object]) -> bool:
    """Whether an engine that has a set of its own keeps its data there."""
    return any(runs_any(one.container) for one in mounts_of(claim, pods))


def place_in(mount: Mount, sub_path: str) -> str:
    """Where the container has a folder of the claim; empty where it does not see all of it."""
    inside = posixpath.relpath(f"/{sub_path}", f"/{mount.sub_path}")
    if inside.startswith(".."):
        return ""
    return posixpath.normpath(posixpath.join(mount.path, inside))


async def users_of(mounts: Sequence[Mount], cluster: Cluster, namespace: str) -> list[User]:
    """All who are known. Where others than root run, root only starts them, as of a web server."""
    found = dict.fromkeys(
        [one for each in mounts for one in await _users(each, cluster, namespace)]
    )
    return [one for one in found if not one.may_all] or list(found)


async def _users(mount: Mount, cluster: Cluster, namespace: str) -> list[User]:
    pod, container = mount.pod["metadata"]["name"], mount.container["name"]
    try:
        done = await execute(cluster, namespace, pod, container, ["sh", "-c", _PROCESSES])
    except ClusterAwayError:
        raise
    except ClusterError:
        return declared(mount)  # it does not run now
    return list(running(done.stdout)) or declared(mount)


def running(said: str) -> Iterator[User]:
    """The users of all processes, as their status files tell, see proc(5)."""
    uid = gid = 0
    groups: list[int] = []
    for line in said.splitlines():
        if not (found := _FIELD.match(line)):
            continue
        name, values = found[1], found[2].split()
        if name == "Uid":
            uid = int(values[1])
        elif name == "Gid":
            gid = int(values[1])
        elif name == "Groups":
            groups = [int(one) for one in values]
        else:
            yield User(uid, frozenset([gid, *groups]), bool(int(values[0], 16) & _OVERRIDE))


def declared(mount: Mount) -> list[User]:
    """What the pod says of it, of an image without a shell; none where only the image knows."""
    whole = mount.pod["spec"].get("securityContext") or {}
    said = {**whole, **(mount.container.get("securityContext") or {})}
    uid = said.get("runAsUser")
    if uid is None:
        return []
    groups = [said.get("runAsGroup", 0), *whole.get("supplementalGroups", ())]
    groups += [whole["fsGroup"]] if "fsGroup" in whole else []
    return [User(int(uid), frozenset(map(int, groups)), may_all=uid == 0)]
