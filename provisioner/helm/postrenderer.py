"""How Helm is told to send a chart's objects through our post-renderer.

Helm 3 takes a program and leaves hooks out; Helm 4 takes a plugin's name and sends hooks, too.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.helm.command import is_before_4
from provisioner.helm.patches import Patch
from provisioner.scratch import private_folder

PLUGIN = "provisioner-patches"


@dataclass(frozen=True)
class PostRenderer:
    """What is added to Helm's command line and to its environment."""

    flags: list[str] = field(default_factory=list)
    env: Mapping[str, str] = field(default_factory=dict)


def renders_hooks(version: str) -> bool:
    """Whether that Helm sends hooks through a post-renderer, too."""
    return not is_before_4(version)


@contextmanager
def post_renderer(
    patches: Sequence[Patch], version: str, inside: Path | None = None
) -> Iterator[PostRenderer]:
    """A post-renderer for as long as the block runs; nothing when there is nothing to patch.

    Its files are in a folder ``inside`` of the session's private one, and are for their owner's
    eyes only: a patch may hold what nobody else should read.
    """
    if not patches:
        yield PostRenderer()
        return
    with private_folder(inside) as folder:
        file = folder / "patches.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps([dict(one) for one in patches]), encoding="utf-8")
        arguments = ["-P", "-m", "provisioner.helm.postrender", str(file)]
        yield _plugin(folder, arguments) if renders_hooks(version) else _program(arguments)


def _program(arguments: Sequence[str]) -> PostRenderer:
    flags = [f"--post-renderer-args={one}" for one in arguments]
    return PostRenderer(["--post-renderer", sys.executable, *flags])


def _plugin(folder: Path, arguments: Sequence[str]) -> PostRenderer:
    command = {"command": sys.executable, "args": list(arguments)}
    plugin = {
        "apiVersion": "v1",
        "type": "postrenderer/v1",
        "name": PLUGIN,
        "version": "0.1.0",
        "runtime": "subprocess",
        "runtimeConfig": {"platformCommand": [command]},
    }
    home = folder / "plugins" / PLUGIN
    home.mkdir(parents=True)
    # JSON is YAML, and needs no library to write it.
    (home / "plugin.yaml").write_text(json.dumps(plugin), encoding="utf-8")
    places = [str(home.parent), os.environ.get("HELM_PLUGINS", "")]
    env = {"HELM_PLUGINS": os.pathsep.join(place for place in places if place)}
    return PostRenderer(["--post-renderer", PLUGIN], env)
