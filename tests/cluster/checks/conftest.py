"""An application to put checks to, made once a module."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from devcluster import Cluster as DevCluster
from provisioner.checks.target import Sandbox
from provisioner.cluster.api import Cluster, Object
from provisioner.deadline import Deadline
from provisioner.helm.release import TestResult as Tested
from provisioner.readiness.wait import wait_ready
from tests.cluster.kube import Kubectl

APP = Path(__file__).with_name("app.yaml")


def manifests() -> list[Object]:
    return list(yaml.safe_load_all(APP.read_text()))


@pytest.fixture(scope="module")
def app_namespace(kubectl: Kubectl) -> Iterator[str]:
    name = f"test-checks-{secrets.token_hex(3)}"
    kubectl.create_namespace(name)
    kubectl.run("apply", "--namespace", name, "-f", str(APP))
    yield name
    kubectl.run("delete", "namespace", name, "--wait=false")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(cluster: DevCluster, app_namespace: str) -> AsyncIterator[Sandbox]:
    connection = await Cluster.connect(cluster.kubeconfig)
    session = Deadline.after(300)
    await wait_ready(connection, app_namespace, manifests(), session, span=120, note=print)

    async def helm_test(release: str) -> Tested:
        return Tested(True, f"NAME: {release}\nTEST SUITE: web\nPhase: Succeeded")

    yield Sandbox(connection, app_namespace, "blog", helm_test)
