"""Help with examples on every command, and the shell's completion."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from session_fakes import report

from provisioner.cli.main import app, main
from provisioner.store import FolderStore

COMMANDS = sorted(typer.main.get_group(app).commands)
PROGRAM = Path(sys.executable).with_name("provisioner")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Example" in out
    assert f"provisioner {command}" in out.split("Example")[1]


@pytest.mark.parametrize(
    "line", ["reap b", "logs b", "shell --session b", "open web --session b", "extend b"]
)
def test_the_shell_completes_sessions(line: str, store: FolderStore) -> None:
    store.save(report())
    store.save(report(id="shop-aaaaa"))
    asked = {
        "_PROVISIONER_COMPLETE": "complete_bash",
        "COMP_WORDS": f"provisioner {line}",
        "COMP_CWORD": str(len(line.split())),
    }
    done = subprocess.run(
        [PROGRAM], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["blog-x7k2p"], done
