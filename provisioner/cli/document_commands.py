"""The commands that take a document."""

from pathlib import Path
from typing import Annotated

import typer

from provisioner.cli.options import (
    Output,
    OutputOption,
    Programs,
    Reach,
    VerboseOption,
    grouped,
    subcommands,
)

EXIT_CODES = """\b
Exit codes:
  0    Passed, or nothing was run since it had passed before (skipIfVerified)
  1    Failed: the backup is bad, or the application cannot run on it
  2    the command line or the document is wrong; nothing was created
  3    Errored: something else stood in the way, e.g. the cluster
  4    Inconclusive: it could not be told
  5    Passed, and objects are left in the cluster (Leaked)
  130  Cancelled
Any other outcome keeps its own code when it leaks; the report says both."""

app = subcommands()

Document = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="The BackupVerifier's file; - reads it from stdin."),
]


@app.command(
    short_help="Check documents without a cluster.",
    epilog="""\b
Examples:
  provisioner validate verifier.yaml
  provisioner validate verifiers/ other.yaml
  cat verifier.yaml | provisioner validate -
  provisioner validate verifier.yaml --output json | jq .problems

Of a folder, the files *.yaml and *.yml in it are looked at, and those without a BackupVerifier
are passed over; so are other documents beside one in a file. From stdin, a chart's path is
relative to the working directory. Exits with 0 when all are valid, with 2 when not.""",
)
def validate(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Files and folders; - reads from stdin."),
    ],
    output: OutputOption = Output.TEXT,
) -> None:
    """Check documents without a cluster: all their faults at once, with line and column."""
    from provisioner.cli.validate import validate as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(files, as_json=output is Output.JSON))


@app.command(
    short_help="Tell what a run would do, creating nothing.",
    epilog="""\b
Examples:
  provisioner plan verifier.yaml
  provisioner plan verifier.yaml --output json | jq .restores

Exits with 0 when a run could begin. Otherwise as a run would end now: 1 when there is no backup,
2 for a wrong document, 3 for anything else in the way, 4 when no snapshots belong together.""",
)
@grouped
def plan(
    file: Document,
    reach: Reach,
    programs: Programs,
    *,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
) -> None:
    """Tell what a run would do now: snapshots, claims, objects, checks, time. Creates nothing."""
    from provisioner.cli.plan import execute  # noqa: PLC0415 - heavy
    from provisioner.cli.run import Options  # noqa: PLC0415 - heavy

    as_json = output is Output.JSON
    raise typer.Exit(execute(Options(file, reach, programs, as_json=as_json, verbose=verbose)))


@app.command(
    short_help="Verify once: restore, boot, question, remove.",
    epilog=f"""\b
Examples:
  provisioner run verifier.yaml
  provisioner run verifier.yaml --keep 10m
  provisioner run verifier.yaml --report report.json
  provisioner run verifier.yaml --output json | jq .outcome
  provisioner run verifier.yaml --detach

{EXIT_CODES}

Ctrl-C (or SIGTERM) stops the session and removes the sandbox; during --keep it ends keeping.
With --detach the session goes on in a process of its own, and 0 says that it has begun:
provisioner logs -f follows it, provisioner show tells how it ended, kill -INT PID stops it
as Ctrl-C does, and provisioner release ID ends its keeping.""",
)
@grouped
def run(
    file: Document,
    reach: Reach,
    programs: Programs,
    *,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="Keep the sandbox so long after the verdict, e.g. 10m; instead of keepAlive.",
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report there, as JSON.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return as soon as the session is recorded.")
    ] = False,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
) -> None:
    """Bring the application back from its backups in a sandbox, question it, remove it."""
    from provisioner.cli.run import Options, execute  # noqa: PLC0415 - heavy

    options = Options(
        file,
        reach,
        programs,
        keep=keep,
        report=report,
        detach=detach,
        as_json=output is Output.JSON,
        verbose=verbose,
    )
    raise typer.Exit(execute(options))
