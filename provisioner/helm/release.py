"""What the pipeline asks of Helm: render, install, test, uninstall."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyhelm3 import errors

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.away import outlast
from provisioner.cluster.manifests import read_manifests
from provisioner.cluster.resources import SECRET
from provisioner.cluster.room import HINT, is_no_room
from provisioner.errors import (
    CapacityError,
    ChartError,
    CheckUnableError,
    ClusterAwayError,
    ConfigurationError,
    HookError,
)
from provisioner.helm.command import HelmCommand
from provisioner.helm.patches import Patch
from provisioner.helm.postrenderer import post_renderer

NEVER_MIND = ("release: not found",)

BEYOND = 30
"""Seconds of Helm's own limit after the caller's: the caller's has to decide what an end means."""


@dataclass(frozen=True)
class TestResult:
    """What ``helm test`` said, and that the tests were really put."""

    __test__ = False  # pytest takes every Test... for one of its own

    passed: bool
    log: str


@dataclass(frozen=True)
class Release:
    """One release of one chart in one namespace.

    ``validated``: Helm has compared the very same objects with the API server's schemas before.
    """

    name: str
    namespace: str
    chart: Path
    values: dict[str, Any]
    patches: Sequence[Patch] = ()
    validated: bool = False


@dataclass(frozen=True)
class Rendered:
    """What a chart makes, hooks included, and what the chart says of itself."""

    objects: list[Object]
    metadata: Mapping[str, Any]


class Helm:
    """Helm 3 or 4, whichever the executable is. ``folder`` is where its private files go."""

    def __init__(self, executable: str, cluster: Cluster, folder: Path | None = None) -> None:
        self.command = HelmCommand(executable, cluster.kubeconfig, cluster.context)
        self._cluster = cluster
        self._folder = folder
        self._version = ""

    async def version(self) -> str:
        """Helm's own version, e.g. ``v4.3.1``."""
        if not self._version:
            said = await self._run(["version", "--template", "{{.Version}}"])
            self._version = said.decode().strip()
        return self._version

    async def render(self, release: Release) -> Rendered:
        """All objects of the chart, rendered against the server, unpatched.

        By a dry installation: ``helm template`` of Helm 3 knows neither the cluster's version nor
        its kinds, even with ``--dry-run=server``. Nothing is created.

        Raises:
            ChartError: the chart does not render.
        """
        command = ["install", release.name, release.chart, "--dry-run=server", "--skip-crds"]
        command += ["--namespace", release.namespace, "--output", "json", "--values", "-"]
        try:
            said = await self._run(command, json.dumps(release.values).encode())
        except errors.Error as error:
            raise _chart_error("the chart does not render", error) from error
        # Helm 4 tells on stdout, before the JSON, what it pulled from an OCI registry.
        rendered = json.loads(said[said.index(b"{") :])
        hooks = (hook["manifest"] for hook in rendered.get("hooks") or [])
        objects = read_manifests("\n---\n".join([rendered["manifest"], *hooks]))
        return Rendered(objects, rendered["chart"]["metadata"])

    async def install(self, release: Release, seconds: float, *, hooks: bool = True) -> None:
        """Install; hooks are waited for, the application is not (that is readiness).

        Begun anew when the API server was away: what the first try made is adopted by the next.

        Raises:
            ChartError: Helm gave up; some objects may be there already.
            HookError: a hook ran and failed.
        """
        command = ["upgrade", release.name, release.chart, "--install", "--skip-crds"]
        command += ["--namespace", release.namespace, "--values", "-", "--output", "json"]
        command += ["--timeout", f"{round(seconds) + BEYOND}s"]
        # It reads all schemas of the API server for that: half of what an installation takes.
        command += ["--disable-openapi-validation"] if release.validated else []
        command += [] if hooks else ["--no-hooks"]
        with post_renderer(release.patches, await self.version(), self._folder) as through:
            try:
                values = json.dumps(release.values).encode()
                command += through.flags
                await self._run(command, values, through.env, lambda: self.forget(release))
            except errors.Error as error:
                raise _install_error(error) from error

    async def test(self, name: str, namespace: str, seconds: float) -> TestResult:
        """Run the release's own tests.

        Without ``--logs``: Helm 3 looks for them after it has deleted the pods of tests that
        passed, and ends with an error then.

        Raises:
            CheckUnableError: whether they pass cannot be told.
            CapacityError: the quota has no room for them.
        """
        command = ["test", name, "--namespace", namespace]
        try:
            said = await self._run([*command, "--timeout", f"{round(seconds) + BEYOND}s"])
        except errors.Error as error:
            return _failed_tests(error)
        return TestResult(True, said.decode(errors="replace").strip())

    async def releases(self, namespace: str) -> list[str]:
        """Names of all releases of a namespace, in whatever state.

        Raises:
            ChartError: Helm cannot list them.
        """
        # Helm 4 has no --all, and Helm 3 shows only some states without these.
        states = ("deployed", "failed", "pending", "superseded", "uninstalling")
        flags = [f"--{state}" for state in states]
        try:
            said = await self._run(["list", "--short", *flags, "--namespace", namespace])
        except errors.Error as error:
            raise _chart_error("the releases cannot be listed", error) from error
        return said.decode().split()

    async def uninstall(
        self, name: str, namespace: str, seconds: float, *, hooks: bool = True
    ) -> None:
        """Uninstall; a release that is not there is no error.

        Raises:
            ChartError: Helm gave up, e.g. on a hook of the chart.
        """
        command = ["uninstall", name, "--namespace", namespace, *([] if hooks else ["--no-hooks"])]
        try:
            await self._run([*command, "--timeout", f"{max(1, round(seconds))}s"])
        except errors.Error as error:
            if not any(known in str(error).lower() for known in NEVER_MIND):
                raise _chart_error("the chart does not uninstall", error) from error

    async def _run(
        self,
        command: Sequence[object],
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        before_again: Callable[[], Awaitable[None]] | None = None,
    ) -> bytes:
        """Run Helm, and again while it does not reach the API server.

        Raises:
            pyhelm3.errors.Error: Helm failed.
            ClusterAwayError: the API server stayed away.
        """
        begun = False

        async def once() -> bytes:
            nonlocal begun
            if begun and before_again:
                await before_again()
            begun = True
            try:
                return await self.command.run(list(command), stdin, env)
            except errors.Error as error:
                said = last_words(error.stderr.decode(errors="replace"))
                if is_unreached(said, self._cluster.server):
                    raise ClusterAwayError(f"Helm does not reach the cluster: {said}") from error
                raise

        return await outlast(once)

    async def forget(self, release: Release) -> None:
        """Remove the records of an install, so that the next begins anew and adopts what is there.

        One that broke off is pending and bars the next; after a whole one there would be no install
        but an upgrade, without an install's hooks. Not by uninstalling: that would take the
        restored claims away.
        """
        of_release = f"owner=helm,name={release.name}"
        for one in await self._cluster.list_all(SECRET, release.namespace, of_release):
            await self._cluster.delete(SECRET, one["metadata"]["name"], release.namespace)


