"""The program that Helm sends a chart's objects through: ``python -m provisioner.helm.postrender``.

Objects without a patch pass as they were written, comments and all; a patched one comes out as
JSON, which is YAML that no two readers take differently.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from provisioner.errors import ConfigurationError
from provisioner.helm.patches import Patch, patched
from provisioner.kubeyaml import Loader, items_of

_SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?$\n?", re.MULTILINE)


def rewrite(text: str, patches: Sequence[Patch]) -> str:
    """The stream of manifests with every patch on its target.

    Raises:
        ConfigurationError: a patch does not fit.
        yaml.YAMLError: the stream is no YAML.
    """
    documents = [_rewrite(one, patches) for one in _SEPARATOR.split(text) if one.strip()]
    return "".join(f"---\n{one.rstrip()}\n" for one in documents)


def _rewrite(text: str, patches: Sequence[Patch]) -> str:
    found: Any = yaml.load(text, Loader=Loader)  # noqa: S506 - built on the safe one
    after = _patched(found, patches)
    return text if after == found else json.dumps(after, ensure_ascii=False)


def _patched(found: Any, patches: Sequence[Patch]) -> Any:
    """The object with its patches; each of them, when it is a ``List``."""
    if not isinstance(found, dict):
        return found
    if (items := items_of(found)) is not None:
        return {**found, "items": [_patched(one, patches) for one in items]}
    return patched(found, patches)


def main() -> int:
    """Read from stdin, patch as the file says that is named, write to stdout."""
    try:
        patches = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        result = rewrite(sys.stdin.buffer.read().decode(), patches)
    except (ConfigurationError, yaml.YAMLError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.buffer.write(result.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
