"""Readiness on real workloads: ready, in trouble, and late."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from devcluster import Cluster as DevCluster
from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.resources import (
    CLAIM,
    CONFIG_MAP,
    DEPLOYMENT,
    JOB,
    POD,
    SERVICE,
    STATEFUL_SET,
)
from provisioner.deadline import Deadline
from provisioner.errors import (
    ApplicationError,
    CapacityError,
    ChartError,
    ClusterError,
    LateError,
    ProvisionerError,
)
from provisioner.readiness.wait import wait_ready
from tests.cluster.kube import Kubectl

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMAGE = "localhost/restic:dev"
KINDS = {one.kind: one for one in (CLAIM, CONFIG_MAP, DEPLOYMENT, JOB, POD, SERVICE, STATEFUL_SET)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def connection(cluster: DevCluster) -> AsyncIterator[Cluster]:
    yield await Cluster.connect(cluster.kubeconfig)


def container(script: str, **more: Any) -> Object:
    return {
        "name": "main",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["tini", "--", "sh", "-c", script],
        **more,
    }


def workload(kind: str, one: Object, *, name: str = "web", **pod: Any) -> Object:
    """A Deployment, StatefulSet or Job of one container."""
    spec: Object = {"terminationGracePeriodSeconds": 1, "containers": [one], **pod}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    if kind == "Job":
        spec["restartPolicy"] = "Never"
        return _object("batch/v1", kind, name, {"template": template, "backoffLimit": 0})
    selector = {"matchLabels": {"app": name}}
    return _object("apps/v1", kind, name, {"selector": selector, "template": template})


def _object(api: str, kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": spec}


def service(name: str = "web") -> Object:
    return _object("v1", "Service", name, {"selector": {"app": name}, "ports": [{"port": 80}]})


async def ready(
    connection: Cluster, namespace: str, release: list[Object], seconds: float = 60
) -> list[str]:
    """Create the release, wait for it, and give the notes back."""
    for one in release:
        await connection.create(KINDS[one["kind"]], one, namespace)
    notes: list[str] = []
    session = Deadline.after(seconds + 60)
    await wait_ready(connection, namespace, release, session, span=seconds, note=notes.append)
    return notes


async def failure(
    connection: Cluster, namespace: str, release: list[Object], seconds: float = 60
) -> tuple[ProvisionerError, float]:
    """What readiness gave up with, and when."""
    begun = time.monotonic()
    with pytest.raises(ProvisionerError) as raised:
        await ready(connection, namespace, release, seconds)
    return raised.value, time.monotonic() - begun


PROBE = {"exec": {"command": ["test", "-f", "/tmp/ready"]}, "periodSeconds": 1}  # noqa: S108


async def test_all_kinds_become_ready_and_are_told_by_name(
    connection: Cluster, namespace: str
) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Mi"}}}
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    slow = container("sleep 2; touch /tmp/ready; sleep 600", readinessProbe=PROBE)
    release = [
        _object("v1", "PersistentVolumeClaim", "data", claim),
        _object("v1", "PersistentVolumeClaim", "unused", claim),
        workload("Deployment", slow, volumes=[volume]),
        workload("StatefulSet", container("sleep 600"), name="db"),
        workload("Job", container("echo done"), name="setup"),
        service(),
        service("nobody"),
    ]
    notes = await ready(connection, namespace, release)
    assert any("Deployment/web: 0 of 1 ready" in note for note in notes), notes


async def test_an_image_that_does_not_exist_fails_fast(connection: Cluster, namespace: str) -> None:
    nowhere = container("true", image="localhost/nowhere:dev")
    error, seconds = await failure(connection, namespace, [workload("Deployment", nowhere)], 120)
    assert type(error) is ChartError, error
    assert error.message.startswith("image localhost/nowhere:dev cannot be pulled: ")
    assert seconds < 45
    assert any("ErrImagePull" in line or "ImagePullBackOff" in line for line in error.details)


async def test_a_missing_secret_fails_fast(connection: Cluster, namespace: str) -> None:
    wanting = container("true", envFrom=[{"secretRef": {"name": "blog-db"}}])
    error, seconds = await failure(connection, namespace, [workload("Deployment", wanting)])
    assert type(error) is ChartError, error
    assert 'secret "blog-db" not found' in error.message
    assert seconds < 30


async def test_a_crashing_application_is_given_up_with_its_last_words(
    connection: Cluster, namespace: str
) -> None:
    broken = container("echo InnoDB: page is corrupt; exit 3")
    error, seconds = await failure(connection, namespace, [workload("StatefulSet", broken)], 180)
    assert type(error) is ApplicationError, error
    assert "ends again and again, 3 restarts: exit code 3" in error.message
    assert any("InnoDB: page is corrupt" in line for line in error.details), error.details
    assert seconds < 120


async def test_a_single_restart_is_normal(connection: Cluster, namespace: str) -> None:
    again = "[ -f /data/x ] && exec sleep 600; touch /data/x; exit 1"
    one = container(again, volumeMounts=[{"name": "data", "mountPath": "/data"}])
    volumes = [{"name": "data", "emptyDir": {}}]
    await ready(connection, namespace, [workload("Deployment", one, volumes=volumes)])


async def test_who_is_never_ready_is_named_at_the_deadline(
    connection: Cluster, namespace: str
) -> None:
    never = container("echo waiting; sleep 600", readinessProbe=PROBE)
    release = [workload("Deployment", never), service()]
    error, _ = await failure(connection, namespace, release, 8)
    assert type(error) is LateError, error
    assert "not ready within 8 s: Deployment/web: 0 of 1 ready; Service/web" in error.message
    text = "\n".join(error.details)
    assert "container main: running, not ready" in text
    assert "    waiting" in text
    assert "event Unhealthy" in text


async def test_no_room_is_capacity_and_no_verdict(
    connection: Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.readiness.trouble.SCHEDULING_GRACE", 2.0)
    huge = container("true", resources={"requests": {"cpu": "500"}})
    error, _ = await failure(connection, namespace, [workload("Deployment", huge)])
    assert type(error) is CapacityError, error
    assert "Insufficient cpu" in error.message


async def test_a_full_quota_is_capacity(
    connection: Cluster, kubectl: Kubectl, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.readiness.trouble.QUOTA_GRACE", 2.0)
    kubectl.run("create", "quota", "small", "--hard=pods=0", "-n", namespace)
    error, _ = await failure(connection, namespace, [workload("Deployment", container("true"))])
    assert type(error) is CapacityError, error
    assert "Deployment web cannot create its pods" in error.message
    assert "exceeded quota: small" in error.message


async def test_killed_for_memory_is_capacity(connection: Cluster, namespace: str) -> None:
    limits = {"limits": {"memory": "16Mi"}, "requests": {"memory": "16Mi"}}
    hungry = container("tail /dev/zero; exit $?", resources=limits)
    error, _ = await failure(connection, namespace, [workload("Deployment", hungry)], 120)
    assert type(error) is CapacityError, error
    assert "more memory than 16Mi" in error.message


async def test_a_job_that_fails_is_the_applications_fault(
    connection: Cluster, namespace: str
) -> None:
    release = [workload("Job", container("echo no; exit 1"), name="setup")]
    error, seconds = await failure(connection, namespace, release)
    assert type(error) is ApplicationError, error
    assert "Job setup failed" in error.message
    assert seconds < 30


async def test_who_never_started_is_no_verdict(connection: Cluster, namespace: str) -> None:
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "nope"}}]
    homeless = workload("Deployment", container("true"), volumes=volumes)
    error, _ = await failure(connection, namespace, [homeless], 5)
    assert isinstance(error, ClusterError | CapacityError), error
    assert "nope" in error.message


async def test_waiting_may_begin_before_anything_is_there(
    connection: Cluster, namespace: str
) -> None:
    release, session = [workload("Deployment", container("true"))], Deadline.after(60)
    with pytest.raises(ClusterError, match="Deployment/web: not created yet"):
        await wait_ready(connection, namespace, release, session, span=1, note=print)
