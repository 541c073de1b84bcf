"""Orders and jobs for the shop, the same at every run."""

from dataclasses import dataclass
from pathlib import Path

from examples.common import seed as content
from examples.common.cluster import Kube, Object, PodTarget
from examples.common.seed import Script
from examples.shop.demo.production import Production

_SCRIPT = Script(("python3", "-"), Path(__file__).with_name("scripts") / "fill.py")

# Ids far from those of the numbered orders.
CANCELLED_SINCE = {
    "id": 1_000_001,
    "number": "S-CANCELLED-SINCE",
    "customer": "Cancelled after the backup",
}
PLACED_SINCE = {
    "id": 1_000_002,
    "number": "S-PLACED-SINCE",
    "customer": "Placed after the backup",
}
RATE = {"EUR/NOK": "11.42"}


@dataclass(frozen=True)
class Plan:
    """How much there is: numbered orders, each with a document; the newest wait for invoices."""

    orders: int = 4000
    waiting: int = 2500
    document_bytes: int = 32 * 1024


@dataclass(frozen=True)
class Seeded:
    """What the shop holds."""

    orders: int
    bytes: int
    jobs: int


def seed(kube: Kube, production: Production, plan: Plan | None = None) -> Seeded:
    """Write what is missing, and undo what was changed and done since an earlier run."""
    plan = plan or Plan()
    argument = {
        "orders": plan.orders,
        "waiting": plan.waiting,
        "document_bytes": plan.document_bytes,
        "rates": RATE,
        "invoiced": [CANCELLED_SINCE],
        "placed": [],
        "cancelled": [PLACED_SINCE["id"]],
    }
    return _run(kube, production, argument)


def change(kube: Kube, production: Production) -> None:
    """Change the shop as its customers do after a backup: one order less, another one more."""
    argument = {
        "orders": 0,
        "waiting": 0,
        "document_bytes": 0,
        "rates": {},
        "invoiced": [],
        "placed": [PLACED_SINCE],
        "cancelled": [CANCELLED_SINCE["id"]],
    }
    _run(kube, production, argument)


def _run(kube: Kube, production: Production, argument: Object) -> Seeded:
    pod = PodTarget(production.namespace, production.worker, "worker")
    return Seeded(**content.run(kube, pod, _SCRIPT, argument))
