"""The commands that only read records: no cluster is asked."""

import enum
from typing import Annotated

import typer

from provisioner.cli.options import Output, OutputOption, known_sessions, subcommands

app = subcommands()

SessionId = Annotated[
    str | None,
    typer.Argument(
        metavar="ID",
        show_default=False,
        autocompletion=known_sessions,
        help="A session's id, or its unique beginning; left out: the newest session.",
    ),
]


class Format(enum.StrEnum):
    """How a report is written."""

    JSON = "json"
    JUNIT = "junit"


@app.command(
    short_help="List the recorded sessions.",
    epilog="""\b
Examples:
  provisioner sessions
  provisioner sessions --output json | jq '.[] | select(.state == "Gone")'""",
)
def sessions(output: OutputOption = Output.TEXT) -> None:
    """List the sessions that are recorded on this machine, the newest first."""
    from provisioner.cli.records import sessions as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(as_json=output is Output.JSON))


@app.command(
    short_help="Show what a session saw.",
    epilog="""\b
Examples:
  provisioner show
  provisioner show blog-x7k2p
  provisioner show x7k --output json | jq .checks""",
)
def show(session: SessionId = None, output: OutputOption = Output.TEXT) -> None:
    """Show what a session saw, as after its run."""
    from provisioner.cli.records import show as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(session, as_json=output is Output.JSON))


@app.command(
    short_help="Print a session's report for machines.",
    epilog="""\b
Examples:
  provisioner report -o junit > verification.xml
  provisioner report blog-x7k2p -o json | jq .outcome

junit: one test case a phase and check. What failed because of the backup or the
application is a failure; whatever else stood in the way, or was left behind, an error.""",
)
def report(
    session: SessionId = None,
    output: Annotated[Format, typer.Option("--output", "-o", help="How.")] = Format.JSON,
) -> None:
    """Print the report of a session that has ended."""
    from provisioner.cli.records import report as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(session, as_junit=output is Format.JUNIT))
