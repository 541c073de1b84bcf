"""Binaries from the Go modules under `modules/`, cached by the hash of what they are built from."""

import functools
import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from devcluster.commands import run
from devcluster.errors import DevclusterError
from devcluster.paths import SOURCES, cache, content_hash, fresh_folder, locked
from devcluster.progress import say, step

MODULES = SOURCES / "modules"

# Every version that a program tells of itself would be "unknown" or "v4.3" without these.
_LDFLAGS = {
    "kubernetes": {
        "k8s.io/component-base/version.gitVersion": "v1.34.4",
        "k8s.io/component-base/version.gitMajor": "1",
        "k8s.io/component-base/version.gitMinor": "34",
    },
    "helm4": {"helm.sh/helm/v4/internal/version.version": "v4.3.1"},
    "helm3": {"helm.sh/helm/v3/internal/version.version": "v3.22.0"},
}
# Names under which `binary()` is asked, where they are not module and file alike.
_NAMED = {"helm3": ("helm3", "helm"), "helm4": ("helm4", "helm"), "etcd": ("kubernetes", "server")}
_GO = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "on",
    "GOFLAGS": "-mod=readonly -buildvcs=false",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}


@dataclass(frozen=True)
class Module:
    """One Go module and the folder that holds, or will hold, its programs."""

    name: str

    @property
    def source(self) -> Path:
        """The folder with the go.mod."""
        return MODULES / self.name

    @property
    def target(self) -> str:
        """What to build: the module itself if it has code, else the tools that it names."""
        return "." if list(self.source.glob("*.go")) else "tool"

    @functools.cached_property
    def key(self) -> str:
        """The hash of all that decides what comes out."""
        return content_hash(self.source, _ldflags(self.name), _go_version(), platform.machine())

    @property
    def folder(self) -> Path:
        """Where the programs are kept."""
        return cache() / "bin" / f"{self.name}-{self.key}"


def modules() -> list[Module]:
    """All modules, the longest build first."""
    names = sorted(path.parent.name for path in MODULES.glob("*/go.mod"))
    return [Module(name) for name in sorted(names, key=lambda name: name != "kubernetes")]


def build(names: list[str] | None = None) -> None:
    """Build what is not in the cache yet."""
    wanted = [module for module in modules() if names is None or module.name in names]
    if unknown := set(names or []) - {module.name for module in wanted}:
        raise DevclusterError(f"no such module: {', '.join(sorted(unknown))}")
    missing = [module for module in wanted if not module.folder.is_dir()]
    for number, module in enumerate(missing, start=1):
        _build(module, f"building {module.name} (module {number} of {len(missing)})")


def binary(name: str) -> Path:
    """Return the path of a program, and build its module first if need be."""
    module_name, file = _NAMED.get(name) or (_module_of(name), name)
    module = Module(module_name)
    if not module.folder.is_dir():
        build([module_name])
    return module.folder / file


def _module_of(program: str) -> str:
    if (MODULES / program / "go.mod").is_file():
        return program
    for module in modules():
        if re.search(rf"/{re.escape(program)}\s*$", (module.source / "go.mod").read_text(), re.M):
            return module.name
    raise DevclusterError(f"no module builds {program}")


def _build(module: Module, text: str) -> None:
    with locked(cache() / "locks" / f"{module.name}.lock", f"{module.name} is being built"):
        if module.folder.is_dir():
            return
        with step(text), fresh_folder(module.folder) as work:
            argv = [_go(), "build", "-trimpath", "-ldflags", _ldflags(module.name)]
            run([*argv, "-o", f"{work}/", module.target], cwd=module.source, env=_GO)


def _ldflags(name: str) -> str:
    return " ".join(
        ["-s -w", *(f"-X {key}={value}" for key, value in _LDFLAGS.get(name, {}).items())]
    )


def _go() -> str:
    beside = Path(sys.executable).parent / "go"
    if not beside.exists():
        say(f"no Go beside {sys.executable}; trying the one on PATH")
    return str(beside) if beside.exists() else "go"


@functools.cache
def _go_version() -> str:
    return run([_go(), "env", "GOVERSION"], env=_GO, cwd=Path(os.sep)).strip()
