"""Phase 9: the session's record becomes its report."""

from provisioner.models.session import Report
from provisioner.phases.context import Context


def report(context: Context) -> Report:
    """The finished session. The verdict was recorded long before."""
    session = context.recorder.session.model_dump(exclude={"kind"})
    return Report.model_validate(session)
