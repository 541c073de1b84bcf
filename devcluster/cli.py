"""The command line: `python -m devcluster COMMAND`."""

import argparse
import os
import sys
from collections.abc import Callable

from devcluster import binaries, cluster
from devcluster.errors import DevclusterError
from devcluster.progress import say
from devcluster.status import status

Arguments = argparse.Namespace


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    # Colleagues' clusters are none of our business, whatever the environment says.
    os.environ.pop("KUBECONFIG", None)
    command: Callable[[Arguments], int] = arguments.command
    try:
        return command(arguments)
    except DevclusterError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted; run it again to go on")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devcluster", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: Callable[[Arguments], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        made.set_defaults(command=function)
        return made

    add("up", _up).add_argument("--no-network-policy", action="store_true")
    add("down", _down)
    add("status", _status)
    add("load-image", _load_image).add_argument("names", nargs="+", metavar="NAME")
    add("kubeconfig", _kubeconfig)
    add("build", _build).add_argument("modules", nargs="*", metavar="MODULE")
    return parser


def _up(arguments: Arguments) -> int:
    """Start the cluster, or leave it alone if it runs."""
    started = cluster.up(network_policy=not arguments.no_network_policy)
    print(started.kubeconfig)
    return 0


def _down(_: Arguments) -> int:
    """Take the cluster away without a trace."""
    cluster.down()
    return 0


def _status(_: Arguments) -> int:
    """Name each component and say whether it runs."""
    found = status()
    print("\n".join(found.lines))
    return 0 if found.healthy else 1


def _load_image(arguments: Arguments) -> int:
    """Build images and hand them to the cluster."""
    for name in arguments.names:
        print(cluster.running().load_image(name))
    return 0


def _kubeconfig(_: Arguments) -> int:
    """Print the path of the cluster's kubeconfig."""
    print(cluster.running().kubeconfig)
    return 0


def _build(arguments: Arguments) -> int:
    """Build the programs of these modules, or of all."""
    binaries.build(arguments.modules or None)
    for module in binaries.modules():
        print(
            module.name, module.folder if module.folder.is_dir() else "(not built)", file=sys.stdout
        )
    return 0
