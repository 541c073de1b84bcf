"""The production: the chart, installed as its users do."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from examples.common.release import Release
from examples.common.stores import Repository, in_bucket, on_rest_server

EXAMPLE = Path(__file__).resolve().parents[1]
IMAGES = ("mariadb", "wordpress")


@dataclass(frozen=True)
class Production(Release):
    """One installation of the chart, and what it calls its parts."""

    namespace: str = "production"
    release: str = "blog"

    example: ClassVar[Path] = EXAMPLE

    @property
    def workloads(self) -> tuple[str, ...]:
        """Return what has to run before there is a production."""
        return (self.database, self.website)

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

    @property
    def repositories(self) -> tuple[Repository, Repository]:
        """Return where the database and the uploads are backed up to."""
        return (
            on_rest_server("database", self.namespace),
            in_bucket("uploads", f"{self.namespace}-uploads"),
        )
