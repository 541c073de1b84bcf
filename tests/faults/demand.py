"""What every fault has to end in: outcome, cause, one sentence, exit code."""

import re

from tests.cluster.provisioner import Ended

EXIT_CODES = {"Passed": 0, "Failed": 1, "Errored": 3, "Inconclusive": 4, "Cancelled": 130}
SHOWN = 120
"""As much of a sentence as a line of the progress shows in any case."""


def demand(ended: Ended, outcome: str, cause: str | None, sentence: str) -> None:
    """The report and the terminal say the same; that nothing is left was asked before."""
    assert ended.verdict == (outcome, cause), ended.report
    assert ended.exit_code == EXIT_CODES[outcome]
    message = ended.report["message"]
    assert re.fullmatch(sentence, message, re.DOTALL), message
    told = f"verdict: {outcome}: {' '.join(message.split())}"
    assert told[:SHOWN] in ended.told, ended.told
