"""``BackupVerificationSession``: what one run saw. The report is its final form."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from provisioner.models.attempts import AttemptRecord
from provisioner.models.base import API_VERSION, Model
from provisioner.models.compared import ComparedRecord
from provisioner.models.targets import TargetRecord
from provisioner.models.words import (
    Cause,
    CheckState,
    Cleanup,
    Evidence,
    Outcome,
    PhaseName,
    PhaseState,
    Severity,
)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class PhaseRecord(Model):
    """One phase: when it began, how long it took, in seconds."""

    name: PhaseName
    state: PhaseState
    started_at: AwareDatetime
    seconds: float | None = None
    message: str = ""


class SnapshotRecord(Model):
    """The snapshot that a restore was pinned to, before anything was created."""

    restore: str
    repository: str
    id: str = Field(description="Full id, 64 hexadecimal digits")
    time: AwareDatetime
    age_seconds: float = Field(description="From the snapshot to the session's start")
    host: str = ""
    paths: list[str] = []
    tags: list[str] = []
    bytes: int | None = Field(None, description="Size as the backup itself recorded it")
    files: int | None = None
    seed: int | None = Field(None, description="What a random choice was made with")


class ChartRecord(Model):
    """The chart that was rendered and installed."""

    name: str
    version: str
    app_version: str = ""
    source: str = Field(description="Where it came from: a path, a URL, or a live release")

    @property
    def title(self) -> str:
        """Name and version, as people say them."""
        return f"{self.name} {self.version}"


class EnlargedClaim(Model):
    """A claim that asks for less than its snapshot needs, and was given more."""

    claim: str
    requested: str = Field(description="What the chart or document asks for, or production's")
    enlarged: str = Field(description="What it got, in the claim and in an installed chart")


def restore_label(name: str, replica: int | None) -> str:
    """What tells the claims of one restore apart: ``database``, or ``database.2`` of several.

    No name of a restore has a dot in it.
    """
    return name if replica is None else f"{name}.{replica}"


Strategy = Literal["preseed", "inplace", "stream", "scratch"]
"""How data gets in: into a claim before the application is installed, into one that the installed
application has made, into a running service, or without an application into a claim of the
sandbox's own."""


class RestoreRecord(Model):
    """What one restore brought back into one place."""

    name: str
    snapshot: str
    claim: str = Field("", description="Empty: it was streamed into a running service")
    workload: str = Field("", description="The service that a dump was streamed into")
    replica: int | None = Field(
        None, description="The claim's ordinal in its StatefulSet, where several have one"
    )
    strategy: Strategy = "preseed"
    state: PhaseState
    files: int = 0
    bytes: int = 0
    seconds: float | None = Field(None, description="restic's own, by its pod's clock")
    folder: str = Field("", description="The snapshot's folder whose content lies there")
    compared: ComparedRecord | None = Field(
        None, description="How what lies on the volume was compared with the snapshot's listing"
    )
    message: str = ""

    @property
    def label(self) -> str:
        """Unique in a session, for views."""
        return restore_label(self.name, self.replica)


class Trend(Model):
    """A check's number beside that of the last Passed session of the same verifier."""

    baseline: float = Field(description="The number then")
    session: str = Field(description="That session's id")
    ratio: float | None = Field(None, description="Now to then; none when it was 0")


class CheckRecord(Model):
    """What one check asked, expected and saw."""

    name: str
    kind: str
    state: CheckState
    severity: Severity = Field(
        Severity.REQUIRED, description="An advisory check neither fails a session nor proves it"
    )
    reads_data: bool = Field(description="By its kind: whether an answer comes from restored data")
    unmeasured: bool = Field(
        False,
        description="An answer of 0, which an empty application gives, would have passed as well, "
        "e.g. where there is no baseline yet: such a pass proves nothing",
    )
    expected: str = ""
    saw: str = ""
    message: str = ""
    value: float | None = Field(None, description="The answer, when it is a number")
    counts: dict[str, float] = Field(
        {}, description="What the number is made of, e.g. rows by table: later sessions look back"
    )
    trend: Trend | None = None
    error: str = Field(
        "", description="The kind of error that it met instead of an answer: that decides the cause"
    )
    fingerprint: str = Field("", description="Of the question, without what was expected")
    earlier: list[str] = Field([], description="What each try before the last one said")
    seconds: float = Field(0.0, description="Of all tries, with the pauses between them")


