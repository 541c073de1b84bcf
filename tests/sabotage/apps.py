"""The applications of the corpus, and their verifiers for repositories in folders."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from examples.common.release import Release
from examples.common.stores import Repository
from examples.common.verifier import document_for
from examples.shop.demo.production import Production as Shop
from examples.wordpress.demo.production import Production as Blog
from tests.cluster import blog, shop

HERE = Path(__file__).parent
RESTIC_SECRET = "restic"


@dataclass(frozen=True)
class Archive(Release):
    """The corpus' own example: records in PostgreSQL, and a file for each of them."""

    namespace: str = "archive"
    release: str = "archive"

    example: ClassVar[Path] = HERE / "archive"

    @property
    def workloads(self) -> tuple[str, ...]:
        """None: no production of it runs, its data is made by its engine."""
        return ()

    @property
    def repositories(self) -> tuple[Repository, ...]:
        """Nowhere yet: each case has its own."""
        return tuple(Repository(one, "/") for one in ("database", "files"))


@dataclass(frozen=True)
class App:
    """One application. ``parts`` are its restores, each with the user that owns its files.

    ``least`` is what its first check asks for, ``standards`` the shipped sets that fit it.
    """

    name: str
    production: type[Any]
    parts: Mapping[str, int]
    secret: str
    least: int
    standards: tuple[Any, ...]
    more_checks: Path | None = None

    def document(self, namespace: str, repositories: Mapping[str, Path]) -> dict[str, Any]:
        """The example's own verifier, for repositories in folders, one for each part."""
        document = document_for(self.production(namespace=namespace))
        spec = document["spec"]
        spec["repositories"] = [_access(part, repositories[part]) for part in self.parts]
        for restore in spec["restores"]:
            restore["from"] = restore["name"]
            restore["select"] = {"tags": [self.name, restore["name"]], "host": self.name}
        if "maxSkew" in spec.get("consistency", {}):
            spec["consistency"]["maxSkew"] = "2h"  # a part that a case leaves alone is older
        spec["checks"][0]["sql"]["expect"]["min"] = self.least
        if self.more_checks:
            spec["checks"] += yaml.safe_load(self.more_checks.read_text())
        shipped = [{"standard": one} for one in self.standards]
        spec["checks"] += [one for one in shipped if one not in spec["checks"]]
        spec["consistency"]["maxAge"] = "26h"
        spec["readiness"], spec["timeout"] = {"timeout": "75s"}, "8m"
        return copy.deepcopy(document)  # YAML's anchors would share what a case changes


def _access(part: str, folder: Path) -> dict[str, Any]:
    volume = {"hostPath": {"path": str(folder), "type": "Directory"}}
    restic = {"url": str(folder), "secret": RESTIC_SECRET, "image": "localhost/restic:dev"}
    return {"name": part, "restic": {**restic, "volume": volume}}


APPS = {
    one.name: one
    for one in (
        App(
            "blog",
            Blog,
            {"database": 999, "uploads": 33},
            "blog-wordpress",
            blog.SECOND_DAY.posts,
            ("mariadb", "files"),
            HERE / "blog" / "checks.yaml",
        ),
        App(
            "archive",
            Archive,
            {"database": 999, "files": 1000},
            "archive",
            240,
            ("postgres", "files"),
        ),
        App(
            "shop",
            Shop,
            {"database": 999, "queue": 999},
            "shop",
            shop.SECOND_DAY.orders,
            ("postgres", "redis"),
        ),
    )
}
