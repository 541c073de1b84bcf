"""Content for a production: a script that runs where the application does."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.common.cluster import Kube, Object, PodTarget
from examples.common.progress import detail


class SeedError(Exception):
    """The script that writes content did not come to its end."""


@dataclass(frozen=True)
class Script:
    """A program of the application's container, and what it runs."""

    interpreter: Sequence[str]
    path: Path


def run(kube: Kube, pod: PodTarget, script: Script, argument: Object) -> dict[str, Any]:
    """Run a script, tell what it tells, and return its last line: a JSON object.

    Raises:
        SeedError: there is no such line; kubectl ends with 0 too when the connection is lost.
    """
    last = ""
    for line in kube.run_script(pod, script.interpreter, script.path.read_text(), argument):
        if last:
            detail(last)
        last = line
    try:
        return dict(json.loads(last))
    except (ValueError, TypeError) as error:
        raise SeedError(f"writing content was cut off; the last that it told: {last}") from error
