"""A small shop in production, and backups of it: a good one, an older one and a damaged one."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.common import release, stores
from examples.common.cluster import Kube
from examples.common.verifier import document_for
from examples.shop.demo import production, seed
from examples.shop.demo.backup import backup
from examples.shop.demo.production import Production
from examples.shop.demo.seed import Plan
from tests.cluster.kube import RUN_VARIABLE, Kubectl

IMAGES = (*production.IMAGES, *stores.IMAGES)

FIRST_DAY = Plan(orders=1500, waiting=1200, document_bytes=512)
SECOND_DAY = Plan(orders=1600, waiting=1200, document_bytes=512)


@dataclass(frozen=True)
class ShopBackups:
    """Ids of snapshots of one production, by their part; the good ones are the newest."""

    namespace: str
    first_day: dict[str, str]
    cut: dict[str, str]
    good: dict[str, str]


def make_shop_backups(kubeconfig: Path) -> ShopBackups:
    """Run a production and back it up on two days; in between a backup is damaged."""
    kube = Kube(kubeconfig)
    shop = Production(namespace=f"test-shop-{os.environ[RUN_VARIABLE]}")
    Kubectl(kubeconfig).create_namespace(shop.namespace)
    stores.ensure(kube)
    release.install(kube, shop)
    seed.seed(kube, shop, FIRST_DAY)
    first_day = backup(kube, shop)
    seed.seed(kube, shop, SECOND_DAY)
    cut = backup(kube, shop, cut_in_half="orders")
    good = backup(kube, shop)
    seed.change(kube, shop)
    return ShopBackups(shop.namespace, first_day, cut, good)


def verifier(backups: ShopBackups, ids: dict[str, str] | None = None) -> dict[str, Any]:
    """The example's own verifier, for the newest snapshots that fit, or for some by their ids."""
    document = document_for(Production(namespace=backups.namespace))
    spec = document["spec"]
    if ids:
        spec["consistency"] = {"maxSkew": "1h"}
        for restore in spec["restores"]:
            restore["select"] = {"id": ids[restore["name"]]}
    spec["checks"][0]["sql"]["expect"]["min"] = FIRST_DAY.orders
    return document
