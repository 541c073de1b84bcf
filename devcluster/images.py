"""Images from Containerfiles, built by buildah without a registry, cached by their content.

A Containerfile may say `FROM localhost/<another>:dev`, where `base` is a Debian that is made
once, and `COPY --from=<module>` for a program of one of our Go modules. apt-get in a RUN
works as it does on this machine.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from devcluster import apt
from devcluster.binaries import MODULES, Module, build
from devcluster.commands import run
from devcluster.errors import DevclusterError
from devcluster.paths import REPOSITORY, SOURCES, cache, content_hash, locked
from devcluster.progress import step

_FROM = re.compile(r"^FROM\s+localhost/([a-z0-9-]+):dev\b", re.MULTILINE | re.IGNORECASE)
_COPY = re.compile(r"--from=([a-z0-9-]+)")
BASE = "base"


@dataclass(frozen=True)
class Image:
    """A folder with a Containerfile."""

    name: str
    folder: Path

    @property
    def reference(self) -> str:
        """What a pod asks for."""
        return f"localhost/{self.name}:dev"

    @property
    def containerfile(self) -> str:
        """The text that says how it is built."""
        return (self.folder / "Containerfile").read_text()

    @property
    def modules(self) -> list[Module]:
        """The Go modules whose programs it copies."""
        return [Module(name) for name in self.module_names]

    @property
    def module_names(self) -> list[str]:
        """The names of those modules."""
        names = dict.fromkeys(_COPY.findall(self.containerfile))
        return [name for name in names if (MODULES / name / "go.mod").is_file()]

    @property
    def parents(self) -> list["Image"]:
        """The images it is built upon."""
        return [find(name) for name in dict.fromkeys(_FROM.findall(self.containerfile))]

    def key(self) -> str:
        """The hash of all that decides what comes out."""
        inherited = [parent.key() for parent in self.parents]
        return content_hash(self.folder, inherited, [module.key for module in self.modules])

    def archive(self) -> Path:
        """Where the built image is kept."""
        return cache() / "images" / f"{self.name}-{self.key()}.tar"


def search_path() -> list[Path]:
    """Folders that hold image folders."""
    return [SOURCES / "images", *sorted((REPOSITORY / "examples").glob("*/images"))]


def find(name: str) -> Image:
    """Find an image by its folder's name."""
    for folder in search_path():
        if (folder / name / "Containerfile").is_file():
            return Image(name, folder / name)
    places = ", ".join(str(folder.relative_to(REPOSITORY)) for folder in search_path())
    raise DevclusterError(f"no image {name}: no {name}/Containerfile in {places}")


def ensure_images(names: Iterable[str]) -> dict[str, Path]:
    """Build what is missing, parents first, and return each image's archive."""
    return {name: _ensure(find(name)) for name in names}


def _ensure(image: Image) -> Path:
    archive = image.archive()
    if archive.exists():
        return archive
    build(image.module_names)
    for parent in image.parents:
        _ensure(parent)
    # buildah's store is one for all, so one build at a time.
    with locked(cache() / "locks" / "images.lock", "an image is being built"):
        if not archive.exists():
            with step(f"building image {image.name}"):
                _build(image, archive)
    return archive


def _build(image: Image, archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    for parent in image.parents:
        _restore(parent)
    with tempfile.TemporaryDirectory(prefix=".context-", dir=archive.parent) as folder:
        context = Path(folder) / "context"
        shutil.copytree(image.folder, context)
        if image.name == BASE:
            _make_base(context)
        _buildah(["build", *_options(image), "--tag", image.reference, str(context)])
        _save(image, archive)


def _options(image: Image) -> list[str]:
    contexts = [f"--build-context={module.name}={module.folder}" for module in image.modules]
    mounts = [f"--volume={mount}" for mount in apt.mounts()] if image.name != BASE else []
    return ["--isolation=chroot", "--pull=never", "--timestamp=0", *contexts, *mounts]


def _save(image: Image, archive: Path) -> None:
    partial = archive.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    _buildah(["push", image.reference, f"docker-archive:{partial}:{image.reference}"])
    partial.rename(archive)


def _restore(image: Image) -> None:
    """Put a parent from its archive into buildah's store, which may be of another state."""
    _buildah(["rmi", "--force", image.reference], check=False)
    pulled = _buildah(["pull", f"docker-archive:{image.archive()}"]).split()[-1]
    _buildah(["tag", pulled, image.reference])


def _buildah(arguments: list[str], *, check: bool = True) -> str:
    store = cache() / "buildah"
    # A mount namespace of its own: whatever buildah mounts is gone with it.
    wrap = ["unshare", "--mount", "--propagation", "private", "buildah"]
    return run(
        [*wrap, "--root", f"{store}/root", "--runroot", f"{store}/run", *arguments], check=check
    )


def _make_base(context: Path) -> None:
    packages = (context / "packages").read_text().split()
    arguments = ["--variant=apt", "--format=tar", f"--include={','.join(packages)}"]
    options = [f"--aptopt={line}" for line in apt.settings() if "CAInfo" not in line]
    excluded = [
        f"--dpkgopt=path-exclude=/usr/share/{n}/*" for n in ("doc", "man", "locale", "info")
    ]
    clean = ["--customize-hook=rm -f $1/etc/apt/sources.list", "--skip=check/empty"]
    argv = ["mmdebstrap", *arguments, *options, *excluded, *clean, apt.RELEASE]
    run([*argv, str(context / "rootfs.tar"), *apt.sources()])
