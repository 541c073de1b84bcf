"""An installed application that is stopped while its claims are filled, and started again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import claims_of, controller_of
from provisioner.errors import ConfigurationError
from provisioner.restores.claims.chart import name_of, title
from provisioner.restores.held import Held, hold, stop
from provisioner.restores.inplace.live import Live, look

LOOK_SECONDS = 1.0
"""How often one looks again for what is waited for."""

STAY_SECONDS = 5.0
"""How often one looks whether all stays stopped, which takes as long as the restores."""


@dataclass(frozen=True)
class Stopping:
    """Takes the pods of a namespace away. ``claims`` are those that have to be free then."""

    cluster: Cluster
    namespace: str
    claims: Set[str]
    note: Callable[[str], None]

    async def stop(self, live: Live, own: Set[str]) -> list[Held]:
        """Stop all that makes pods; ``own`` are the release's (``KIND/NAME``).

        These come first: an operator among them would start again what it has made. Everything is
        stopped, not only what mounts the claims: what runs on without its database crashes, is
        started ever later, or remembers what was there before.

        Raises:
            ConfigurationError: a pod mounts a claim and cannot be stopped, or something is started
                again by somebody else.
        """
        self._refuse_what_nobody_stops(live)
        first = await self._stop([one for one in live.makers if title(one) in own])
        live = await look(self.cluster, self.namespace)
        rest = await self._stop([one for one in live.makers if title(one) not in own])
        await self._until_free([*first, *rest])
        return [*first, *rest]

    async def stay(self, stopped: Sequence[Held]) -> None:
        """Watch until cancelled that it stays so.

        Raises:
            ConfigurationError: it did not.
        """
        while True:
            await asyncio.sleep(STAY_SECONDS)
            live = await look(self.cluster, self.namespace)
            _refuse_what_goes_on(stopped, live)
            for pod in live.mounting(self.claims):
                raise ConfigurationError(
                    f"pod {name_of(pod)} mounts a claim that is being restored: something started"
                    " it meanwhile",
                    hint=_PAUSE,
                )

    async def _stop(self, makers: Sequence[Object]) -> list[Held]:
        held = [found for one in makers if (found := hold(one))]
        await stop(self.cluster, self.namespace, held)
        names = {title(one.workload) for one in held}
        await self._until(held, lambda live: [one for one in live.pods if _is_of(one, live, names)])
        return held

    async def _until_free(self, held: Sequence[Held]) -> None:
        def left(live: Live) -> Sequence[Object]:
            self._refuse_what_nobody_stops(live)
            return live.mounting(self.claims)

        await self._until(held, left)

    async def _until(self, held: Sequence[Held], left: Callable[[Live], Sequence[Object]]) -> None:
        """Wait until no pod is left. One that is gone has been unmounted."""
        told = ""
        while pods := left(live := await look(self.cluster, self.namespace)):
            _refuse_what_goes_on(held, live)
            if (text := f"waiting for pod {name_of(pods[0])} to end") != told:
                self.note(text)
            told = text
            await asyncio.sleep(LOOK_SECONDS)

    def _refuse_what_nobody_stops(self, live: Live) -> None:
        for pod in live.mounting(self.claims):
            if live.maker_of(pod) is None:
                raise _unstoppable(pod, sorted(self.claims & set(claims_of(pod))))


_PAUSE = (
    "an operator outside of the sandbox may do so: pause it by its resource's own fields, or load a"
    " dump by into: {stream: ...}"
)


def _unstoppable(pod: Object, claims: Sequence[str]) -> ConfigurationError:
    owner = controller_of(pod)
    whose = f"{owner['kind']}/{owner['name']} makes itself" if owner else "stands alone"
    return ConfigurationError(
        f"claim {', '.join(claims)} is mounted by pod {name_of(pod)}, which {whose}: it cannot be"
        " scaled to 0 for a restore in place",
        hint="load a dump by into: {stream: ...}, or have the operator restore by itself",
    )


def _is_of(pod: Object, live: Live, names: Set[str]) -> bool:
    maker = live.maker_of(pod)
    return maker is not None and title(maker) in names


def _refuse_what_goes_on(held: Sequence[Held], live: Live) -> None:
    there = {title(one): one for one in live.makers}
    for one in held:
        name = title(one.workload)
        if name in there and not _holds(there[name], one.stop):
            raise ConfigurationError(
                f"{name} was started again while its application was stopped for a restore in"
                " place",
                hint=_PAUSE,
            )


def _holds(value: Any, wanted: Any) -> bool:
    """Whether what a merge patch wants is so."""
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    return isinstance(value, Mapping) and all(
        _holds(value.get(key), each) for key, each in wanted.items()
    )
