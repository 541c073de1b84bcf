"""How much of a container's log is read: of a long one its newest lines, and not its oldest."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest

from provisioner.cluster.api import Cluster
from provisioner.cluster.pods import LOG_CHARACTERS, MARKED_LINES, read_log, search_log

WHERE = ("ns", "db-0", "db")


class Logs:
    """As the API server gives a log: limitBytes counts from where the tail begins."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    @asynccontextmanager
    async def stream(
        self,
        _resource: object,
        _namespace: str,
        path: str,
        params: Mapping[str, str],
        silence: float,
    ) -> AsyncIterator[AsyncIterator[str]]:
        assert path == "/db-0/log"
        lines = self.lines[-int(params["tailLines"]) :] if "tailLines" in params else self.lines
        text = "".join(f"{line}\n" for line in lines)[: int(params.get("limitBytes", 1 << 30))]

        async def each() -> AsyncIterator[str]:
            for line in text.splitlines():
                yield line

        yield each()

    @property
    def cluster(self) -> Cluster:
        return cast("Cluster", self)


LONG = [f"{number} {'x' * 100}" for number in range(5000)]


async def test_the_last_line_of_a_long_tail_is_the_newest() -> None:
    found = await read_log(Logs(LONG).cluster, *WHERE, lines=2000)
    assert found[-1] == LONG[-1]
    assert sum(map(len, found)) <= LOG_CHARACTERS


async def test_the_tail_of_a_log() -> None:
    assert await read_log(Logs(LONG).cluster, *WHERE, lines=20) == LONG[-20:]
    assert await read_log(Logs(["y" * 100_000]).cluster, *WHERE, lines=5) == ["y" * LOG_CHARACTERS]
    assert await read_log(Logs([]).cluster, *WHERE, lines=5) == []


@pytest.mark.parametrize("place", [0, 2500, 4999])
async def test_a_whole_log_is_searched(place: int) -> None:
    lines = [*LONG]
    lines[place] = "PANIC: torn"
    found = await search_log(Logs(lines).cluster, *WHERE, re.compile("PANIC"))
    assert found == (5000, ["PANIC: torn"])


async def test_a_log_full_of_marks_is_kept_in_part() -> None:
    count, found = await search_log(Logs(LONG).cluster, *WHERE, re.compile("x"))
    assert (count, len(found), found[-1]) == (5000, MARKED_LINES, LONG[-1])
