"""``BackupVerificationPlan``: what a run would do."""

from typing import Literal

from pydantic import AwareDatetime, Field

from provisioner.models.base import API_VERSION, Model
from provisioner.models.session import (
    ChartRecord,
    EnlargedClaim,
    SnapshotRecord,
    Strategy,
    Tools,
    restore_label,
)
from provisioner.models.targets import TargetRecord
from provisioner.models.words import Evidence, PhaseName


class PlannedClaim(Model):
    """Where the snapshot of one restore goes."""

    restore: str
    snapshot: str = Field(description="Full id, 64 hexadecimal digits")
    strategy: Strategy = "preseed"
    claim: str = Field("", description="Empty: of a stream, or the installed application tells it")
    workload: str = Field(
        "",
        description="The service that a dump is streamed into, or what the installed application"
        " will have, whose volume is meant",
    )
    volume: str = Field("", description="The workload's, when its claim is not known yet")
    replica: int | None = Field(
        None, description="The claim's ordinal in its StatefulSet, where several have one"
    )
    sub_path: str = ""
    storage_class: str | None = Field(None, description="None: the cluster's default one")
    requested: str = Field("", description="Storage that the claim asks for, e.g. 8Gi")
    requested_bytes: int | None = None
    snapshot_bytes: int | None = Field(None, description="None when the backup did not record it")

    @property
    def label(self) -> str:
        """Unique in a plan, for views."""
        return restore_label(self.restore, self.replica)


class PlannedObject(Model):
    """An object that the chart would create."""

    kind: str
    name: str
    hooks: list[str] = Field([], description="When Helm would run it, if it is a hook")


class PlannedCheck(Model):
    """A question that would be put."""

    name: str
    kind: str
    reads_data: bool = Field(description="By its kind: whether a pass of it would prove something")


class VerifiedBefore(Model):
    """The session that has verified the same snapshots for the same document."""

    session: str
    at: AwareDatetime = Field(description="When it came to its verdict")
    skips: bool = Field(description="Whether a run would therefore do nothing: skipIfVerified")


class PhaseEstimate(Model):
    """How long a phase took in the middle of the former sessions."""

    name: PhaseName
    seconds: float


class Estimate(Model):
    """How long a session takes, from former ones of the same verifier."""

    sessions: int = Field(description="How many former sessions it rests on")
    seconds: float
    phases: list[PhaseEstimate]


class Plan(Model):
    """What a run would do now. Nothing was created for it."""

    api_version: Literal["verify.provisioner.dev/v1alpha1"] = API_VERSION  # type: ignore[assignment]
    kind: Literal["BackupVerificationPlan"] = "BackupVerificationPlan"
    verifier: str
    document: str = Field("", description="The file that the verifier came from")
    source_namespace: str = ""
    data_only: bool = Field(
        False, description="There is no application: restores go into scratch claims"
    )
    planned_at: AwareDatetime
    chart: ChartRecord | None = None
    snapshots: list[SnapshotRecord]
    skew_seconds: float | None = Field(
        None, description="From the oldest to the newest of several snapshots"
    )
    restores: list[PlannedClaim]
    enlarged: list[EnlargedClaim] = Field([], description="Claims of too little room for them")
    objects: list[PlannedObject]
    quota: dict[str, str] = Field(description="Hard limits of the sandbox's ResourceQuota")
    checks: list[PlannedCheck]
    required_evidence: Evidence = Field(description="What a pass needs")
    targets: list[TargetRecord] = []
    verified: VerifiedBefore | None = Field(None, description="None: not these, not yet")
    estimate: Estimate | None = Field(None, description="None without a former session")
    tools: Tools

    def to_json(self) -> str:
        """The plan as it is handed out; what is not known is left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n"
