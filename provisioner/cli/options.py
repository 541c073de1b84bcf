"""Options that several commands share, alone and in groups."""

import dataclasses
import enum
import functools
import glob
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

T = TypeVar("T")


class Output(enum.StrEnum):
    """What is printed on stdout."""

    TEXT = "text"
    JSON = "json"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="json: one document on stdout, nothing else there.")
]
HelmOption = Annotated[str, typer.Option(metavar="PATH", help="The helm program.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log on stderr what is being done.")
]


def known_sessions(incomplete: str) -> list[str]:
    """Ids for the shell's completion, by the names of the records alone: it must be quick."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    records = Path(state, "provisioner", "sessions").glob(f"{glob.escape(incomplete)}*.json")
    return sorted(path.stem for path in records)


SessionOption = Annotated[
    str | None,
    typer.Option(
        "--session",
        metavar="ID",
        show_default=False,
        autocompletion=known_sessions,
        help="A session's id, or its unique beginning; left out: the newest that has a sandbox.",
    ),
]


@dataclasses.dataclass(frozen=True)
class Reach:
    """How a cluster is reached."""

    kubeconfig: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="Default: a session's own where there is one, else as kubectl's.",
        ),
    ] = None
    context: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Default: a session's own, else the kubeconfig's current."
        ),
    ] = None


@dataclasses.dataclass(frozen=True)
class Programs:
    """The programs that do the work."""

    helm: HelmOption = "helm"
    restic: Annotated[str, typer.Option(metavar="PATH", help="The restic program.")] = "restic"


def grouped(command: Callable[..., T]) -> Callable[..., T]:
    """Let a command take groups of options: each dataclass becomes an option a field.

    The command line is made from a function's signature, so that is what is changed.
    """
    hints = get_type_hints(command, include_extras=True)
    given = inspect.signature(command).parameters.values()
    groups = {
        one.name: hints[one.name] for one in given if dataclasses.is_dataclass(hints[one.name])
    }

    @functools.wraps(command)
    def called(**values: Any) -> T:
        made = {name: _make(group, values) for name, group in groups.items()}
        return command(**values, **made)

    last = sorted(given, key=lambda one: one.name in groups)
    parameters = [each for one in last for each in _expanded(one, hints[one.name])]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _make(group: Any, values: dict[str, Any]) -> Any:
    return group(**{one.name: values.pop(one.name) for one in dataclasses.fields(group)})


def _expanded(parameter: inspect.Parameter, hint: Any) -> Iterator[inspect.Parameter]:
    if not dataclasses.is_dataclass(hint):
        yield parameter.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY)
        return
    hints = get_type_hints(hint, include_extras=True)
    for one in dataclasses.fields(hint):
        yield inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=one.default,
            annotation=hints[one.name],
        )


def subcommands() -> typer.Typer:
    """An app without a name: its commands become the program's own."""
    return typer.Typer(rich_markup_mode=None)
