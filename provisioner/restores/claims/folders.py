"""Which folder of a claim a snapshot goes into, seen from what the application mounts of it."""

import posixpath
from collections.abc import Iterator, Sequence

from provisioner.errors import ConfigurationError
from provisioner.models.verifier import Restore
from provisioner.restores.claims.chart import Use, pod_of, title


def folder_in_claim(restore: Restore, given: str | None, mounting: Sequence[Use]) -> str:
    """The folder that the document says, or the claim's root.

    Where the application mounts folders of the claim alone, a snapshot can be of such a folder or
    of the whole volume: in the wrong one of the two places it would not be seen, and an empty
    application would be verified. So the document has to say.

    Raises:
        ConfigurationError: it does not say, or says a folder that the application does not see.
    """
    seen = sorted({folder for use in mounting for folder in _folders(use)})
    if not seen or "" in seen or given == "":
        return given or ""
    if given is None or not any(_overlap(given, folder) for folder in seen):
        raise _not_seen(restore, given, mounting[0], seen)
    return given


def _folders(use: Use) -> Iterator[str]:
    """What the containers mount of the volume; empty for its root.

    Init containers are left out: they often only set rights on the whole.
    """
    for container in pod_of(use.workload).get("containers") or []:
        for mount in container.get("volumeMounts") or []:
            if mount["name"] == use.volume:
                yield mount.get("subPathExpr") or mount.get("subPath") or ""


def _overlap(given: str, folder: str) -> bool:
    """Whether one lies in the other; what a pod's environment decides may be anywhere."""
    one, other = (posixpath.normpath(f"/{each}") + "/" for each in (given, folder))
    return "$(" in folder or one.startswith(other) or other.startswith(one)


def _not_seen(
    restore: Restore, given: str | None, use: Use, seen: Sequence[str]
) -> ConfigurationError:
    folders = ", ".join(seen)
    where = "its root" if given is None else given
    return ConfigurationError(
        f"restore {restore.name}: {title(use.workload)} mounts of claim {use.claim} only the folder"
        f" {folders}, and the snapshot would go into {where}",
        hint=f"say what the snapshot is of, beside the name under into: subPath: {seen[0]} for the"
        ' files of that folder, subPath: "" for the whole volume',
    )
