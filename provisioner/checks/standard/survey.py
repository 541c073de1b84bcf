"""What lies in the claims that were restored into, found by one walk over each."""

import asyncio
import posixpath
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from provisioner.checks import program
from provisioner.checks.answer import one_line
from provisioner.checks.program import Ended
from provisioner.checks.program_pod import Program
from provisioner.checks.standard.engine import text_of
from provisioner.checks.standard.readers import (
    Mount,
    User,
    is_a_databases,
    mounts_of,
    place_in,
    users_of,
)
from provisioner.checks.target import Restored, Sandbox
from provisioner.cluster.api import Object
from provisioner.cluster.resources import POD
from provisioner.errors import CheckUnableError
from provisioner.models.checks import ProgramClaim
from provisioner.models.standard import StandardCheck
from provisioner.repositories.tally import PRIME
from provisioner.tasks import all_or_first_error

MOUNT = "/restored"
SAMPLE = 300
"""Files of each claim that are looked into; of fewer all are."""

_LINES = 1000
"""More than the script ever prints: features stand for a hundredth of the files each."""


@dataclass(frozen=True)
class Found:
    """What lies in one claim: numbers by name, kinds and folders by name, and faults by kind."""

    name: str
    was_empty: bool
    users: Sequence[User]
    read_only: bool
    numbers: Mapping[str, int]
    features: Mapping[str, int]
    examples: Mapping[str, Sequence[str]]

    def number(self, name: str) -> int:
        """How many; what was not met is not told, and is none."""
        return self.numbers.get(name, 0)


class Survey:
    """One walk for all parts of a set. A part that asks again gets a new one."""

    def __init__(self, standard: StandardCheck, check: str) -> None:
        self._standard = standard
        self._check = check
        self._lock = asyncio.Lock()
        self._found: list[Found] = []
        self._served: set[str] = set()

    async def get(self, app: Sandbox, part: str) -> list[Found]:
        """What was found, for one part.

        Raises:
            CheckUnableError: there is nothing to look at, or it could not be looked at.
        """
        async with self._lock:
            if not self._found or part in self._served:
                self._found = await _survey(self._standard, self._check, app)
                self._served = set()
            self._served.add(part)
            return self._found


async def _survey(standard: StandardCheck, check: str, app: Sandbox) -> list[Found]:
    pods = await app.cluster.list_all(POD, app.namespace)
    places = chosen(standard, app.restored, pods, app.databases)
    return await all_or_first_error(_look(one, standard, check, app, pods) for one in places)


def chosen(
    standard: StandardCheck,
    restored: Sequence[Restored],
    pods: Sequence[Object],
    databases: Set[str] = frozenset(),
) -> list[Restored]:
    """The restores that are named, or all but those of databases: of the pods', or of these claims.

    Raises:
        CheckUnableError: there is none.
    """
    if standard.restores:
        found = [one for one in restored if one.name in standard.restores]
    else:
        plain = [one for one in restored if one.claim not in databases]
        found = [one for one in plain if not is_a_databases(one.claim, pods)]
    if not found:
        names = ", ".join(dict.fromkeys(one.name for one in restored)) or "none"
        raise CheckUnableError(
            f"no restore of plain files into a claim; restores into claims: {names}",
            hint="name those that are meant: standard: {set: files, restores: [NAME]}",
        )
    return found


async def _look(
    place: Restored, standard: StandardCheck, check: str, app: Sandbox, pods: Sequence[Object]
) -> Found:
    mounts = mounts_of(place.claim, pods)
    users = await users_of(mounts, app.cluster, app.namespace)
    walker = Program(
        word="walker",
        image=place.image,
        source=text_of("files.sh"),
        claims=[ProgramClaim(name=place.claim, path=MOUNT)],
        env=tuple(_environment(place, standard, mounts, users).items()),
        lines=_LINES,
    )
    numbers, features, examples = parsed(await program.run(walker, check, app))
    read_only = bool(mounts) and all(one.read_only for one in mounts)
    return Found(_name(place, app), place.files == 0, users, read_only, numbers, features, examples)


def _name(place: Restored, app: Sandbox) -> str:
    """The restore's name; of several replicas with the claim's."""
    several = sum(one.name == place.name for one in app.restored) > 1
    return f"{place.name} ({place.claim})" if several else place.name


def _environment(
    place: Restored, standard: StandardCheck, mounts: Sequence[Mount], users: Sequence[User]
) -> dict[str, str]:
    return {
        "FOLDER": posixpath.join(MOUNT, place.sub_path),
        "SEED": str(secrets.randbelow(PRIME)),
        "SAMPLE": str(SAMPLE),
        "USERS": " ".join(map(_written, users)),
        "EXCLUDE": pattern(standard.exclude),
        "MOUNTED": next(filter(None, (place_in(one, place.sub_path) for one in mounts)), ""),
        "MARK": secrets.token_hex(8),
    }


def _written(user: User) -> str:
    groups = ",".join(map(str, sorted(user.groups)))
    return f"{user.uid}/{groups}/{'1' if user.may_all else ''}"


def pattern(globs: Sequence[str]) -> str:
    """One extended regular expression for patterns in which * and ? stand for any characters."""
    inner = "|".join("".join(map(_translated, one)) for one in globs)
    return f"^({inner})$" if inner else ""


def _translated(char: str) -> str:
    """A class of one stands for its character in every awk; what cannot be in one gets any."""
    if char in "?\\^[]":
        return "."
    return ".*" if char == "*" else f"[{char}]" if char in ".+(){}|$" else char


def parsed(
    ended: Ended,
) -> tuple[dict[str, int], dict[str, int], dict[str, list[str]]]:
    """Numbers, features and faults, as the script tells them.

    Raises:
        CheckUnableError: it did not come to its end.
    """
    numbers: dict[str, int] = {}
    features: dict[str, int] = {}
    examples: dict[str, list[str]] = defaultdict(list)
    for kind, name, value in (line.split("\t", 2) for line in ended.log if line.count("\t") > 1):
        if kind == "e":
            examples[name].append(value)
        else:
            (numbers if kind == "n" else features)[name] = int(value)
    code = ended.state.get("exitCode")
    if code != 0 or "walked" not in numbers or "dangling" not in numbers:
        said = one_line(" ".join(ended.log[-3:])) or ended.state.get("message") or "no output"
        raise CheckUnableError(
            f"the files could not be looked at (exit code {code}): {said}",
            hint="the repository's image has to run as root and to hold sh, awk, find, stat and od",
        )
    return numbers, features, dict(examples)
