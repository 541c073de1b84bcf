"""Attempts, targets and enlarged claims, in a row each."""

from collections.abc import Sequence

from rich.text import Text

from provisioner.cli.marks import OUTCOME_STYLES
from provisioner.cli.text import age, clean, one_line, span
from provisioner.models.attempts import AttemptRecord
from provisioner.models.session import EnlargedClaim
from provisioner.models.targets import TargetRecord


def attempt_row(numbered: tuple[int, AttemptRecord]) -> list[Text]:
    """Which one, how it ended, how long it took, and why."""
    number, attempt = numbered
    took = (attempt.finished_at - attempt.started_at).total_seconds()
    outcome = Text(attempt.outcome, OUTCOME_STYLES[attempt.outcome])
    cause = f", {attempt.cause}" if attempt.cause else ""
    return [
        Text(str(number)),
        outcome.append(cause, "not bold default"),
        Text(f"after {span(took)}"),
        Text(one_line(attempt.message)),
    ]


def target_row(target: TargetRecord) -> list[Text]:
    """Which one, what was seen, and what is allowed."""
    met = Text("met", "green") if target.met else Text("missed", "bold red")
    seen, limit = age(max(0.0, target.seen_seconds)), age(target.limit_seconds)
    return [Text(target.name), met, Text(f"{seen}, at most {limit}")]


def enlarged_rows(claims: Sequence[EnlargedClaim], data_only: bool) -> list[list[Text]]:
    """What each claim got, and what it was asked for, by whom."""
    whose = "document's" if data_only else "chart's"
    return [
        [
            Text(clean(one.claim)),
            Text(clean(f"{one.enlarged} instead of the {whose} {one.requested}")),
        ]
        for one in claims
    ]
