"""The demonstration from end to end; run as `python -m examples.shop.demo`.

Its exit code is that of `provisioner run`, or 1 when something was left behind.
"""

import sys

from examples.common import release
from examples.common.cluster import Kube
from examples.common.demonstration import REPORTS, main, start_cluster, verify
from examples.common.progress import detail, step
from examples.shop.demo import production, seed
from examples.shop.demo.backup import backup
from examples.shop.demo.production import EXAMPLE, Production

REPORT = REPORTS / "shop" / "report.json"


def demonstrate() -> int:
    """Run every step and return the exit code."""
    kube = start_cluster(production.IMAGES)
    shop = Production()
    run_production(kube, shop)
    with step("Backing up the queue and the database into one repository"):
        backup(kube, shop)
    with step("Production changes: one order is cancelled, one is placed"):
        seed.change(kube, shop)
    return verify(kube, EXAMPLE / "verifier.yaml", REPORT)


def run_production(kube: Kube, shop: Production) -> None:
    """Run a production with orders and with work to do."""
    with step(f"Installing the shop as {shop.release} in namespace {shop.namespace}"):
        release.install(kube, shop)
    with step("Writing orders, documents and jobs"):
        told = seed.seed(kube, shop)
        megabytes = told.bytes / 1_000_000
        detail(f"{told.orders} orders, {megabytes:.0f} MB of documents, {told.jobs} jobs waiting")


if __name__ == "__main__":
    sys.exit(main(demonstrate))
