"""How soon the commands answer that need no cluster."""

import statistics
import subprocess
import time
from collections.abc import Sequence

from benchmarks.sides import PROVISIONER, tools
from examples.wordpress.demo.production import EXAMPLE

RUNS = 9
COMMANDS = {
    "provisioner --help": ["--help"],
    "provisioner validate": ["validate", str(EXAMPLE / "verifier.yaml")],
}


def answers() -> dict[str, float]:
    """The median seconds of each command."""
    return {name: _median(arguments) for name, arguments in COMMANDS.items()}


def _median(arguments: Sequence[str]) -> float:
    return statistics.median(_seconds(arguments) for _ in range(RUNS))


def _seconds(arguments: Sequence[str]) -> float:
    begun = time.monotonic()
    argv = [str(PROVISIONER), *arguments]
    subprocess.run(argv, env=tools(), check=True, capture_output=True)
    return time.monotonic() - begun
