"""A small WordPress in production, and backups of it: a good one and damaged ones."""

import copy
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from examples.wordpress.demo import production, seed, stores
from examples.wordpress.demo.backup import DATABASE, UPLOADS, backup, new_session
from examples.wordpress.demo.cluster import Kube
from examples.wordpress.demo.production import EXAMPLE, Production
from examples.wordpress.demo.seed import Plan
from tests.cluster.kube import RUN_VARIABLE, Kubectl

IMAGES = (*production.IMAGES, *stores.IMAGES)

FIRST_DAY = Plan(posts=30, attachments=8, images=2, total_bytes=4 * 1024 * 1024)
SECOND_DAY = Plan(posts=35, attachments=12, images=3, total_bytes=6 * 1024 * 1024)


@dataclass(frozen=True)
class Backups:
    """Session ids of backups of one production."""

    namespace: str
    good: str
    other_day: str
    cut: str


def make_backups(kubeconfig: Path) -> Backups:
    """Run a production and back it up: whole, with uploads of another day, and damaged."""
    kube = Kube(kubeconfig)
    blog = Production(namespace=f"test-blog-{os.environ[RUN_VARIABLE]}")
    Kubectl(kubeconfig).create_namespace(blog.namespace)
    stores.ensure(kube)
    production.install(kube, blog)
    seed.seed(kube, blog, FIRST_DAY)
    other_day = backup(kube, blog, session=new_session(), parts=[UPLOADS])
    seed.seed(kube, blog, SECOND_DAY)
    backup(kube, blog, session=other_day, parts=[DATABASE])
    cut = backup(kube, blog, cut_in_half="wordpress/wp_posts.ibd")
    good = backup(kube, blog)
    seed.change(kube, blog)
    return Backups(blog.namespace, good, other_day, cut)


def verifier(backups: Backups, session: str) -> dict[str, Any]:
    """The example's own verifier, for the test's production and one of its backups."""
    document = copy.deepcopy(yaml.safe_load((EXAMPLE / "verifier.yaml").read_text()))
    document["metadata"]["namespace"] = backups.namespace
    spec = document["spec"]
    spec["application"]["chart"]["path"] = str(EXAMPLE / "chart")
    database, uploads = spec["repositories"]
    database["restic"]["url"] = stores.database_repository(backups.namespace).url
    uploads["restic"]["url"] = stores.uploads_repository(backups.namespace).url
    for restore in spec["restores"]:
        restore["select"]["tags"].append(f"session={session}")
    spec["checks"][0]["sql"]["expect"]["min"] = SECOND_DAY.posts
    return document
