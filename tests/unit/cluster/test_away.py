"""An API server that is away for a moment is waited for, and no longer than that."""

from collections.abc import Awaitable, Callable

import pytest

from provisioner.cluster import away
from provisioner.cluster.away import outlast
from provisioner.errors import ClusterAwayError, ClusterError


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "_FIRST_PAUSE", 0.0)


def answers(*found: Exception | str) -> Callable[[], Awaitable[str]]:
    left = list(found)

    async def ask() -> str:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


async def test_who_comes_back_is_asked_again() -> None:
    gone = ClusterAwayError("gone")
    assert await outlast(answers(gone, gone, "here")) == "here"


async def test_a_refusal_is_an_answer() -> None:
    with pytest.raises(ClusterError, match="no"):
        await outlast(answers(ClusterError("no", status=403), "never asked"))


async def test_who_stays_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "AWAY_SECONDS", 0.0)
    with pytest.raises(ClusterAwayError, match="first"):
        await outlast(answers(ClusterAwayError("first"), "never asked"))


async def test_the_caller_says_who_counts_as_away() -> None:
    busy = ClusterError("busy", status=429)
    assert await outlast(answers(busy, "here"), lambda error: error is busy) == "here"
