"""What a run comes to that need not be."""

from dataclasses import dataclass

from provisioner.models.session import Report


@dataclass(frozen=True)
class Verified:
    """Nothing was run, as the document wishes: this session has verified the same snapshots."""

    report: Report
