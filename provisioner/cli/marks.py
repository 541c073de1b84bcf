"""Marks and colours, the same in the live view and in the summary."""

from provisioner.models.words import CheckState, Cleanup, Outcome, PhaseState

Mark = tuple[str, str]
"""A sign and its style."""

OUTCOME_STYLES = {
    Outcome.PASSED: "bold green",
    Outcome.FAILED: "bold red",
    Outcome.ERRORED: "bold yellow",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.CANCELLED: "bold",
}

CLEANUP_STYLES = {Cleanup.CLEAN: "green", Cleanup.LEAKED: "bold red", Cleanup.KEPT: "yellow"}

_WAITING = ("·", "dim")
_PHASES = {
    PhaseState.RUNNING: ("▸", "cyan"),
    PhaseState.DONE: ("✓", "green"),
    PhaseState.FAILED: ("✗", "red"),
    PhaseState.SKIPPED: ("-", "dim"),
}
_CHECKS = {
    CheckState.PASSED: ("✓", "green"),
    CheckState.FAILED: ("✗", "red"),
    CheckState.ERRORED: ("!", "yellow"),
    CheckState.INCONCLUSIVE: ("?", "yellow"),
    CheckState.SKIPPED: ("-", "dim"),
}


def phase_mark(state: PhaseState | None) -> Mark:
    """How a phase is marked; None is one that has not begun."""
    return _WAITING if state is None else _PHASES[state]


def check_mark(state: CheckState) -> Mark:
    """How a check is marked."""
    return _CHECKS[state]
