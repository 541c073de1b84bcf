"""What every phase is handed: the request, the connections, the record, the deadline."""

import asyncio
import re
import secrets
import string
from collections.abc import AsyncIterator, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from provisioner.cluster.api import Cluster
from provisioner.deadline import Deadline
from provisioner.errors import ProvisionerError
from provisioner.helm.release import Helm
from provisioner.helm.values import texts
from provisioner.history import outdated
from provisioner.models.base import Model
from provisioner.models.session import CheckRecord, PhaseRecord, RestoreRecord, Session, now
from provisioner.models.verifier import BackupVerifier
from provisioner.models.words import STOPPED, PhaseName, PhaseState
from provisioner.progress import Observer, RestoreProgress
from provisioner.redaction import secret_parts, without
from provisioner.store import SessionStore
from provisioner.tasks import uninterrupted

T = TypeVar("T")

_SECRET_KEY = re.compile("pass|pwd|secret|token|key|salt|credential|auth", re.IGNORECASE)

_SECRET_FIELD = re.compile(
    r"^(?!existing).*"
    r"(pass(word|wd|phrase)?|pwd|token|secret|salt|credentials?"
    r"|(api|access|secret|private|encryption|auth|license)[-_]?key)$",
    re.IGNORECASE,
)
"""In a chart's values ``secretName`` or ``existingSecret`` are no secrets, and must be readable."""

TEARDOWN_SECONDS = 600
"""Added to a session's own time before its namespace counts as expired."""


@dataclass(frozen=True)
class Request:
    """What the caller wants. ``keep`` replaces the document's keep-alive, both windows."""

    verifier: BackupVerifier
    document: Path
    kubeconfig: Path | None = None
    context: str | None = None
    keep: timedelta | None = None
    helm: str = "helm"
    restic: str = "restic"


def masked(value: Any, hidden: Set[str]) -> Any:
    """The same value without the hidden strings: in text, in lists, and in fields of models."""
    if isinstance(value, StrEnum):
        return value
    if isinstance(value, str):
        return without(value, hidden)
    if isinstance(value, list):
        return [masked(one, hidden) for one in value]
    if isinstance(value, Model):
        fields = {name: masked(one, hidden) for name, one in value}
        return value.model_copy(update=fields)
    return value


class _Discreet:
    """An observer that hears no secret. The record's own text is masked before it comes here."""

    def __init__(self, observer: Observer, hidden: Set[str]) -> None:
        self._observer = observer
        self._hidden = hidden

    def record(self, session: Session) -> None:
        self._observer.record(session)

    def restoring(self, progress: RestoreProgress) -> None:
        self._observer.restoring(progress)

    def note(self, text: str) -> None:
        self._observer.note(masked(text, self._hidden))

    def kept(self, until: datetime) -> None:
        self._observer.kept(until)


