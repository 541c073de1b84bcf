"""A production: one installation of a chart, made as its users do."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from examples.common.cluster import RESTRICTED, Kube
from examples.common.stores import Repository


@dataclass(frozen=True)
class Release(ABC):
    """One installation. A subclass names its example's folder and what the chart's parts are."""

    namespace: str
    release: str

    example: ClassVar[Path]

    @property
    @abstractmethod
    def workloads(self) -> Sequence[str]:
        """Return what has to run before there is a production."""

    @property
    @abstractmethod
    def repositories(self) -> Sequence[Repository]:
        """Return where it is backed up to."""


def install(kube: Kube, production: Release) -> None:
    """Install or upgrade the chart and wait until its workloads run."""
    _clear_interrupted(kube, production)
    kube.ensure_namespace(production.namespace, RESTRICTED)
    kube.helm(
        "upgrade",
        "--install",
        production.release,
        str(production.example / "chart"),
        "--namespace",
        production.namespace,
        "--values",
        str(production.example / "production-values.yaml"),
    )
    for workload in production.workloads:
        kube.wait_for_rollout(production.namespace, workload)


def remove(kube: Kube, production: Release) -> None:
    """Remove the production with all its data."""
    kube.kubectl("delete", "namespace", production.namespace, "--ignore-not-found", timeout=300)


def _clear_interrupted(kube: Kube, production: Release) -> None:
    """Undo what a Helm that was killed left pending: another one would refuse to go on."""
    status = _release_status(kube, production)
    if status == "pending-install":
        # Never finished, so there is no data yet; its claim would keep the lost Secret's password.
        remove(kube, production)
    elif status in {"pending-upgrade", "pending-rollback"}:
        kube.helm("rollback", production.release, "--namespace", production.namespace)


def _release_status(kube: Kube, production: Release) -> str | None:
    releases = json.loads(kube.helm("list", "--namespace", production.namespace, "-o", "json"))
    return next((r["status"] for r in releases if r["name"] == production.release), None)
