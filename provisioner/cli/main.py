"""The commands, and the one place where errors become sentences and exit codes.

Nothing heavy is imported before a command runs: ``--help`` answers at once.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from provisioner.cli import record_commands, sandbox_commands
from provisioner.cli.options import (
    ContextOption,
    HelmOption,
    KubeconfigOption,
    Output,
    OutputOption,
    ResticOption,
)

EXIT_CODES = """\b
Exit codes:
  0    Passed
  1    Failed: the backup is bad, or the application cannot run on it
  2    the command line or the document is wrong; nothing was created
  3    Errored: something else stood in the way, e.g. the cluster
  4    Inconclusive: it could not be told
  5    Passed, and objects are left in the cluster (Leaked)
  130  Cancelled
Any other outcome keeps its own code when it leaks; the report says both."""

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


app.add_typer(record_commands.app)
app.add_typer(sandbox_commands.app)

Document = Annotated[Path, typer.Argument(metavar="FILE", help="The BackupVerifier's file.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log on stderr what is being done.")
]


@app.command(
    short_help="Check a document without a cluster.",
    epilog="""\b
Examples:
  provisioner validate verifier.yaml
  provisioner validate verifier.yaml --output json | jq .problems

Exits with 0 when the document is valid, with 2 when not.""",
)
def validate(file: Document, output: OutputOption = Output.TEXT) -> None:
    """Check a document without a cluster: all its faults at once, with line and column."""
    from provisioner.cli.validate import validate as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(file, as_json=output is Output.JSON))


@app.command(
    short_help="Tell what a run would do, creating nothing.",
    epilog="""\b
Examples:
  provisioner plan verifier.yaml
  provisioner plan verifier.yaml --output json | jq .restores

Exits with 0 when a run could begin. Otherwise as a run would end now: 1 when there is no backup,
2 for a wrong document, 3 for anything else in the way, 4 when no snapshots belong together.""",
)
def plan(
    file: Document,
    *,
    output: OutputOption = Output.TEXT,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    helm: HelmOption = "helm",
    restic: ResticOption = "restic",
    verbose: VerboseOption = False,
) -> None:
    """Tell what a run would do now: snapshots, claims, objects, checks, time. Creates nothing."""
    from provisioner.cli.plan import execute  # noqa: PLC0415 - heavy
    from provisioner.cli.run import Options  # noqa: PLC0415 - heavy

    options = Options(
        document=file,
        as_json=output is Output.JSON,
        kubeconfig=kubeconfig,
        context=context,
        helm=helm,
        restic=restic,
        verbose=verbose,
    )
    raise typer.Exit(execute(options))


@app.command(
    short_help="Verify once: restore, boot, question, remove.",
    epilog=f"""\b
Examples:
  provisioner run verifier.yaml
  provisioner run verifier.yaml --keep 10m
  provisioner run verifier.yaml --report report.json
  provisioner run verifier.yaml --output json | jq .outcome

{EXIT_CODES}

Ctrl-C (or SIGTERM) stops the session and removes the sandbox; during --keep it ends keeping.""",
)
def run(
    file: Document,
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
    output: OutputOption = Output.TEXT,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    helm: HelmOption = "helm",
    restic: ResticOption = "restic",
    verbose: VerboseOption = False,
) -> None:
    """Bring the application back from its backups in a sandbox, question it, remove it."""
    from provisioner.cli.run import Options, execute  # noqa: PLC0415 - heavy

    options = Options(
        document=file,
        keep=keep,
        report=report,
        as_json=output is Output.JSON,
        kubeconfig=kubeconfig,
        context=context,
        helm=helm,
        restic=restic,
        verbose=verbose,
    )
    raise typer.Exit(execute(options))


@app.command(
    short_help="Check that everything is there that a session needs.",
    epilog="""\b
Examples:
  provisioner doctor
  provisioner doctor --kubeconfig other.yaml --output json | jq '.[] | select(.ok | not)'

Exits with 0 when all is well, with 3 when not. Nothing is created.""",
)
def doctor(
    output: OutputOption = Output.TEXT,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    helm: HelmOption = "helm",
    restic: ResticOption = "restic",
) -> None:
    """Check programs, cluster, rights, storage and network policy, and say what to do."""
    from provisioner.cli.doctor import doctor as command  # noqa: PLC0415 - heavy

    as_json = output is Output.JSON
    raise typer.Exit(command(kubeconfig, context, helm, restic, as_json=as_json))


@app.command(epilog="Example: provisioner version")
def version() -> None:
    """Print the version."""
    from provisioner import __version__  # noqa: PLC0415 - with the others

    typer.echo(f"provisioner {__version__}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
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
