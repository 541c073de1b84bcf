"""The commands that look into a session while it goes on and while its sandbox is kept."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from provisioner.cli.options import (
    Output,
    OutputOption,
    Reach,
    SessionOption,
    grouped,
    known_sessions,
    subcommands,
)

app = subcommands()

ContainerOption = Annotated[
    str | None,
    typer.Option("--container", "-c", metavar="NAME", help="Default: the pod's own default."),
]


class WithCommand(TyperCommand):
    """A command whose line ends in ``-- COMMAND...``, which is kept apart and as it is."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the ``--``; the rest becomes ``ctx.args``."""
        end = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:end])
        ctx.args = args[end + 1 :]
        return rest

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Show it in the usage line, too."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


@app.command(
    short_help="Print a session's log, or its pods' logs.",
    epilog="""\b
Examples:
  provisioner logs
  provisioner logs -f blog-x7k2p
  provisioner logs blog-x7k2p StatefulSet/blog-mariadb --tail 50
  provisioner logs x7k blog-wordpress-5d9c7-abcde --container wordpress -f

The log of a session is written as it runs, beside its record: every phase, restore and check,
what was waited for, and what an expert would look up when it ended badly. It stays when the
sandbox is gone; the logs of its pods do not.""",
)
@grouped
def logs(
    reach: Reach,
    session: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            show_default=False,
            autocompletion=known_sessions,
            help="A session's id, or its unique beginning; left out: the newest session.",
        ),
    ] = None,
    workload: Annotated[
        str | None,
        typer.Argument(
            metavar="WORKLOAD",
            show_default=False,
            help="Print the logs of its pods instead: KIND/NAME, a name, or a pod's name.",
        ),
    ] = None,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the session, or the pod, ends.")
    ] = False,
    tail: Annotated[
        int | None, typer.Option(min=0, metavar="LINES", help="Only the last lines.")
    ] = None,
    container: Annotated[
        str | None,
        typer.Option("--container", "-c", metavar="NAME", help="Default: all that have run."),
    ] = None,
    previous: Annotated[
        bool, typer.Option("--previous", "-p", help="Of the run before the last restart.")
    ] = False,
) -> None:
    """Print the log of a session, or of a workload in its sandbox."""
    from provisioner.cli.logs import Options, print_session_log  # noqa: PLC0415 - heavy

    options = Options(session, workload, container, follow, previous, tail, reach)
    if workload is None:
        return print_session_log(options)
    from provisioner.cli.pod_logs import print_pod_logs  # noqa: PLC0415 - heavy

    return print_pod_logs(options)


@app.command(
    cls=WithCommand,
    short_help="Open a shell in the sandbox.",
    epilog="""\b
Examples:
  provisioner shell
  provisioner shell StatefulSet/blog-mariadb
  provisioner shell blog-wordpress --session x7k -- php -v
  provisioner shell blog-mariadb -- sh -c 'mariadb -u$MARIADB_USER -p$MARIADB_PASSWORD' < q.sql

It runs in a ready pod of the workload; without WORKLOAD in the only one that there is. On a
terminal it is interactive, else stdin is passed through to its end. Exits as the program does,
and with 2 or 3 when it cannot be started.""",
)
@grouped
def shell(
    ctx: typer.Context,
    reach: Reach,
    workload: Annotated[
        str | None,
        typer.Argument(
            metavar="WORKLOAD", show_default=False, help="KIND/NAME, a name, or a pod's name."
        ),
    ] = None,
    *,
    session: SessionOption = None,
    container: ContainerOption = None,
) -> None:
    """Open a shell in a container of a kept sandbox, or run a program there."""
    from provisioner.cli.shell import Options, execute  # noqa: PLC0415 - heavy

    program: Sequence[str] = ctx.args
    raise typer.Exit(execute(Options(workload, program, session, container, reach)))


@app.command(
    name="open",
    short_help="Lead a local port to a Service of the sandbox.",
    epilog="""\b
Examples:
  provisioner open blog-wordpress
  provisioner open blog-wordpress:80 --port 8080
  provisioner open blog-mariadb:3306 --session x7k

Prints the address on stdout, and forwards until Ctrl-C or until the sandbox is gone. It goes
through the API server to a ready pod of the Service; when that is replaced, to the next.
An application that sends browsers to an address of its own does so here, too: try --port 80,
or ask it by that name, as with curl -H 'Host: blog.example.com'.""",
)
@grouped
def open_(
    service: Annotated[
        str,
        typer.Argument(
            metavar="SERVICE[:PORT]",
            help="Its name, and its port's number or name; else the first.",
        ),
    ],
    reach: Reach,
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="Local; 0 is any free one.")
    ] = 0,
    session: SessionOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Lead a port of 127.0.0.1 to a Service of a kept sandbox, until Ctrl-C."""
    from provisioner.cli.open import Options, open_service  # noqa: PLC0415 - heavy

    as_json = output is Output.JSON
    raise typer.Exit(open_service(Options(service, port, session, as_json, reach)))
