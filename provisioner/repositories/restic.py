"""A restic repository, only ever read: no lock, no cache, no write."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from provisioner import process
from provisioner.errors import (
    BackupError,
    ConfigurationError,
    ProvisionerError,
    RepositoryError,
    UnclearError,
)
from provisioner.models.verifier import Repository
from provisioner.redaction import redacted
from provisioner.repositories.faults import Fault, fault_of
from provisioner.repositories.listing import Lines, entry_of
from provisioner.repositories.snapshot import Listing, Snapshot
from provisioner.repositories.tally import Entry

ANSWER_SECONDS = 60.0
"""What one look into a repository may take; restic itself retries some backends for 15 min."""

_PREFIXES = ("RESTIC_", "AWS_", "AZURE_", "GOOGLE_", "B2_", "ST_", "OS_")
_FORBIDDEN = {
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "RESTIC_CACERT",
    "RESTIC_PASSWORD_COMMAND",
    "RESTIC_PASSWORD_FILE",
    "RESTIC_REPOSITORY_FILE",
    "RESTIC_TLS_CLIENT_CERT",
}
"""Would run a program, or read a file, of the machine that lists the snapshots."""

NO_REPOSITORY, LOCKED, WRONG_PASSWORD = 10, 11, 12
"""restic's exit codes, since 0.17.1."""

_DEFAULT_PORTS = {"http": 80, "https": 443, "sftp": 22}


def credentials(repository: Repository, secret: Mapping[str, str]) -> dict[str, str]:
    """What restic needs in its environment to read a repository.

    Raises:
        ConfigurationError: the Secret holds no password, or what must not be there.
    """
    where = f"Secret {repository.restic.secret} of repository {repository.name}"
    if bad := sorted(_FORBIDDEN & set(secret)):
        raise ConfigurationError(f"{where} has {', '.join(bad)}, which is not supported")
    if "RESTIC_PASSWORD" not in secret:
        raise ConfigurationError(
            f"{where} has no key RESTIC_PASSWORD", hint=f"keys there: {', '.join(sorted(secret))}"
        )
    known = {key: value for key, value in secret.items() if key.startswith(_PREFIXES)}
    return {**known, "RESTIC_REPOSITORY": repository.restic.url}


def port(url: str) -> int | None:
    """The TCP port that reading this repository needs; None for a folder."""
    backend, _, rest = url.partition(":")
    if not rest or url.startswith(("/", "local:")):
        return None
    address = rest if "//" in rest else f"{'sftp' if backend == 'sftp' else 'https'}://{rest}"
    try:
        parts = urlsplit(address)
        return parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    except ValueError:
        return 443


def folder_of(snapshot: Snapshot) -> str:
    """The folder of a snapshot's tree that holds the data: its one path, or the tree's root.

    A backup of a relative path looks the same and keeps its data elsewhere; restic says so when it
    is asked to restore that folder, before it writes anything.
    """
    return snapshot.paths[0] if len(snapshot.paths) == 1 else "/"


_PASSED_OVER = re.compile(r'Ignoring \\?"([0-9a-f]{64})\\?": (.*)')
"""What restic says on stderr of a snapshot that it cannot read, and ends well all the same."""


