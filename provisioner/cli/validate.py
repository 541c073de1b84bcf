"""``provisioner validate``."""

import dataclasses
import json
from pathlib import Path

from provisioner.cli.exits import USAGE
from provisioner.cli.terminal import readers_may_leave, stdout
from provisioner.cli.text import clean, count
from provisioner.documents import load_verifier
from provisioner.errors import DocumentError
from provisioner.models.verifier import BackupVerifier


def validate(file: Path, *, as_json: bool) -> int:
    """Check the document and say what it asks for."""
    return _as_json(file) if as_json else _as_text(file)


def _as_text(file: Path) -> int:
    verifier = load_verifier(file)
    with readers_may_leave():
        console = stdout()
        console.tell(f"{clean(str(file))} is valid: {_told(verifier)}")
    return 0


def _told(verifier: BackupVerifier) -> str:
    spec = verifier.spec
    parts = (
        count(len(spec.repositories), "repository").replace("repositorys", "repositories"),
        count(len(spec.restores), "restore"),
        count(len(spec.checks), "check"),
    )
    return f"{verifier.metadata.name}, {', '.join(parts)}"


def _as_json(file: Path) -> int:
    try:
        load_verifier(file)
        problems = []
    except DocumentError as error:
        problems = [dataclasses.asdict(problem) for problem in error.problems]
    with readers_may_leave():
        console = stdout()
        console.tell(json.dumps({"valid": not problems, "problems": problems}, indent=2))
    return USAGE if problems else 0
