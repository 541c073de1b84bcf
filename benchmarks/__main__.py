"""Measure everything and write ``results.md``; run as ``python -m benchmarks`` (``make bench``)."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import commands, restores
from benchmarks.overhead import overhead
from benchmarks.results import Results, last_line, written
from benchmarks.sides import Run, Timed, run_by_hand, run_session
from examples.common.cluster import Kube
from examples.common.demonstration import start_cluster
from examples.common.progress import detail, say, step
from examples.common.verifier import document_for
from examples.common.volumes import ready_volumes
from examples.wordpress.demo import seed
from examples.wordpress.demo.__main__ import run_production
from examples.wordpress.demo.backup import backup
from examples.wordpress.demo.production import IMAGES, Production

PAIRS = 5
RESTORE_PAIRS = 3
CLASS = "benchmark"
"""Of volumes that are there before they are asked for: how long one takes is neither side's."""

VOLUMES = 4
"""Two for one run, and two while those of the run before are emptied."""

RESULTS = Path(__file__).with_name("results.md")

BY_HAND_TOO = ("sql", "http")
"""Kinds of the example's checks that the runbook asks, too."""


INTERRUPTED = 130


def main() -> int:
    """Measure, or stop when asked to: what is on its way is removed first."""
    try:
        return measure()
    except KeyboardInterrupt:
        say("interrupted; nothing is left of it")
        return INTERRUPTED


def measure() -> int:
    """Measure in one run; the last line that is printed is the result."""
    kube = start_cluster(IMAGES)
    blog = Production()
    run_production(kube, blog)
    with step("Backing up"):
        backup(kube, blog)
        seed.change(kube, blog)
    sessions, by_hand = alternate(kube, blog)
    found = Results(
        sessions=sessions,
        by_hand=by_hand,
        overheads=[overhead(one) for one in sessions],
        against_restic=restores.against_restic(kube, RESTORE_PAIRS),
        side_by_side=restores.side_by_side(kube),
        answers=commands.answers(),
    )
    RESULTS.write_text(written(found))
    say(f"the tables are in {os.path.relpath(RESULTS)}")
    sys.stdout.write(f"{last_line(found)}\n")
    return 0


def alternate(kube: Kube, blog: Production) -> tuple[list[Run], list[Timed]]:
    """Pairs of a session and the runbook, on the same data; the first pair only warms up."""
    verifier = question(blog)
    values = verifier["spec"]["application"]["values"]
    sessions, by_hand = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        ready_volumes(kube, Path(folder), CLASS, VOLUMES),
        step(f"A session and the runbook, {PAIRS} times in turn"),
    ):
        for number in range(PAIRS + 1):
            session = run_session(kube, verifier)
            runbook = run_by_hand(kube, f"runbook-{number}", values)
            detail(f"{_told(session.timed)}; by hand {_told(runbook)}; {_told_parts(session)}")
            if number:
                sessions.append(session)
                by_hand.append(runbook)
    return sessions, by_hand


def question(blog: Production) -> dict[str, Any]:
    """The example's verifier with the checks that the runbook makes, and volumes that are there."""
    verifier = document_for(blog)
    spec = verifier["spec"]
    spec["checks"] = [one for one in spec["checks"] if any(kind in one for kind in BY_HAND_TOO)]
    values = spec["application"]["values"]
    values["wordpress"]["uploads"] = {"storageClass": CLASS}
    values["mariadb"] = {"persistence": {"storageClass": CLASS}}
    return verifier


def _told(timed: Timed) -> str:
    return f"verdict {timed.to_verdict:.1f} s, gone {timed.to_gone:.1f} s"


def _told_parts(session: Run) -> str:
    seconds = overhead(session)
    parts = ", ".join(
        f"{name} {value:.1f}" for name, value in {**seconds.ours, **seconds.cluster}.items()
    )
    return f"restic {seconds.restore:.1f}, application {seconds.application:.1f}, {parts}"


if __name__ == "__main__":
    sys.exit(main())
