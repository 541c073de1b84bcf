"""A namespace whose workloads have pods for as long as they are not stopped."""

import copy
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from provisioner.cluster.api import Object
from provisioner.errors import ClusterError
from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.inplace.live import Live
from provisioner.restores.inplace.planned import PlannedInplace

REPOSITORY = Repository.model_validate({"name": "repo", "restic": {"url": "/r", "secret": "s"}})
DATA = {"claim": {"name": "data"}}


def inplace(into: dict[str, Any], size: int = 0, name: str = "files") -> PlannedInplace:
    document = {"name": name, "from": "repo", "into": into, "strategy": "inplace"}
    snapshot = Snapshot("f" * 64, None, "", (), (), bytes=size)  # type: ignore[arg-type]
    return PlannedInplace(Restore.model_validate(document), REPOSITORY, snapshot)


def claim(name: str = "data", storage: str = "1Mi", **status: Any) -> Object:
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}}
    return {
        "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": asked, "status": status
    }  # fmt: skip


def mounting(*claims: str) -> Object:
    volumes = [{"name": one, "persistentVolumeClaim": {"claimName": one}} for one in claims]
    return {"containers": [], "volumes": volumes}


def maker(kind: str, name: str, *claims: str, **spec: Any) -> Object:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": mounting(*claims)}
    own = {"selector": {"matchLabels": labels}, "template": template, **spec}
    version = "batch/v1" if kind == "Job" else "apps/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": own}


def pod(name: str, *claims: str, owner: str = "", phase: str = "Running") -> Object:
    kind, _, owner_name = owner.partition("/")
    owners = [{"kind": kind, "name": owner_name, "controller": True}] if owner else []
    return {
        "kind": "Pod",
        "metadata": {"name": name, "ownerReferences": owners},
        "spec": mounting(*claims),
        "status": {"phase": phase},
    }


def live(*objects: Object) -> Live:
    """As it is seen, without a cluster."""
    return Live(
        claims={one["metadata"]["name"]: one for one in objects if one["kind"] == claim()["kind"]},
        makers=[one for one in objects if one["kind"] not in ("Pod", claim()["kind"])],
        pods=[one for one in objects if one["kind"] == "Pod"],
    )


class Namespace:
    """What the API server has. ``operator`` may change it each time that somebody looks.

    A workload's pods go when it is stopped, one look later.
    """

    def __init__(self, *objects: Object, operator: Any = None) -> None:
        self.objects = [copy.deepcopy(one) for one in objects]
        self.operator = operator
        self.said: list[str] = []
        self.refusal: ClusterError | None = None

    async def _find(self, _version: str, kind: str) -> Any:
        return SimpleNamespace(kind=kind)

    @property
    def kinds(self) -> Any:
        return SimpleNamespace(find=self._find)

    def named(self, kind: str, name: str) -> Object:
        return next(
            one for one in self.objects if (one["kind"], one["metadata"]["name"]) == (kind, name)
        )

    async def list_all(self, kind: Any, _namespace: str) -> list[Object]:
        if kind.kind == "PersistentVolumeClaim" and self.operator:
            self.operator(self)
        found = [copy.deepcopy(one) for one in self.objects if one["kind"] == kind.kind]
        if kind.kind == "Pod":
            self.objects = [
                one for one in self.objects if one["kind"] != "Pod" or not self._goes(one)
            ]
        return found

    async def get(self, kind: Any, name: str, _namespace: str) -> Object:
        return self.named(kind.kind, name)

    async def merge(self, kind: Any, name: str, patch: Object, _namespace: str) -> None:
        if self.refusal:
            raise self.refusal
        self.said.append(f"{kind.kind}/{name}: {patch['spec']}")
        _merge(self.named(kind.kind, name), patch)

    def _goes(self, one: Object) -> bool:
        """Whether what makes it, or what that is part of, was stopped."""
        owners = one["metadata"].get("ownerReferences") or []
        titles = {f"{each['kind']}/{each['name']}" for each in owners}
        makers = [each for each in self.objects if f"{each['kind']}/{_name(each)}" in titles]
        return any(
            each["spec"].get("replicas") == 0 or each["spec"].get("suspend") or self._goes(each)
            for each in makers
        )


def _name(one: Object) -> str:
    return str(one["metadata"]["name"])


def _merge(one: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """RFC 7386."""
    for key, value in patch.items():
        if isinstance(value, Mapping):
            _merge(one.setdefault(key, {}), value)
        elif value is None:
            one.pop(key, None)
        else:
            one[key] = value