class Leftover(Model):
    """An object that stayed, and the command that removes it."""

    kind: str
    namespace: str = ""
    name: str
    reason: str = ""
    command: str


class Tools(Model):
    """Versions of what did the work."""

    provisioner: str
    helm: str = ""
    restic: str = ""
    kubernetes: str = ""


class ProcessRecord(Model):
    """The process that runs the session: enough to tell whether it is still there."""

    host: str
    pid: int
    birth: str = Field(
        description="When it began, in its host's own words: a pid alone is used again. "
        "Empty: the host does not tell"
    )
    folder: str = Field(
        "",
        description="Its private folder on that host, which goes with it; `reap` removes it when "
        "the process could not. Empty: not known",
    )


class ClusterRecord(Model):
    """The cluster that the sandbox is in, and how it was reached."""

    server: str = Field(description="Address of the API server")
    kubeconfig: str = Field("", description="Empty: the default one")
    context: str = Field("", description="Empty: the kubeconfig's current one")


_OF_ALL_ATTEMPTS = (
    "id", "verifier", "document", "generation", "data_only", "source_namespace", "started_at",
    "expires_at", "required_evidence", "attempts", "tools", "process", "cluster",
)  # fmt: skip
"""Fields that do not begin anew with another attempt."""


class Session(Model):
    """One run of a verifier, as it stands now."""

    api_version: Literal["verify.provisioner.dev/v1alpha1"] = API_VERSION  # type: ignore[assignment]
    kind: Literal["BackupVerificationSession"] = "BackupVerificationSession"
    id: str
    verifier: str
    document: str = Field("", description="The file that the verifier came from")
    generation: str = Field("", description="Of the verifier: the hash of its spec")
    data_only: bool = Field(
        False, description="There is no application: restores go into scratch claims"
    )
    inputs: str = Field(
        "", description="Digest of the rendered release and the copied Secrets: tells other inputs"
    )
    source_namespace: str = ""
    sandbox: str = Field(description="Name of the ephemeral namespace")
    isolation: Literal["unproven"] = Field(
        "unproven", description="The fence is installed; no probe has tried it in this run"
    )
    started_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    verdict_at: AwareDatetime | None = None
    expires_at: AwareDatetime
    outcome: Outcome | None = None
    evidence: Evidence | None = None
    required_evidence: Evidence = Field(Evidence.PROVEN, description="What a pass needs")
    cause: Cause | None = None
    message: str = ""
    hint: str = ""
    diagnosis: list[str] = []
    phases: list[PhaseRecord] = []
    chart: ChartRecord | None = None
    snapshots: list[SnapshotRecord] = []
    skew_seconds: float | None = Field(
        None, description="From the oldest to the newest of several snapshots"
    )
    enlarged: list[EnlargedClaim] = []
    restores: list[RestoreRecord] = []
    checks: list[CheckRecord] = []
    targets: list[TargetRecord] = []
    attempts: list[AttemptRecord] = Field(
        [], description="All attempts that ended, the last one included"
    )
    cleanup: Cleanup = Cleanup.KEPT
    leftovers: list[Leftover] = []
    tools: Tools
    process: ProcessRecord | None = None
    cluster: ClusterRecord | None = None

    def anew(self, sandbox: str) -> "Session":
        """The session before another attempt, in another sandbox."""
        kept = {name: getattr(self, name) for name in _OF_ALL_ATTEMPTS}
        return Session(**kept, sandbox=sandbox)

    def to_json(self) -> str:
        """The record as it is stored and handed out; what is not known is left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n"


class Report(Session):
    """A finished session, as it is handed out."""

    kind: Literal["BackupVerificationReport"] = "BackupVerificationReport"  # type: ignore[assignment]
    finished_at: AwareDatetime
    outcome: Outcome
