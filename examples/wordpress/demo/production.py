"""The production: the chart, installed as its users do."""

import json
from dataclasses import dataclass
from pathlib import Path

from examples.wordpress.demo.cluster import Kube

EXAMPLE = Path(__file__).resolve().parents[1]
CHART = EXAMPLE / "chart"
VALUES = EXAMPLE / "production-values.yaml"
IMAGES = ("mariadb", "wordpress")
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@dataclass(frozen=True)
class Production:
    """One installation of the chart, and what it calls its parts."""

    namespace: str = "production"
    release: str = "blog"

    @property
    def database(self) -> str:
        """Return the database's workload."""
        return f"statefulset/{self.release}-mariadb"

    @property
    def database_service(self) -> str:
        """Return the name under which the database is reached."""
        return f"{self.release}-mariadb"

    @property
    def database_claim(self) -> str:
        """Return the claim with the database's files."""
        return f"data-{self.release}-mariadb-0"

    @property
    def website(self) -> str:
        """Return WordPress's workload."""
        return f"deployment/{self.release}-wordpress"

    @property
    def uploads_claim(self) -> str:
        """Return the claim with the uploads."""
        return f"{self.release}-wordpress-uploads"

    @property
    def secret(self) -> str:
        """Return the Secret with the passwords, which the chart makes."""
        return f"{self.release}-wordpress"


def install(kube: Kube, production: Production) -> None:
    """Install or upgrade the chart and wait until WordPress answers."""
    _clear_interrupted(kube, production)
    kube.ensure_namespace(production.namespace, RESTRICTED)
    kube.helm(
        "upgrade",
        "--install",
        production.release,
        str(CHART),
        "--namespace",
        production.namespace,
        "--values",
        str(VALUES),
    )
    kube.wait_for_rollout(production.namespace, production.database)
    kube.wait_for_rollout(production.namespace, production.website)


def remove(kube: Kube, production: Production) -> None:
    """Remove the production with all its data."""
    kube.kubectl("delete", "namespace", production.namespace, "--ignore-not-found", timeout=300)


def _clear_interrupted(kube: Kube, production: Production) -> None:
    """Undo what a Helm that was killed left pending: another one would refuse to go on."""
    status = _release_status(kube, production)
    if status == "pending-install":
        # Never finished, so there is no data yet; its claim would keep the lost Secret's password.
        remove(kube, production)
    elif status in {"pending-upgrade", "pending-rollback"}:
        kube.helm("rollback", production.release, "--namespace", production.namespace)


def _release_status(kube: Kube, production: Production) -> str | None:
    releases = json.loads(kube.helm("list", "--namespace", production.namespace, "-o", "json"))
    return next((r["status"] for r in releases if r["name"] == production.release), None)
