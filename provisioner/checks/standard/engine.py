"""The restored engine, as the checks of a set reach it: by exec, in its own container."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources

from provisioner.checks.answer import last_line, one_line
from provisioner.checks.login import value_of
from provisioner.checks.patience import SPAN, NotYetError, patiently
from provisioner.checks.speech import Kind, Said
from provisioner.checks.standard.workload import container_of, only, ref_of
from provisioner.checks.target import Sandbox, read_secret, ready_pod
from provisioner.cluster.api import Object
from provisioner.cluster.exec import (
    KILLED_EXIT_CODES,
    NOT_EXECUTABLE_EXIT_CODE,
    NOT_FOUND_EXIT_CODE,
    Executed,
    execute,
)
from provisioner.cluster.pods import search_log
from provisioner.cluster.resources import WORKLOADS
from provisioner.errors import CheckRefusedError, CheckUnableError, ClusterError
from provisioner.models.standard import StandardCheck
from provisioner.tasks import all_or_first_error

LOGIN_EXIT_CODE = 70
"""How a script ends that nobody let in."""

NOT_COVERED_EXIT_CODE = 71
"""How a script ends that lacks the rights for its question."""

Understanding = Callable[[str], Said]
"""What a client's error means."""


@dataclass(frozen=True)
class Engine:
    """Where an engine runs, and what is known of its login."""

    app: Sandbox
    set: str
    workload: str
    pod: str
    container: str
    login: bytes = field(repr=False)
    understand: Understanding

    async def run(self, main: str, *arguments: str) -> Executed:
        """Run a script after the set's own beginning; a server that is not up yet is waited for.

        Raises:
            CheckUnableError: it could not be run.
            CheckRefusedError: the login is refused.
        """
        script = "\n".join([text_of("values.sh"), text_of(f"{self.set}.sh"), main])

        async def once(_last: bool) -> Executed:
            done = await execute(
                self.app.cluster,
                self.app.namespace,
                self.pod,
                self.container,
                ["sh", "-c", script, "sh", *arguments],
                stdin=self.login,
            )
            self._refuse_the_unasked(done)
            return done

        return await patiently(once, SPAN)

    async def log(self, marks: re.Pattern[str]) -> tuple[int, list[str]]:
        """The container's log since its last start but one: how many lines, and the marked ones."""
        count, lines = 0, list[str]()
        for previous in (True, False):
            where = (self.app.cluster, self.app.namespace, self.pod, self.container)
            try:
                more, found = await search_log(*where, marks, previous=previous)
            except ClusterError:
                if not previous:
                    raise
            else:
                count, lines = count + more, lines + found
        return count, lines

    def _refuse_the_unasked(self, done: Executed) -> None:
        said = one_line(last_line(done.stderr) or last_line(done.stdout))
        where = f"{self.workload} ({self.set})"
        if done.exit_code in (NOT_FOUND_EXIT_CODE, NOT_EXECUTABLE_EXIT_CODE):
            raise CheckUnableError(f"not covered: {said or 'a tool is missing in the image'}")
        if done.exit_code in KILLED_EXIT_CODES:
            raise CheckUnableError(f"the check in {where} was killed ({done.exit_code})")
        if done.exit_code == NOT_COVERED_EXIT_CODE:
            raise CheckUnableError(
                said, hint="name an administrator's Secret: standard: {set: ..., secret: ...}"
            )
        if done.exit_code == LOGIN_EXIT_CODE:
            self._refuse(where, done.stderr)

    def _refuse(self, where: str, stderr: str) -> None:
        said = self.understand(stderr)
        if said.kind is Kind.AWAY:
            raise NotYetError(CheckUnableError(f"{where} does not answer: {said.sentence}"))
        if said.kind is Kind.UNABLE:
            raise CheckUnableError(f"{where} could not be asked: {said.sentence}")
        raise CheckRefusedError(f"{where} refuses the credentials: {said.sentence}")


async def reach(question: StandardCheck, app: Sandbox, understand: Understanding) -> Engine:
    """Find the engine's container and its login.

    Raises:
        CheckUnableError: there is none, or several are meant.
    """
    workload = await _workload(question, app)
    pod = await ready_pod(app, ref_of(workload))
    login = await _login(question, app)
    container = container_of(question, workload)
    return Engine(app, question.set, ref_of(workload), pod, container, login, understand)


async def _workload(question: StandardCheck, app: Sandbox) -> Object:
    kinds = WORKLOADS.values()
    found = await all_or_first_error(app.cluster.list_all(one, app.namespace) for one in kinds)
    return only(question, [one for some in found for one in some])


async def _login(question: StandardCheck, app: Sandbox) -> bytes:
    """User, password and database, a line each, for a script's stdin."""
    user = password = b""
    if question.secret is not None:
        data = await read_secret(app, question.secret)
        password = value_of(data, question.secret, question.password_key).rstrip(b"\n")
        user = value_of(data, question.secret, question.user_key) if _has_user(question) else b""
    lines = [user.strip(), password, (question.database or "").encode()]
    if any(b"\n" in one for one in lines):
        raise CheckUnableError(f"Secret {question.secret}: a value has more than one line")
    return b"".join(one + b"\n" for one in lines)


def _has_user(question: StandardCheck) -> bool:
    """Redis may know a password alone."""
    return question.set != "redis" or "user_key" in question.model_fields_set


def text_of(name: str) -> str:
    """A script or statements of a set."""
    folder = resources.files("provisioner.checks.standard") / "scripts"
    return (folder / name).read_text(encoding="utf-8")