class ResticRepository:
    """One repository, read by the restic beside the pipeline."""

    def __init__(self, repository: Repository, env: Mapping[str, str], executable: str) -> None:
        self.repository = repository
        self._env = {**_own_environment(), **env}
        self._executable = executable

    async def listing(self) -> Listing:
        """All snapshots of the repository, and those of them that cannot be read.

        Raises:
            RepositoryError: it cannot be read; which of the known reasons is said.
        """
        found = await self._list()
        if found.unread:  # one that is removed while it is listed is no longer there now
            found = await self._list()
        for id_, why in found.unread.items():
            if fault_of(why) is Fault.UNREACHABLE:
                raise self._error(f"snapshot {id_[:8]}: {why}", "try: restic snapshots")
        return found

    async def nodes(self, snapshot: str, path: str) -> list[dict[str, Any]]:
        """Everything in a folder of a snapshot, however deep, or one file of it.

        Raises:
            RepositoryError: it cannot be read.
        """
        said = await self._read("ls", snapshot, path, "--recursive")
        found = [json.loads(line) for line in said.stdout.splitlines()]
        return [one for one in found if one.get("struct_type") == "node"]

    async def holds(self, snapshot: str) -> bool:
        """Whether the snapshot is still there, be it damaged."""
        found = await self.listing()
        return snapshot in found.unread or any(one.id == snapshot for one in found.snapshots)

    async def list_files(
        self, snapshot: str, folder: str, on_entry: Callable[[Entry], None]
    ) -> None:
        """Every entry of a snapshot's folder, as it comes; paths are relative to the folder.

        Takes as long as it takes: time limits are the caller's.

        Raises:
            ProvisionerError: the listing broke off, by whose fault.
        """

        def take(line: bytes) -> None:
            if (entry := entry_of(line)) is not None:
                on_entry(entry)

        ended = await self._run(["ls", "--json", _place(snapshot, folder)], None, Lines(take))
        if ended.exit_code != 0:
            raise self._broken_off(ended, f"the listing of snapshot {snapshot[:8]}")

    async def read_file(self, snapshot: str, path: str, take: Callable[[bytes], None]) -> None:
        """The contents of one file, as they come; ``path`` is the snapshot's own.

        Raises:
            ProvisionerError: it broke off, by whose fault.
        """
        ended = await self._run(["dump", snapshot, path], None, take)
        if ended.exit_code != 0:
            raise self._broken_off(ended, f"{path} of snapshot {snapshot[:8]}")

    async def _list(self) -> Listing:
        ended = await self._read("snapshots")
        said = ended.stderr.decode(errors="replace")
        unread = {id_: redacted(why)[:500] for id_, why in _PASSED_OVER.findall(said)}
        return Listing([Snapshot.from_restic(one) for one in json.loads(ended.stdout)], unread)

    async def _read(self, *command: str) -> process.Finished:
        ended = await self._run([*command, "--json"], ANSWER_SECONDS)
        if ended.exit_code != 0:
            raise self._refusal(ended)
        return ended

    async def _run(
        self,
        command: Sequence[str],
        seconds: float | None,
        take: Callable[[bytes], None] | None = None,
    ) -> process.Finished:
        argv = [self._executable, *command, "--no-lock", "--no-cache"]
        try:
            return await process.run(argv, env=self._env, seconds=seconds, take=take)
        except (FileNotFoundError, PermissionError) as error:
            raise ConfigurationError(
                f"restic cannot be run: {self._executable}",
                hint="install restic 0.18 or later, or name it with --restic",
            ) from error
        except process.OverdueError as error:
            raise self._error(
                _silence(error.stderr), "is it up, and reachable from here?"
            ) from error

    def _broken_off(self, ended: process.Finished, what: str) -> ProvisionerError:
        """By whose fault: what restic says of it decides, not what was being read."""
        if ended.exit_code in (NO_REPOSITORY, LOCKED, WRONG_PASSWORD):
            return self._refusal(ended)
        reason = _reason(ended.stderr)
        text = f"{what} of repository {self.repository.name} cannot be read: {reason}"
        match fault_of(reason):
            case Fault.DAMAGED | Fault.MISSING:
                return BackupError(text)
            case Fault.UNREACHABLE:
                return RepositoryError(text)
        return UnclearError(text)

    def _refusal(self, ended: process.Finished) -> RepositoryError:
        secret = self.repository.restic.secret
        known = {
            NO_REPOSITORY: ("there is no repository there", "check the repository's url"),
            LOCKED: ("it is locked", "wait for the backup that holds the lock"),
            WRONG_PASSWORD: (
                "wrong password",
                f"check RESTIC_PASSWORD in Secret {secret}",
            ),
        }
        reason, hint = known.get(ended.exit_code, (_reason(ended.stderr), "try: restic snapshots"))
        return self._error(reason, hint)

    def _error(self, reason: str, hint: str) -> RepositoryError:
        where = f"repository {self.repository.name} ({redacted(self.repository.restic.url)})"
        return RepositoryError(f"{where} cannot be read: {reason}", hint=hint)


def _place(snapshot: str, folder: str) -> str:
    return snapshot if folder == "/" else f"{snapshot}:{folder}"


async def version(executable: str) -> str:
    """The version of the restic beside the pipeline, e.g. ``0.19.1``; empty when unknown."""
    try:
        ended = await process.run([executable, "version"])
    except (FileNotFoundError, PermissionError):
        return ""
    found = re.match(rb"restic (\S+)", ended.stdout)
    return found.group(1).decode() if found else ""


def _own_environment() -> dict[str, str]:
    """This process' environment without another repository's settings in it."""
    others = (*_PREFIXES, "RCLONE_")
    return {key: value for key, value in os.environ.items() if not key.startswith(others)}


def _silence(stderr: bytes) -> str:
    """That nobody answered, and why restic thought it worth another try."""
    said = stderr.decode(errors="replace")
    last = re.findall(r"retrying after \S+: (.*)", said)[-1:]
    return redacted("; ".join([f"no answer within {ANSWER_SECONDS:.0f} s", *last]))[:500]


def _reason(stderr: bytes) -> str:
    """restic's last sentence; since 0.18 it is JSON, ``exit_error``, often with a Go trace."""
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    last = lines[-1] if lines else "it gave no reason"
    with suppress(ValueError):
        last = json.loads(last).get("message", last)
    return redacted(last.split("\ngithub.com/")[0].removeprefix("Fatal: "))[:500]
