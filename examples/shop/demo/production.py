"""The production: the chart, installed as its users do."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from examples.common.release import Release
from examples.common.stores import Repository, on_rest_server

EXAMPLE = Path(__file__).resolve().parents[1]
IMAGES = ("postgresql", "redis", "shop")
DATABASE = "shop"


@dataclass(frozen=True)
class Production(Release):
    """One installation of the chart, and what it calls its parts."""

    namespace: str = "shop"
    release: str = "shop"

    example: ClassVar[Path] = EXAMPLE

    @property
    def workloads(self) -> tuple[str, ...]:
        """Return what has to run before there is a production."""
        return (f"statefulset/{self.database}", f"statefulset/{self.queue}", self.worker)

    @property
    def database(self) -> str:
        """Return the name of PostgreSQL's workload and Service."""
        return f"{self.release}-postgresql"

    @property
    def queue(self) -> str:
        """Return the name of Redis' workload and Service."""
        return f"{self.release}-redis"

    @property
    def queue_claim(self) -> str:
        """Return the claim with Redis' files."""
        return f"data-{self.queue}-0"

    @property
    def worker(self) -> str:
        """Return the worker's workload."""
        return f"deployment/{self.release}-worker"

    @property
    def secret(self) -> str:
        """Return the Secret with the passwords, which the chart makes."""
        return self.release

    @property
    def repositories(self) -> tuple[Repository]:
        """Return the one repository that everything is backed up to."""
        return (on_rest_server("backups", self.namespace),)
