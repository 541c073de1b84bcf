"""What became of one attempt of a session."""

from pydantic import AwareDatetime

from provisioner.models.base import Model
from provisioner.models.words import Cause, Outcome


class AttemptRecord(Model):
    """One attempt, from its beginning to its verdict."""

    sandbox: str
    outcome: Outcome
    cause: Cause | None = None
    message: str
    started_at: AwareDatetime
    finished_at: AwareDatetime
