"""``script`` and ``job``: a program of the user's, in a pod of its own."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from provisioner.checks.answer import Answer, last_line, one_line
from provisioner.checks.expect import UNKNOWN, describe, judge
from provisioner.checks.program_pod import (
    CHECK_LABEL,
    CONTAINER,
    FILE,
    FOLDER,
    Program,
    config_map,
    pod,
    program_of,
)
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.api import Object
from provisioner.cluster.exec import (
    KILLED_EXIT_CODES,
    NOT_EXECUTABLE_EXIT_CODE,
    NOT_FOUND_EXIT_CODE,
)
from provisioner.cluster.mirror import Mirror, mirror
from provisioner.cluster.pods import (
    FINAL_PULL_MESSAGES,
    PULL_REASONS,
    claims_of,
    is_finished,
    read_log,
    unschedulable,
    waiting,
)
from provisioner.cluster.resources import CLAIM, CONFIG_MAP, POD, SECRET
from provisioner.cluster.room import as_no_room
from provisioner.errors import CheckUnableError, ClusterAwayError, ClusterError
from provisioner.models.checks import JobCheck, ScriptCheck
from provisioner.models.expect import Expect
from provisioner.tasks import uninterrupted

TROUBLE_GRACE = 15.0
"""Seconds for a pod to get over what keeps it from starting, e.g. a registry's hiccup."""

CLEANUP_SECONDS = 20.0

_NAME_LIMIT = 40
_CANNOT_START = ("StartError", "ContainerCannotRun")
_RUNC_SAYS = re.compile(rf"(\S+: )?exec ({FOLDER}/{FILE}|user process caused):? [^\n]*")
"""runc finds out too late for a StartError when the program's interpreter is not there."""

_CONFIG_REASONS = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")

_NO_NAMES_YET = re.compile(r"Temporary failure in name resolution|EAI_AGAIN")
"""What a resolver says when no name server answers: the network of a new pod may be a moment late.
A name that does not exist has other words."""

EXPECTED = "exit code 0, and an output"


@dataclass(frozen=True)
class Ended:
    """How a program ended by itself: what its container's state says, and its last lines."""

    word: str
    state: Object
    log: list[str]


def pod_name(check: str) -> str:
    """``check-`` and the check's name as far as a DNS label takes it, and a random end."""
    slug = re.sub(r"[^a-z0-9]+", "-", check.lower()).strip("-")[:_NAME_LIMIT].strip("-")
    return f"check-{slug or 'script'}-{secrets.token_hex(3)}"


async def ask(
    question: ScriptCheck | JobCheck, check: str, app: Sandbox, yardstick: Yardstick
) -> Answer:
    """Run the program; judge its exit code, and its last line if that is asked for."""
    end = await run(program_of(question), check, app)
    return judge_end(end, question.expect, yardstick)


async def run(program: Program, check: str, app: Sandbox) -> Ended:
    """Run a program to its end, and leave nothing of it.

    Raises:
        CheckUnableError: its pod did not start, or its output is not to be had.
    """
    await _demand(program, app)
    name = pod_name(check)
    try:
        if program.source:
            await app.cluster.create(CONFIG_MAP, config_map(name, program), app.namespace)
        node = await node_of_claims({claim.name for claim in program.claims}, app)
        await create(pod(name, program, node), app)
        end = await _watch(name, program.word, app)
        return Ended(program.word, end, await _log(name, program, app, end))
    finally:
        await uninterrupted(_remove(name, program, app))


async def create(manifest: Object, app: Sandbox) -> None:
    """Make a check's pod.

    Raises:
        CapacityError: the quota has no room for it.
        ClusterError: it is refused.
    """
    try:
        await app.cluster.create(POD, manifest, app.namespace)
    except ClusterError as error:
        raise as_no_room(error) from error


async def _demand(program: Program, app: Sandbox) -> None:
    """Say what is missing before a pod waits for it for ever."""
    wanted = [(SECRET, name) for name in program.secrets]
    wanted += [(CLAIM, claim.name) for claim in program.claims]
    for resource, name in wanted:
        if await app.cluster.find(resource, name, app.namespace) is None:
            raise CheckUnableError(f"{resource.kind} {name} does not exist in the sandbox")


async def node_of_claims(claims: Set[str], app: Sandbox) -> str | None:
    """The node where claims are in use; None when they are not."""
    if not claims:
        return None
    for one in await app.cluster.list_all(POD, app.namespace):
        if claims & set(claims_of(one)) and not is_finished(one):
            node: str | None = one["spec"].get("nodeName")
            return node
    return None


async def _watch(name: str, word: str, app: Sandbox) -> Object:
    """How the container ended."""
    async with watching(name, app) as pods:
        await demand_start(pods, name, word)
        return await pods.wait_for(lambda seen: ended(seen, name, word))


def watching(name: str, app: Sandbox) -> AbstractAsyncContextManager[Mirror]:
    """The one pod, as it changes."""
    return mirror(app.cluster, POD, app.namespace, f"{CHECK_LABEL}={name}")


async def demand_start(pods: Mirror, name: str, word: str) -> None:
    """Wait until the pod's container runs or ran; what keeps it from that gets a short grace.

    Raises:
        CheckUnableError: it does not start.
    """
    state = await pods.wait_for(
        lambda seen: ended(seen, name, word) or _trouble(seen, name) or _under_way(seen, name)
    )
    if isinstance(state, str):
        await _outlast(pods, name, f"the {word}'s pod does not start: {state}")


