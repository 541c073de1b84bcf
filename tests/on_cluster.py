"""One real cluster for all tests that need one; each works in namespaces of its own."""

import fcntl
import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import devcluster
from devcluster import Cluster
from devcluster.paths import STATE
from tests.cluster import blog, shop
from tests.cluster.blog import Backups, make_backups
from tests.cluster.files_app import Files, FilesApp
from tests.cluster.kube import RUN_VARIABLE, Kubectl
from tests.cluster.provisioner import Provisioner
from tests.cluster.shop import ShopBackups, make_shop_backups


def pytest_configure() -> None:
    """The workers inherit it: all namespaces of one run carry one label."""
    os.environ.setdefault(RUN_VARIABLE, secrets.token_hex(3))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not _kubeconfig().exists():
        return
    try:
        Kubectl(_kubeconfig()).delete_namespaces_of_this_run()
    except subprocess.SubprocessError as error:
        session.config.issue_config_time_warning(
            pytest.PytestWarning(f"namespaces of this run may be left: {error}"), stacklevel=1
        )


def _kubeconfig() -> Path:
    return STATE / "kubeconfig"


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    running = devcluster.up()
    for image in {*blog.IMAGES, *shop.IMAGES}:
        running.load_image(image)
    return running


@pytest.fixture(scope="session")
def kubectl(cluster: Cluster) -> Kubectl:
    return Kubectl(cluster.kubeconfig)


@pytest.fixture
def namespace(kubectl: Kubectl) -> str:
    name = f"test-{secrets.token_hex(4)}"
    kubectl.create_namespace(name)
    return name


@pytest.fixture(scope="session")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data and repository of the smallest application, made once a worker."""
    folder = tmp_path_factory.mktemp("files")
    one = Files(folder)
    one.write({"index.html": "hello"})
    one.back_up("session=1")
    return folder


@pytest.fixture
def app(kubectl: Kubectl, namespace: str, tmp_path: Path, good_files: Path) -> FilesApp:
    """The smallest application, with one good snapshot."""
    return FilesApp(kubectl, namespace, tmp_path, good_files)


@pytest.fixture(params=["helm4", "helm3"])
def provisioner(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path
) -> Iterator[Provisioner]:
    """The console script with one of the two Helms, as a user calls it."""
    one = Provisioner(cluster.kubeconfig, devcluster.binary(request.param), tmp_path)
    yield one
    one.demand_nothing_runs()


@pytest.fixture(scope="session")
def backups(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Backups:
    """A WordPress of the run's own with its backups, made once for all workers."""
    made = once(tmp_path_factory, "backups", lambda: asdict(make_backups(cluster.kubeconfig)))
    return Backups(**made)


@pytest.fixture(scope="session")
def shop_backups(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> ShopBackups:
    """A shop of the run's own with its backups, made once for all workers."""

    def make() -> dict[str, Any]:
        return asdict(make_shop_backups(cluster.kubeconfig))

    return ShopBackups(**once(tmp_path_factory, "shop-backups", make))


def once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What the first worker makes, for all of them."""
    folder = Path(os.environ.get("TMPDIR", factory.getbasetemp().parent))
    path = folder / f"provisioner-{os.environ[RUN_VARIABLE]}-{name}.json"
    with _locked(path.with_suffix(".lock")):
        if not path.exists():
            path.write_text(json.dumps(make()))
        return dict(json.loads(path.read_text()))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
