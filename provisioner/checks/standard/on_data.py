"""An engine that is started on restored data, where there is no application that runs one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import TypeVar

from provisioner.checks import program
from provisioner.checks.answer import Answer, one_line
from provisioner.checks.program import Ended, pod_name
from provisioner.checks.question import Question
from provisioner.checks.standard.engine import Engine, Understanding
from provisioner.checks.standard.engine_end import STARTS, judge_end
from provisioner.checks.standard.engine_pod import CONTAINER, Data, finder, manifest
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.api import Object
from provisioner.cluster.mirror import Mirror
from provisioner.cluster.pods import is_ready, read_log
from provisioner.cluster.resources import POD
from provisioner.errors import CheckUnableError, ClusterError, ProvisionerError
from provisioner.models.checks import Check
from provisioner.models.standard import StandardCheck
from provisioner.tasks import all_or_first_error, uninterrupted

START_AT_LEAST = timedelta(minutes=5)
"""What the start may take, if no longer timeout is given: an image is pulled, a log replayed."""

LOG_LINES = 2000
"""As much of an engine's log tells why it ended."""

GONE_SECONDS = 20.0

NEVER_ROOT = ("postgres", "mariadb")

T = TypeVar("T")


def start_question(check: Check, standard: StandardCheck) -> Question:
    """Whether the engine starts: what all other questions of the set need."""
    name = f"{check.name}: it starts on the data"
    return Question(
        name=name,
        entry=name,
        kind="standard",
        reads_data=False,  # it starts on an empty data directory, too
        ask=partial(_start, standard),
        timeout=max(check.timeout, START_AT_LEAST),
        retries=check.retries,
        severity=check.severity,
        needs=tuple(check.needs),
        fingerprint=f"{standard.set} starts",
    )


def key_of(standard: StandardCheck) -> str:
    """Tells the data of one engine from that of another."""
    return f"{standard.claim}/{standard.folder or ''} ({standard.set})"


async def _start(standard: StandardCheck, app: Sandbox, _: Yardstick) -> Answer:
    """Find the data, start the engine as its owner, and wait until it answers.

    Raises:
        CheckUnableError: its pod does not start, or not by a fault of the data.
        CheckRefusedError: the data is of another version than the image.
    """
    found = data_of(standard, await program.run(finder(standard), standard.set, app))
    if isinstance(found, Answer):
        return found
    name, answer = pod_name(standard.set), None
    try:
        node = await program.node_of_claims({str(standard.claim)}, app)
        await program.create(manifest(name, standard, found, node), app)
        answer = await _come_up(name, app)
    finally:
        if answer is None or not answer.passed:
            await uninterrupted(_remove(name, app, wait=True))
    if answer.passed:
        app.engines[key_of(standard)] = name
    return answer


def data_of(standard: StandardCheck, ended: Ended) -> Data | Answer:
    """Where the data is; an answer when there is none.

    Raises:
        CheckUnableError: it was not looked for, or several are there.
    """
    said = [line.split("\t") for line in ended.log if "\t" in line]
    word, *rest = said[-1] if said else [""]
    where = f"claim {standard.claim}"
    if word == "data":
        return _owned(standard, Data(rest[0].removeprefix("./"), int(rest[1]), int(rest[2])))
    if word == "none":
        holds = f"it holds: {rest[0].strip()}" if rest[0].strip() else "it is empty"
        return Answer(False, STARTS, f"no data directory of {standard.set} in {where}; {holds}")
    if word == "several":
        raise CheckUnableError(
            f"several data directories of {standard.set} in {where}: {rest[0].strip()}",
            hint="name one: standard: {..., folder: ...}",
        )
    raise CheckUnableError(f"{where} cannot be looked into: {one_line(' '.join(ended.log))}")


def _owned(standard: StandardCheck, data: Data) -> Data | Answer:
    """The data, if the set's server may run as its owner."""
    if data.user == 0 and standard.set in NEVER_ROOT:
        where = f"{data.folder} in claim {standard.claim}"
        return Answer(
            False, STARTS, f"{where} belongs to root, and {standard.set} never runs as root"
        )
    return data


async def _come_up(name: str, app: Sandbox) -> Answer:
    async with program.watching(name, app) as pods:
        await program.demand_start(pods, name, "engine")
        end = await _ended_or_ready(pods, name)
    if end is None:
        return Answer(True, STARTS, "it answers")
    return judge_end(end, await _log(name, app))


async def _ended_or_ready(pods: Mirror, name: str) -> Object | None:
    """How it ended; None when it is ready."""

    def look(seen: dict[str, Object]) -> list[Object | None] | None:
        end = program.ended(seen, name, "engine")
        return [end] if end or (name in seen and is_ready(seen[name])) else None

    (end,) = await pods.wait_for(look)
    return end


async def _log(name: str, app: Sandbox) -> list[str]:
    try:
        return await read_log(app.cluster, app.namespace, name, CONTAINER, lines=LOG_LINES)
    except ClusterError as error:
        raise CheckUnableError(f"the engine's log is not to be had: {error}") from error


def reach(standard: StandardCheck, app: Sandbox, understand: Understanding) -> Engine:
    """The engine that was started for a set.

    Raises:
        CheckUnableError: there is none.
    """
    if (pod := app.engines.get(key_of(standard))) is None:
        raise CheckUnableError(f"no engine was started on claim {standard.claim}")
    return Engine(
        app=app,
        set=standard.set,
        workload=f"the server on claim {standard.claim}",
        pod=pod,
        container=CONTAINER,
        login=b"\n\n" + (standard.database or "").encode() + b"\n",
        understand=understand,
    )


async def asked(ask: Callable[[Engine], Awaitable[T]], engine: Engine) -> T | Answer:
    """What the engine says; an answer of our own when it ended while it was asked.

    Raises:
        ProvisionerError: it still runs, and there was no answer.
    """
    try:
        return await ask(engine)
    except ProvisionerError:
        pod = await engine.app.cluster.find(POD, engine.pod, engine.app.namespace)
        end = program.ended({engine.pod: pod}, engine.pod, "engine") if pod else None
        if end is None:
            raise
        return judge_end(end, await _log(engine.pod, engine.app))


@asynccontextmanager
async def engines(app: Sandbox) -> AsyncIterator[None]:
    """Remove in the end what was started meanwhile."""
    try:
        yield
    finally:
        names = list(app.engines.values())
        await uninterrupted(all_or_first_error(_remove(name, app) for name in names))


async def _remove(name: str, app: Sandbox, *, wait: bool = False) -> None:
    """What stays goes with the sandbox. Who tries again waits: two servers would break the data."""
    with suppress(ClusterError, TimeoutError):
        await app.cluster.delete(POD, name, app.namespace, grace_seconds=1)
        if wait:
            async with asyncio.timeout(GONE_SECONDS), program.watching(name, app) as pods:
                await pods.wait_for(lambda seen: None if name in seen else True)
