"""A small WordPress in production, and backups of it: a good one and damaged ones."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.common import release, stores
from examples.common.backup import new_session
from examples.common.cluster import Kube
from examples.common.verifier import document_for
from examples.wordpress.demo import production, seed
from examples.wordpress.demo.backup import DATABASE, UPLOADS, backup
from examples.wordpress.demo.production import Production
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
    release.install(kube, blog)
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
    document = document_for(Production(namespace=backups.namespace))
    spec = document["spec"]
    for restore in spec["restores"]:
        restore["select"]["tags"].append(f"session={session}")
    spec["checks"][0]["sql"]["expect"]["min"] = SECOND_DAY.posts
    return document
