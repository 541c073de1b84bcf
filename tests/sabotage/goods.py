"""The good data of two days, made once: by the examples' own productions and backup jobs."""

import json
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devcluster.paths import content_hash, fresh_folder
from examples.common import release, stores
from examples.common.cluster import Kube, PodTarget
from examples.common.release import Release
from examples.shop.demo import seed as shop_seed
from examples.shop.demo.backup import backup as back_up_shop
from examples.wordpress.demo import seed as blog_seed
from examples.wordpress.demo.backup import backup as back_up_blog
from tests.cluster import blog, shop
from tests.sabotage import archive
from tests.sabotage.apps import HERE, App
from tests.sabotage.places import GOOD
from tests.sabotage.quick_key import make_quick
from tests.sabotage.repository import PASSWORD, Repository, moment

DAYS = ("yesterday", "today")
SECRET_FILE = "secret.json"
Snapshots = Mapping[str, str]
"""By the part: what finds it in its repository, an id or a tag."""


def ensure(kube: Kube, app: App) -> Path:
    """Return the folder with the good data: a tree for each day and part, and the Secret.

    Owners and modes are production's, so this needs root.
    """
    folder = GOOD / f"{app.name}-{content_hash(*_sources(app))}"
    if not folder.exists():
        with fresh_folder(folder) as work:
            _MAKERS[app.name](kube, app, work)
    return folder


def _sources(app: App) -> list[Path]:
    """All that decides what the good data is: not what is asked of it."""
    example = [app.production.example / name for name in ("chart", "images", "demo")]
    own = sorted(HERE.glob(f"{app.name}/*.sql")) + sorted(HERE.glob(f"{app.name}/*.php"))
    return [HERE / "goods.py", HERE / "archive.py", *own, *filter(Path.exists, example)]


def secret_of(good: Path) -> dict[str, str]:
    """What production's Secret held."""
    return dict(json.loads((good / SECRET_FILE).read_text()))


def _make_blog(kube: Kube, app: App, folder: Path) -> None:
    with _production(kube, app) as one:
        blog_seed.seed(kube, one, blog.FIRST_DAY)
        _keep_a_secret(kube, one)
        first = back_up_blog(kube, one)
        blog_seed.seed(kube, one, blog.SECOND_DAY)
        second = back_up_blog(kube, one)
        for day, session in zip(DAYS, (first, second), strict=True):
            _fetch(kube, one, app, dict.fromkeys(app.parts, f"session={session}"), folder / day)
        _keep(folder, kube.secret_values(app.secret, one.namespace))


def _keep_a_secret(kube: Kube, one: Release) -> None:
    pod = PodTarget(one.namespace, f"deployment/{one.release}-wordpress", "wordpress")
    source = (HERE / "blog" / "keep-secret.php").read_text()
    assert list(kube.run_script(pod, ("php", "--"), source, {})) == ["kept"]


def _make_shop(kube: Kube, app: App, folder: Path) -> None:
    with _production(kube, app) as one:
        for day, plan in zip(DAYS, (shop.FIRST_DAY, shop.SECOND_DAY), strict=True):
            shop_seed.seed(kube, one, plan)
            _fetch(kube, one, app, back_up_shop(kube, one), folder / day)
        _keep(folder, kube.secret_values(app.secret, one.namespace))


def _make_archive(kube: Kube, app: App, folder: Path) -> None:
    values = {name: secrets.token_hex(12) for name in ("password", "sealingKey")}
    secret = {"username": "archive", **values}
    for day, count in zip(DAYS, (200, app.least), strict=True):
        archive.make(folder / day, count, secret)
    _keep(folder, secret)


_MAKERS: dict[str, Callable[[Kube, App, Path], None]] = {
    "blog": _make_blog,
    "shop": _make_shop,
    "archive": _make_archive,
}


@contextmanager
def _production(kube: Kube, app: App) -> Iterator[Any]:
    one = app.production(namespace=f"sabotage-production-{secrets.token_hex(3)}")
    stores.ensure(kube)
    try:
        release.install(kube, one)
        yield one
    finally:
        kube.kubectl("delete", "namespace", one.namespace, "--ignore-not-found", "--wait=false")


def _fetch(kube: Kube, one: Release, app: App, found: Snapshots, folder: Path) -> None:
    """Bring the parts of one backup here."""
    repositories = {each.name: each for each in one.repositories}
    for part in app.parts:
        where = repositories.get(part) or one.repositories[0]
        env = kube.secret_values(where.secret, one.namespace)
        remote = Repository.remote(where.url, env or {})
        if "=" in found[part]:
            remote.restore("latest", folder / part, tag=found[part])
        else:
            remote.restore(found[part], folder / part)


def _keep(folder: Path, secret: Mapping[str, str] | None) -> None:
    (folder / SECRET_FILE).write_text(json.dumps(secret))
    (folder / SECRET_FILE).chmod(0o600)


def template(good: Path, app: App, folder: Path) -> None:
    """Put the good data of both days into new repositories, one for each part."""
    for part, user in app.parts.items():
        repository = Repository(folder / part)
        repository.init()
        make_quick(repository.folder, PASSWORD)
        for day in DAYS:
            tree = good / day / part
            subprocess.run(["chown", f"{user}:{user}", str(tree)], check=True)
            tags = (app.name, part, day, f"session={day}")
            ran = moment("-24 hours" if day == "yesterday" else "now")
            repository.back_up(tree, *tags, host=app.name, moment=ran)
