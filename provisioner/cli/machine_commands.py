"""The commands about this machine and its cluster."""

import typer

from provisioner.cli.options import Output, OutputOption, Programs, Reach, grouped, subcommands

app = subcommands()


@app.command(
    short_help="Check that everything is there that a session needs.",
    epilog="""\b
Examples:
  provisioner doctor
  provisioner doctor --kubeconfig other.yaml --output json | jq '.[] | select(.ok | not)'

Exits with 0 when all is well, with 3 when not. Nothing is created.""",
)
@grouped
def doctor(reach: Reach, programs: Programs, output: OutputOption = Output.TEXT) -> None:
    """Check programs, cluster, rights, storage and network policy, and say what to do."""
    from provisioner.cli.doctor import doctor as command  # noqa: PLC0415 - heavy

    raise typer.Exit(command(reach, programs, as_json=output is Output.JSON))


@app.command(epilog="Example: provisioner version")
def version() -> None:
    """Print the version."""
    from provisioner import __version__  # noqa: PLC0415 - with the others

    typer.echo(f"provisioner {__version__}")
