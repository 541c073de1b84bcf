"""Verify the corpus and write ``results.md``; run as ``python -m tests.sabotage``."""

import argparse
import secrets
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from examples.common.demonstration import main, start_cluster
from examples.common.progress import say, step
from examples.common.volumes import ready_volumes
from examples.shop.demo import production as shop
from examples.wordpress.demo import production as blog
from tests.sabotage import goods
from tests.sabotage.apps import APPS
from tests.sabotage.case import Case
from tests.sabotage.judge import Judged
from tests.sabotage.places import RUNS
from tests.sabotage.report import Count, listing, progress, results
from tests.sabotage.sessions import Ground, judge
from tests.sabotage.table import CASES

RESULTS = Path(__file__).with_name("results.md")
AT_ONCE = 4
"""Sessions side by side: two cores are busy with that many."""

VOLUMES = 24
"""Two for a session, and as many while those of former ones are emptied; some are kept longer."""

MISSED = 1


def measure() -> int:
    """Do what the arguments say, and return the exit code: 0 when all goals are met."""
    arguments = _arguments()
    cases = _chosen(arguments.only)
    if arguments.list:
        sys.stdout.write(f"{listing(cases)}\n")
        return 0
    count = Count(_verified(cases, arguments.jobs))
    if not arguments.only:
        RESULTS.write_text(results(count.judged))
    sys.stdout.write(f"{count.line}\n")
    return 0 if count.reached else MISSED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these cases; a part of a name")
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    parser.add_argument("--jobs", type=int, default=AT_ONCE, help="sessions side by side")
    return parser.parse_args()


def _chosen(only: Sequence[str] | None) -> list[Case]:
    chosen = [one for one in CASES if not only or any(part in one.name for part in only)]
    if not chosen:
        sys.exit(f"no case is called {' or '.join(only or ())}; --list tells which there are")
    return chosen


def _verified(cases: Sequence[Case], jobs: int) -> list[Judged]:
    with _ground({one.app for one in cases}) as ground:
        begun = [one for one in CASES if one.keeps_history and one.app in ground.good]
        # What baselines look back at comes first.
        first = _side_by_side(ground, begun, jobs)
        rest = _side_by_side(ground, [one for one in cases if one not in begun], jobs)
    found = {one.case.name: one for one in [*first, *rest]}
    return [found[one.name] for one in CASES if one.name in found]


def _side_by_side(ground: Ground, cases: Sequence[Case], jobs: int) -> list[Judged]:
    telling = threading.Lock()

    def one(case: Case) -> Judged:
        judged = judge(ground, case)
        with telling:
            say(progress(judged))
        return judged

    with ThreadPoolExecutor(jobs) as pool:
        try:
            return list(pool.map(one, cases))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _ground(names: set[str]) -> Iterator[Ground]:
    kube = start_cluster({*blog.IMAGES, *shop.IMAGES})
    run = secrets.token_hex(3)
    chosen = [app for name, app in APPS.items() if name in names]
    with step("Making the good backups, or taking those of an earlier run"):
        good = {app.name: goods.ensure(kube, app) for app in chosen}
    ground = Ground(kube, RUNS / run, good, run)
    ground.volumes.mkdir(parents=True)
    try:
        for app in chosen:
            goods.template(good[app.name], app, ground.template(app))
            ground.make_namespace(ground.namespace(app), app, {})
        with ready_volumes(kube, ground.volumes, ground.storage_class, VOLUMES):
            yield ground
    finally:
        ground.remove()


if __name__ == "__main__":
    sys.exit(main(measure))
