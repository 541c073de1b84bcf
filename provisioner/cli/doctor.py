"""``provisioner doctor``."""

import asyncio
import dataclasses
import json
from collections.abc import Sequence

from rich.text import Text

from provisioner.cli.exits import ERRORED
from provisioner.cli.options import Programs, Reach
from provisioner.cli.terminal import readers_may_leave, stdout
from provisioner.cli.text import clean
from provisioner.doctor import Finding, examine

NAME_WIDTH = 15


def doctor(reach: Reach, programs: Programs, *, as_json: bool) -> int:
    """Examine, tell each finding, and say by the exit code whether all is well."""
    findings = asyncio.run(examine(reach.kubeconfig, reach.context, programs.helm, programs.restic))
    with readers_may_leave():
        if as_json:
            told = [dataclasses.asdict(one) for one in findings]
            stdout().file.write(json.dumps(told, indent=2) + "\n")
        else:
            _print(findings)
    return 0 if all(one.ok for one in findings) else ERRORED


def _print(findings: Sequence[Finding]) -> None:
    console = stdout()
    for one in findings:
        mark = Text("ok      ", "green") if one.ok else Text("problem ", "bold red")
        line = mark.append(f" {one.name:<{NAME_WIDTH}} {clean(one.message)}", "default")
        console.print(line, soft_wrap=True)
        if one.hint and not one.ok:
            console.tell(f"{'':<{NAME_WIDTH + 10}}{clean(one.hint)}", "dim")
