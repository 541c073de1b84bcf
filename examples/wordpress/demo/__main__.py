"""The demonstration from end to end; run as `python -m examples.wordpress.demo`.

Its exit code is that of `provisioner run`, or 1 when something was left behind.
"""

import sys

from examples.common import release
from examples.common.cluster import Kube
from examples.common.demonstration import REPORTS, main, start_cluster, verify
from examples.common.progress import detail, step
from examples.wordpress.demo import production, seed
from examples.wordpress.demo.backup import backup
from examples.wordpress.demo.production import EXAMPLE, Production

REPORT = REPORTS / "report.json"


def demonstrate() -> int:
    """Run every step and return the exit code."""
    kube = start_cluster(production.IMAGES)
    blog = Production()
    run_production(kube, blog)
    with step("Backing up the database and the uploads into two repositories"):
        detail(f"session {backup(kube, blog)}")
    with step("Production changes: one post is deleted, one is added"):
        seed.change(kube, blog)
    return verify(kube, EXAMPLE / "verifier.yaml", REPORT)


def run_production(kube: Kube, blog: Production) -> None:
    """Run a production with content."""
    with step(f"Installing WordPress as {blog.release} in namespace {blog.namespace}"):
        release.install(kube, blog)
    with step("Writing posts and attachments through WordPress"):
        told = seed.seed(kube, blog)
        megabytes = told.bytes / 1_000_000
        detail(f"{told.posts} posts, {told.attachments} attachments, {megabytes:.0f} MB of files")


if __name__ == "__main__":
    sys.exit(main(demonstrate))
