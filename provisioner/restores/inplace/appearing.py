"""Claims that an installed application makes: waited for, and found by what mounts them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provisioner.cluster.api import Cluster
from provisioner.deadline import Deadline
from provisioner.errors import ConfigurationError, DeadlineExceededError
from provisioner.restores.claims.chart import title
from provisioner.restores.claims.targets import targets_of
from provisioner.restores.inplace.live import Live, look
from provisioner.restores.inplace.planned import PlannedInplace
from provisioner.restores.inplace.stopping import LOOK_SECONDS

TELLING_SECONDS = 5.0
"""What is kept of the session's time for telling what did not appear."""

IDLE_SECONDS = 30.0
"""How long a claim may be there before something mounts it and it has a volume: mostly, nothing
mounts it then, and it gets one when a pod does."""


@dataclass(frozen=True)
class Appearing:
    """Restores whose places the installed application makes."""

    cluster: Cluster
    namespace: str
    planned: Sequence[PlannedInplace]
    note: Callable[[str], None]

    async def wait(self, deadline: Deadline) -> Live:
        """Wait until all places are there, and what mounts them.

        Raises:
            ConfigurationError: one is not there when the session's time is over, or can be none.
            ClusterError: it may not be looked for.
        """
        limit, seen = deadline.before(TELLING_SECONDS), [Live({}, [], [])]
        try:
            async with limit.enforce("the wait for claims"):
                return await self._wait(seen)
        except DeadlineExceededError as error:
            raise self._never(seen[-1], limit) from error

    async def _wait(self, seen: list[Live]) -> Live:
        told, there_since = "", 0.0
        while True:
            seen[:] = [live := await look(self.cluster, self.namespace)]
            missing = self._missing(live)
            if not missing:
                there_since = there_since or time.monotonic()
                missing = self._idle(live)
                if not missing or time.monotonic() - there_since >= IDLE_SECONDS:
                    return live
            if missing != told:
                self.note(f"waiting for {missing}")
            told = missing
            await asyncio.sleep(LOOK_SECONDS)

    def _missing(self, live: Live) -> str:
        """A place that is not there yet, in words."""
        for one in self.planned:
            targets = targets_of(one.restore, live.made)
            lacking = [each.name for each in targets if each.name not in live.claims]
            if lacking or not targets:
                return f"claim {lacking[0]}" if lacking else one.place
        return ""

    def _idle(self, live: Live) -> str:
        """What is not complete yet, in words, and may never be.

        What mounts a claim later would start beside us, and a claim without a volume cannot grow.
        """
        for one in self.planned:
            for target in targets_of(one.restore, live.made):
                if target.workload is None:
                    return f"what mounts claim {target.name}"
                if live.claims[target.name].get("status", {}).get("phase") != "Bound":
                    return f"the volume of claim {target.name}"
        return ""

    def _never(self, live: Live, limit: Deadline) -> ConfigurationError:
        missing = self._missing(live) or self._idle(live)
        claims = ", ".join(sorted(live.claims)) or "none"
        makers = ", ".join(sorted(map(title, live.makers))) or "none"
        return ConfigurationError(
            f"the installed application did not make {missing} within the session's"
            f" {limit.seconds:.0f} s",
            hint=f"is the name right, and does what makes it run? Its claims: {claims}; its"
            f" workloads: {makers}",
        )
