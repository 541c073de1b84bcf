"""A cluster of sandboxes, and what the commands ask of it."""

from datetime import timedelta
from typing import Any

from session_fakes import phase, session

from provisioner.cluster.api import Object
from provisioner.liveness import this_process
from provisioner.models.session import ClusterRecord, Leftover, ProcessRecord, now
from provisioner.models.words import PhaseName, PhaseState
from provisioner.phases.removal import Removal
from provisioner.phases.sandbox import EXPIRES_AT
from provisioner.reaper import SESSION, VERIFIER

GONE = this_process().model_copy(update={"birth": "another boot/17"})
ELSEWHERE = ProcessRecord(host="ci-7", pid=7, birth="x")
SERVER = "https://10.0.0.1:6443"
HERE = ClusterRecord(server=SERVER)


def sandbox(session_id: str, minutes: float | None) -> Object:
    labels = {"app.kubernetes.io/managed-by": "provisioner", SESSION: session_id, VERIFIER: "blog"}
    annotations = {}
    if minutes is not None:
        annotations[EXPIRES_AT] = (now() + timedelta(minutes=minutes)).isoformat()
    name = f"verify-{session_id}"
    return {"metadata": {"name": name, "labels": labels, "annotations": annotations}}


class World:
    """A cluster of namespaces, and what was asked of it."""

    server = SERVER
    kubeconfig = context = None

    def __init__(self) -> None:
        self.namespaces: list[Object] = []
        self.removed: list[str] = []
        self.left: list[Leftover] = []
        self.selector = ""

    async def list_all(self, _resource: object, labels: str) -> list[Object]:
        self.selector = labels
        return self.namespaces

    async def find(self, _resource: object, name: str) -> Object | None:
        return next((one for one in self.namespaces if one["metadata"]["name"] == name), None)

    async def merge(self, _resource: object, name: str, patch: Object) -> None:
        found = await self.find(_resource, name)
        assert found is not None
        found["metadata"]["annotations"].update(patch["metadata"]["annotations"])

    async def remove(self, removal: Removal) -> list[Leftover]:
        self.removed.append(removal.sandbox)
        return self.left


def dead(**changes: Any) -> Any:
    phases = [phase(PhaseName.SANDBOX), phase(PhaseName.RESTORE, PhaseState.RUNNING)]
    values = {"process": GONE, "phases": phases, "cluster": HERE, "expires_at": now()}
    return session(**values | changes)