_UNREACHABLE = re.compile(
    r"cluster unreachable|error when reading response body|client connection lost"
    # Helm 4 waits for a hook by watches; one that it could not look at has this status.
    r"|not ready\. status: Unknown",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    r"connection refused|connection reset|i/o timeout|\bEOF\b|no route to host|broken pipe"
    r"|network is unreachable|TLS handshake timeout|GOAWAY",
    re.IGNORECASE,
)
_INVALID_VALUES = re.compile(r"values don't meet the specifications of the schema", re.IGNORECASE)


def is_unreached(said: str, server: str) -> bool:
    """Whether Helm failed because the API server was away; a chart's repository may be, too."""
    return bool(_UNREACHABLE.search(said) or (server in said and _BROKEN.search(said)))


_TEST_FAILED = re.compile(r"^Phase:\s+Failed\s*$", re.MULTILINE)
_NOT_TESTED = re.compile(
    # Helm calls a hook failed, too, that it could not create or that did not end in time.
    r"timed out|deadline exceeded|warning: Hook|forbidden|cancell?ed",
    re.IGNORECASE,
)


def _failed_tests(error: errors.Error) -> TestResult:
    """Failed only when Helm says so of a test that ran; every other exit code says nothing."""
    said = last_words(error.stderr.decode(errors="replace"))
    told = error.stdout.decode(errors="replace")
    if is_no_room(said):
        raise CapacityError(f"the chart's tests have no room: {said}", hint=HINT)
    if _NOT_TESTED.search(said) or not _TEST_FAILED.search(told):
        raise CheckUnableError(f"helm test could not be run: {said}")
    return TestResult(False, f"{told.strip()}\nError: {said}")


_HOOK_FAILED = re.compile(r"failed (?:pre|post)-(?:install|upgrade)\b|BackoffLimitExceeded")
_HOOK_NOT_RUN = re.compile(r"warning: Hook", re.IGNORECASE)


def _install_error(error: errors.Error) -> Exception:
    """A hook that ran may have failed on the restored data; one that was refused is the chart's."""
    found = _chart_error("the chart does not install", error)
    if not isinstance(found, ChartError):
        return found
    if _HOOK_NOT_RUN.search(found.message) or not _HOOK_FAILED.search(found.message):
        return found
    return HookError(found.message, hint="look at what the hook does with the restored data")


def _chart_error(what: str, error: errors.Error) -> Exception:
    said = last_words(error.stderr.decode(errors="replace"))
    if is_no_room(said):
        return CapacityError(f"{what}: {said}", hint=HINT)
    if _INVALID_VALUES.search(said):
        return ConfigurationError(f"the chart refuses the values: {said}")
    return ChartError(f"{what}: {said}")


def last_words(stderr: str) -> str:
    """Helm's error without its warnings and its log lines, on one line."""
    lines = [line.strip() for line in stderr.splitlines()]
    kept = [line for line in lines if line and not re.match(r"(WARNING|level=|walk\.go)", line)]
    return " ".join(kept).removeprefix("Error: ")[:1000] or "it gave no reason"
