"""The commands, and the one place where errors become sentences and exit codes.

Nothing heavy is imported before a command runs: ``--help`` answers at once.
"""

import gc
import sys
from collections.abc import Sequence

import typer

from provisioner.cli import (
    document_commands,
    look_commands,
    machine_commands,
    record_commands,
    sandbox_commands,
)

app = typer.Typer(
    name="provisioner",
    help="Proves that the backups of a Kubernetes application bring it back.",
    epilog="Begin with: provisioner validate FILE, then provisioner run FILE.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


for commands in (
    document_commands,
    record_commands,
    look_commands,
    sandbox_commands,
    machine_commands,
):
    app.add_typer(commands.app)


OBJECTS_BEFORE_COLLECTION = 50_000
"""What imports make stays: to look it through each 700 objects takes a tenth of the start."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks must not end a session.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    try:
        app(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from provisioner.cli.failure import told  # noqa: PLC0415 - only when it failed

        return told(error)
    return 0
