"""The commands about sandboxes that are there."""

from typing import Annotated

import typer

from provisioner.cli.options import (
    ContextOption,
    HelmOption,
    KubeconfigOption,
    Output,
    OutputOption,
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
def reap(
    session: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            show_default=False,
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
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    helm: HelmOption = "helm",
) -> None:
    """Remove sandboxes that have expired, or the one of a session whose process is gone."""
    from provisioner.cli.reap import Options, execute  # noqa: PLC0415 - heavy

    options = Options(
        session=session,
        verifier=verifier,
        dry_run=dry_run,
        as_json=output is Output.JSON,
        kubeconfig=kubeconfig,
        context=context,
        helm=helm,
    )
    raise typer.Exit(execute(options))