async def _outlast(pods: Mirror, name: str, trouble: str) -> None:
    try:
        async with asyncio.timeout(TROUBLE_GRACE):
            await pods.wait_for(lambda seen: _under_way(seen, name))
    except TimeoutError:
        raise CheckUnableError(trouble) from None


def _container(seen: dict[str, Object], name: str) -> Object:
    """The status of the pod's one container, whatever comes before it."""
    status = (seen.get(name) or {}).get("status", {})
    return next(iter(status.get("containerStatuses") or []), {})


def _under_way(seen: dict[str, Object], name: str) -> bool | None:
    state = _container(seen, name).get("state", {})
    return True if "running" in state or "terminated" in state else None


def ended(seen: dict[str, Object], name: str, word: str) -> Object | None:
    """How the pod's container ended; None while it has not.

    Raises:
        CheckUnableError: the node ended it.
    """
    end: Object | None = _container(seen, name).get("state", {}).get("terminated")
    one = seen.get(name)
    status = (one or {}).get("status", {})
    # A pod that the node throws out has a reason of its own, and its container an exit code.
    if one is not None and is_finished(one) and (end is None or status.get("reason")):
        said = status.get("message") or status.get("reason") or "no reason given"
        raise CheckUnableError(f"the node ended the {word}'s pod: {said}")
    return end


def _trouble(seen: dict[str, Object], name: str) -> str | None:
    """Why the pod will not start, None when it may.

    Raises:
        CheckUnableError: nor will it later.
    """
    one = seen.get(name)
    if one is None:
        return None
    wait = waiting(_container(seen, name))
    reason, said = wait.get("reason", ""), one_line(wait.get("message", ""))
    if reason in PULL_REASONS:
        text = f"image {one['spec']['containers'][0]['image']} cannot be pulled: {said or reason}"
        if reason == "InvalidImageName" or any(each in said for each in FINAL_PULL_MESSAGES):
            raise CheckUnableError(text)
        return text
    if reason in _CONFIG_REASONS:
        return said or str(reason)
    return unschedulable(one) or None


async def _log(name: str, program: Program, app: Sandbox, end: Object) -> list[str]:
    if end.get("reason") in _CANNOT_START:
        return []
    for _ in range(2):
        try:
            lines = await read_log(app.cluster, app.namespace, name, CONTAINER, lines=program.lines)
        except ClusterError as error:
            raise CheckUnableError(
                f"the {program.word}'s output is not to be had: {error}"
            ) from error
        if lines:
            return lines
        # The runtime may still be writing down what the program said last.
        await asyncio.sleep(0.5)
    return []


def judge_end(ended: Ended, expect: Expect | None = None, yardstick: Yardstick = UNKNOWN) -> Answer:
    """What the program's end means. One that says nothing is never a pass.

    Raises:
        CheckUnableError: the program never ran, or not to its own end.
        ClusterAwayError: its pod could not resolve names yet.
    """
    _demand_own_end(ended)
    code, output = int(ended.state.get("exitCode", -1)), "\n".join(ended.log)
    expected = f"exit code 0, {describe(expect, yardstick)}" if expect else EXPECTED
    if code != 0:
        saw = f"exit code {code}: {last_line(output) or 'no output'}"
        return Answer(False, expected, saw, output)
    if not output.strip():
        return Answer(False, expected, f"nothing: the {ended.word} returned nothing")
    last = output.rstrip().rsplit("\n", 1)[-1]
    return replace(judge(expect or Expect(), last, yardstick), expected=expected)


def _demand_own_end(ended: Ended) -> None:
    code, reason = int(ended.state.get("exitCode", -1)), ended.state.get("reason", "")
    output = "\n".join(ended.log)
    if reason in _CANNOT_START:
        raise _cannot_start(ended, ended.state.get("message", ""))
    if code != 0 and _RUNC_SAYS.fullmatch(output.strip()):
        raise _cannot_start(ended, output)
    if code in (NOT_EXECUTABLE_EXIT_CODE, NOT_FOUND_EXIT_CODE):
        said = last_line(output) or "a program is missing"
        raise CheckUnableError(f"the {ended.word} could not run (exit code {code}): {said}")
    if code != 0 and _NO_NAMES_YET.search(output):
        said = last_line(output)
        raise ClusterAwayError(f"no name server answered the {ended.word}'s pod: {said}")
    if reason == "OOMKilled":
        raise CheckUnableError(f"the {ended.word} ran out of memory")
    if code in KILLED_EXIT_CODES:
        raise CheckUnableError(f"the {ended.word} was killed (exit code {code})")


_HINTS = {
    "script": "its #! line must name a program of the image",
    "job": "its command must name a program of the image",
}


def _cannot_start(ended: Ended, said: str) -> CheckUnableError:
    return CheckUnableError(
        f"the {ended.word} cannot be started: {one_line(said)}", hint=_HINTS.get(ended.word, "")
    )


async def _remove(name: str, program: Program, app: Sandbox) -> None:
    """Best effort: what stays goes with the sandbox."""
    with contextlib.suppress(ClusterError, TimeoutError):
        async with asyncio.timeout(CLEANUP_SECONDS):
            await app.cluster.delete(POD, name, app.namespace, grace_seconds=1)
            if program.source:
                await app.cluster.delete(CONFIG_MAP, name, app.namespace)
