"""The commands about sandboxes that are there."""

from typing import Annotated

import typer

from provisioner.cli.options import (
    HelmOption,
    Output,
    OutputOption,
    Reach,
    grouped,
    known_sessions,
    subcommands,
)

app = subcommands()


@app.command(
    short_help="Remove what sessions have left.",
    epilog="""\b
Examples:
  provisioner reap --dry-run
  provisioner reap --verifier blog
  provisioner reap blog-x7k2p

Without ID every sandbox goes that has expired. A namespace that lacks our labels, or whose
annotation verify.provisioner.dev/expires-at cannot be read, is never touched. Exits with 0
when nothing is left of what was to go, with 5 when something is.""",
)
@grouped
def reap(
    reach: Reach,
    session: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            show_default=False,
            autocompletion=known_sessions,
            help="Only this session's sandbox, and at once: its process must be gone.",
        ),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    verifier: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only sandboxes of this verifier.")
    ] = None,
    output: OutputOption = Output.TEXT,
    helm: HelmOption = "helm",
) -> None:
    """Remove sandboxes that have expired, or the one of a session whose process is gone."""
    from provisioner.cli.reap import Options, execute  # noqa: PLC0415 - heavy

    options = Options(
        session=session,
        verifier=verifier,
        dry_run=dry_run,
        as_json=output is Output.JSON,
        reach=reach,
        helm=helm,
    )
    raise typer.Exit(execute(options))


KeptId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        autocompletion=known_sessions,
        help="A session's id, or its unique beginning.",
    ),
]


@app.command(
    short_help="Keep a sandbox longer.",
    epilog="""\b
Examples:
  provisioner extend blog-x7k2p 30m
  provisioner extend x7k 2h

The time is added to what is left. A running provisioner that keeps the sandbox follows.""",
)
@grouped
def extend(
    reach: Reach,
    session: KeptId,
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 90s, 15m or 1h30m.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Keep the sandbox of a session longer."""
    from provisioner.cli.keeping import extend as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(session, duration, reach, as_json=output is Output.JSON))


@app.command(
    short_help="Keep a sandbox no longer.",
    epilog="""\b
Examples:
  provisioner release blog-x7k2p

A running provisioner that keeps the sandbox removes it then; when its process is gone, this
command does, and exits with 5 if something is left.""",
)
@grouped
def release(
    reach: Reach,
    session: KeptId,
    output: OutputOption = Output.TEXT,
    helm: HelmOption = "helm",
) -> None:
    """End the keeping of a session's sandbox now."""
    from provisioner.cli.keeping import release as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(session, reach, helm, as_json=output is Output.JSON))