class Recorder:
    """The session as it stands: kept, shown and stored in one place."""

    def __init__(self, session: Session, store: SessionStore, observer: Observer) -> None:
        self.session = session
        self._store = store
        self._hidden: set[str] = set()
        self.observer: Observer = _Discreet(observer, self._hidden)

    def hide(self, secret: Mapping[str, str]) -> None:
        """From now on a Secret's values are not shown or stored, wherever they come from.

        Users, hosts and databases stand in Secrets, too, and in names that must stay readable: the
        key tells what is secret. The password of a connection is, under any key.
        """
        for key, value in secret.items():
            self._hidden |= secret_parts(value, whole=bool(_SECRET_KEY.search(key)))

    def hide_values(self, values: Mapping[str, Any]) -> None:
        """The same for a chart's values, however deep: the names of their fields tell."""
        for key, value in texts(values):
            self._hidden |= secret_parts(value, whole=bool(_SECRET_FIELD.search(key)))

    def masked(self, value: T) -> T:
        """The value without anything that is hidden."""
        shown: T = masked(value, self._hidden)
        return shown

    def mask_error(self, error: ProvisionerError) -> None:
        """Take what is hidden out of an error that is told without a record."""
        error.message, error.hint = self.masked(error.message), self.masked(error.hint)
        error.details = self.masked(error.details)
        error.args = (error.message,)

    def update(self, **changes: Any) -> None:
        """Change fields of the session and show them."""
        shown = {name: self.masked(value) for name, value in changes.items()}
        self.session = self.session.model_copy(update=shown)
        self.observer.record(self.session)

    async def begin(self) -> None:
        """Store the session for the first time.

        Raises:
            ProvisionerError: it cannot be stored, and then nothing may be created.
        """
        await asyncio.to_thread(self._store.save, self.session)

    async def former(self) -> list[Session]:
        """All sessions that are recorded, the newest first."""
        return await asyncio.to_thread(self._store.list)

    async def prune(self, limit: int) -> None:
        """Remove the records of this verifier's sessions beyond its limit."""
        for one in outdated(self.session, await self.former(), limit):
            try:
                await asyncio.to_thread(self._store.remove, one)
            except ProvisionerError as error:
                self.observer.note(f"the record of {one} is not removed: {error.message}")

    async def save(self) -> None:
        """Store the session as it stands."""
        await self.store(self.session)

    async def store(self, session: Session) -> None:
        """Store a record without holding up the loop.

        A disk that is full by now must keep nobody from the verdict or the cleanup.
        """
        await uninterrupted(self._stored(session))

    async def _stored(self, session: Session) -> None:
        try:
            await asyncio.to_thread(self._store.save, session)
        except ProvisionerError as error:
            self.observer.note(f"the session is not recorded: {error.message}")

    def put_restore(self, record: RestoreRecord) -> None:
        """Add or replace the record of one restore into one claim."""
        others = [one for one in self.session.restores if one.label != record.label]
        self.update(restores=[*others, record])

    def put_check(self, record: CheckRecord) -> None:
        """Add one check's record as it comes."""
        others = [one for one in self.session.checks if one.name != record.name]
        self.update(checks=[*others, record])

    @asynccontextmanager
    async def phase(self, name: PhaseName) -> AsyncIterator[None]:
        """Time a phase; store the session before it and after it, however it ends."""
        begun = PhaseRecord(name=name, state=PhaseState.RUNNING, started_at=now())
        self._put_phase(begun)
        try:
            await self.save()
            yield
        except BaseException as error:
            stopped = isinstance(error, asyncio.CancelledError)
            self._end(begun, PhaseState.FAILED, STOPPED if stopped else str(error))
            raise
        else:
            self._end(begun, PhaseState.DONE)
        finally:
            await self.save()

    def skip(self, name: PhaseName) -> None:
        """Note that a phase had nothing to do."""
        self._put_phase(
            PhaseRecord(name=name, state=PhaseState.SKIPPED, started_at=now(), seconds=0.0)
        )

    def _end(self, begun: PhaseRecord, state: PhaseState, message: str = "") -> None:
        seconds = (now() - begun.started_at).total_seconds()
        ended = {"state": state, "seconds": round(seconds, 3), "message": message}
        self._put_phase(begun.model_copy(update=ended))

    def _put_phase(self, record: PhaseRecord) -> None:
        others = [one for one in self.session.phases if one.name is not record.name]
        self.update(phases=[*others, record])


@dataclass(frozen=True)
class Context:
    """One session's surroundings. ``folder`` is private, and gone when the session has ended."""

    request: Request
    cluster: Cluster
    helm: Helm
    recorder: Recorder
    deadline: Deadline
    folder: Path
    seeds: Mapping[str, int] = field(default_factory=dict)
    """What random choices are made with, by the restore's name."""

    @property
    def verifier(self) -> BackupVerifier:
        """The user's document."""
        return self.request.verifier

    @property
    def sandbox(self) -> str:
        """Name of the ephemeral namespace."""
        return self.recorder.session.sandbox

    @property
    def source(self) -> str:
        """The namespace that Secrets are read from."""
        return self.recorder.session.source_namespace


_ALPHABET = string.ascii_lowercase + string.digits


def sandbox_name(verifier: str) -> str:
    """``verify-<verifier>-<5 characters>``."""
    return f"verify-{session_id(verifier)}"


def session_id(verifier: str) -> str:
    """``<verifier>-<5 characters>``."""
    return f"{verifier}-{''.join(secrets.choice(_ALPHABET) for _ in range(5))}"
