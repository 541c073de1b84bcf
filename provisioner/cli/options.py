"""Options that several commands share."""

import enum
from pathlib import Path
from typing import Annotated

import typer


class Output(enum.StrEnum):
    """What is printed on stdout."""

    TEXT = "text"
    JSON = "json"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="json: one document on stdout, nothing else there.")
]
KubeconfigOption = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, metavar="FILE", help="Default: as kubectl's."),
]
ContextOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Default: the kubeconfig's current one.")
]
HelmOption = Annotated[str, typer.Option(metavar="PATH", help="The helm program.")]
ResticOption = Annotated[str, typer.Option(metavar="PATH", help="The restic program.")]


def subcommands() -> typer.Typer:
    """An app without a name: its commands become the program's own."""
    return typer.Typer(rich_markup_mode=None)
