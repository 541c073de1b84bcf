"""pyhelm3's ``Command`` with processes that can be stopped, and nothing secret in argv."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from pyhelm3 import Command, errors

from provisioner import process
from provisioner.errors import ConfigurationError

logger = logging.getLogger(__name__)


def _environment() -> dict[str, str]:
    """This process' environment without another cluster's connection in it.

    Releases of a sandbox are recorded in it, whatever the user's own Helm does: a record in a
    database would outlive the namespace, and one in memory is gone before the release is tested.
    """
    own = {key: value for key, value in os.environ.items() if not key.startswith("HELM_KUBE")}
    return {**own, "HELM_DRIVER": "secret"}


def is_before_4(version: str) -> bool:
    """Whether a Helm of that version is an older one, which takes some things otherwise."""
    return version.startswith(("v2.", "v3."))


class HelmCommand(Command):  # type: ignore[misc]
    """Runs ``helm`` without a shell; a cancelled caller ends it and its children.

    pyhelm3 runs Helm through a shell, where only ``sh`` gets the signal and Helm goes on.
    """

    def __init__(self, executable: str, kubeconfig: Path | None, context: str | None) -> None:
        super().__init__(executable=executable, kubeconfig=kubeconfig, kubecontext=context)

    async def run(
        self,
        command: list[object],
        input: bytes | None = None,  # noqa: A002
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run one Helm command and give back what it wrote. ``env`` is added to our own.

        Raises:
            pyhelm3.errors.Error: Helm's exit code was not 0.
            ConfigurationError: there is no such program.
        """
        argv = [self._executable, *(str(part) for part in command), *self._connection()]
        logger.debug("helm %s", " ".join(argv[1:3]))
        try:
            ended = await process.run(argv, env={**_environment(), **(env or {})}, stdin=input)
        except (FileNotFoundError, PermissionError) as error:
            raise ConfigurationError(
                f"helm cannot be run: {self._executable}",
                hint="install Helm 3.14 or later, or name it with --helm",
            ) from error
        if ended.exit_code != 0:
            raise errors.Error(ended.exit_code, ended.stdout, ended.stderr)
        return ended.stdout

    def _connection(self) -> list[str]:
        kubeconfig = ["--kubeconfig", str(self._kubeconfig)] if self._kubeconfig else []
        context = ["--kube-context", self._kubecontext] if self._kubecontext else []
        return kubeconfig + context
