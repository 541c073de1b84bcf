"""Restores: against plain restic, several side by side, and many small files."""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.overhead import restore_seconds, restore_span
from benchmarks.repositories import MIB, Repository, repositories, restore_plainly, verifier
from benchmarks.sides import run_session
from examples.common.cluster import Kube
from examples.common.progress import detail, step

LARGE = (12, 64 * MIB)
SMALL = (50_000, 4096)
"""A million files of 4 KiB, scaled to what two cores can do in a minute."""

SIDE_BY_SIDE = (1, 2, 4)


@dataclass(frozen=True)
class Against:
    """Seconds of restic by itself and in the restore's pod, on the same snapshot, alternating."""

    name: str
    bytes: int
    plain: Sequence[float]
    job: Sequence[float]

    @property
    def ratio(self) -> float:
        """The pod's bytes per second by plain restic's."""
        return statistics.median(self.plain) / statistics.median(self.job)


@dataclass(frozen=True)
class Together:
    """Seconds of as many restores side by side, from the first's start to the last's end."""

    count: int
    seconds: float
    one_by_one: float
    """The sum of each by itself, in sessions of their own."""


def against_restic(kube: Kube, pairs: int) -> list[Against]:
    """Compare large files, and many small ones."""
    with (
        tempfile.TemporaryDirectory() as name,
        repositories(kube, Path(name), LARGE, SMALL) as (large, small),
    ):
        return [
            _compare(kube, f"{LARGE[0]} files of {LARGE[1] // MIB} MiB", large, pairs),
            _compare(kube, f"{SMALL[0]} files of {SMALL[1] // 1024} KiB", small, pairs),
        ]


def _compare(kube: Kube, name: str, repository: Repository, pairs: int) -> Against:
    times: dict[str, list[float]] = {"plain": [], "pod": []}
    ways: dict[str, Callable[[], float]] = {
        "plain": lambda: restore_plainly(repository, repository.folder.parent / "target"),
        "pod": lambda: restore_seconds(run_session(kube, verifier([repository])))[0],
    }
    with step(f"Restores: {name}"):
        for number in range(pairs):
            # Who comes second finds the repository in the page cache.
            for way in sorted(ways, reverse=bool(number % 2)):
                times[way].append(ways[way]())
            detail(f"plain restic {times['plain'][-1]:.2f} s, in the pod {times['pod'][-1]:.2f} s")
    return Against(name, repository.bytes, times["plain"], times["pod"])


def side_by_side(kube: Kube) -> list[Together]:
    """Restore 1, 2 and 4 repositories of the same size in one session each."""
    with (
        tempfile.TemporaryDirectory() as name,
        repositories(kube, Path(name), *[LARGE] * max(SIDE_BY_SIDE)) as made,
        step("Restores side by side"),
    ):
        alone = [restore_seconds(run_session(kube, verifier([one])))[0] for one in made]
        found = []
        for count in SIDE_BY_SIDE:
            run = run_session(kube, verifier(made[:count]))
            found.append(Together(count, restore_span(run), sum(alone[:count])))
            detail(f"{count}: {found[-1].seconds:.2f} s, one by one {found[-1].one_by_one:.2f} s")
        return found
