"""``provisioner validate``."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from provisioner.cli.exits import USAGE
from provisioner.cli.terminal import readers_may_leave, stderr, stdout
from provisioner.cli.text import clean, count
from provisioner.documents import Document, Examined, examine
from provisioner.errors import DocumentError
from provisioner.models.verifier import BackupVerifier


def validate(files: Sequence[Path], *, as_json: bool) -> int:
    """Check every document and say what it asks for.

    Raises:
        DocumentError: with the faults of all of them, unless they were told as JSON.
    """
    examined = examine(files)
    problems = examined.all_problems
    if as_json:
        with readers_may_leave():
            stdout().tell(json.dumps(_as_json(examined), indent=2))
        return USAGE if problems else 0
    _tell(examined)
    if problems:
        raise DocumentError(problems)
    return 0


def _tell(examined: Examined) -> None:
    with readers_may_leave():
        console = stdout()
        for one in examined.documents:
            if one.verifier:
                console.tell(f"{clean(one.file)} is valid: {_told(one.verifier)}")
    for name in examined.passed_over:
        stderr().tell(f"{clean(name)} is no BackupVerifier: passed over", "dim")


def _told(verifier: BackupVerifier) -> str:
    spec = verifier.spec
    parts = (
        count(len(spec.repositories), "repository").replace("repositorys", "repositories"),
        count(len(spec.restores), "restore"),
        count(len(spec.checks), "check"),
    )
    return f"{verifier.metadata.name}, {', '.join(parts)}"


def _as_json(examined: Examined) -> dict[str, object]:
    problems = examined.all_problems
    return {
        "valid": not problems,
        "documents": [_entry(one) for one in examined.documents],
        "passedOver": examined.passed_over,
        "problems": [dataclasses.asdict(problem) for problem in problems],
    }


def _entry(one: Document) -> dict[str, object]:
    name = one.verifier.metadata.name if one.verifier else None
    return {"file": one.file, "line": one.line, "name": name, "valid": one.verifier is not None}
