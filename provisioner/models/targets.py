"""What a session must keep beside its evidence."""

from pydantic import Field

from provisioner.models.base import Model

RECOVERY_POINT = "recovery point"


class TargetRecord(Model):
    """A limit of the user's, and what was seen. One that is missed is no pass."""

    name: str
    limit_seconds: float
    seen_seconds: float
    met: bool
    message: str = Field(description="What was seen, in a sentence")
