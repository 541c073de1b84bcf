"""Every outcome with every cleanup has its exit code."""

import pytest
from session_fakes import report

from provisioner.cli.exits import exit_code
from provisioner.models.words import Cleanup, Outcome

TABLE = {
    (Outcome.PASSED, Cleanup.CLEAN): 0,
    (Outcome.FAILED, Cleanup.CLEAN): 1,
    (Outcome.ERRORED, Cleanup.CLEAN): 3,
    (Outcome.INCONCLUSIVE, Cleanup.CLEAN): 4,
    (Outcome.CANCELLED, Cleanup.CLEAN): 130,
    (Outcome.PASSED, Cleanup.LEAKED): 5,
    (Outcome.FAILED, Cleanup.LEAKED): 1,
    (Outcome.ERRORED, Cleanup.LEAKED): 3,
    (Outcome.INCONCLUSIVE, Cleanup.LEAKED): 4,
    (Outcome.CANCELLED, Cleanup.LEAKED): 130,
    (Outcome.PASSED, Cleanup.KEPT): 5,
}


@pytest.mark.parametrize(("ended", "code"), TABLE.items(), ids=str)
def test_exit_code(ended: tuple[Outcome, Cleanup], code: int) -> None:
    outcome, cleanup = ended
    assert exit_code(report(outcome=outcome, cleanup=cleanup)) == code


def test_the_table_knows_every_outcome() -> None:
    assert {outcome for outcome, _ in TABLE} == set(Outcome)
