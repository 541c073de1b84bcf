"""Write the JSON Schemas of verifier, plan, session and report, generated from the models.

``python -m provisioner.schemas`` writes them; ``--check`` tells whether they are up to date.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from provisioner.models.plan import Plan
from provisioner.models.schema import json_schema
from provisioner.models.session import Report, Session
from provisioner.models.verifier import BackupVerifier

FOLDER = Path(__file__).parent.parent / "schemas"


class _Source(NamedTuple):
    model: type[BaseModel]
    mode: JsonSchemaMode


SOURCES = {
    "verifier.schema.json": _Source(BackupVerifier, "validation"),
    "plan.schema.json": _Source(Plan, "serialization"),
    "session.schema.json": _Source(Session, "serialization"),
    "report.schema.json": _Source(Report, "serialization"),
}


def texts() -> dict[str, str]:
    """Each schema's text by its file's name."""
    return {
        name: json.dumps(json_schema(*source), indent=2, ensure_ascii=False) + "\n"
        for name, source in SOURCES.items()
    }


def write(folder: Path) -> None:
    """Write all schemas into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")


def stale(folder: Path) -> list[str]:
    """Names of the schemas that the models have moved away from."""
    return [name for name, text in texts().items() if _read(folder / name) != text]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main(argv: list[str] | None = None) -> int:
    """Write or check; the exit code says whether the committed schemas are right."""
    parser = argparse.ArgumentParser(prog="python -m provisioner.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when stale")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: %(default)s")
    options = parser.parse_args(argv)
    if not options.check:
        write(options.folder)
        return 0
    if names := stale(options.folder):
        sys.stderr.write(f"schemas: stale: {', '.join(names)}; run python -m provisioner.schemas\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
