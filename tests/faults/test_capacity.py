"""What lacks room must not read as a bad backup: of Jobs, of restores' pods, under checks."""

import time

import pytest

from tests.cluster.files_app import FilesApp, check
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner
from tests.faults.demand import demand
from tests.faults.scenes import job, patched
from tests.faults.test_application import HUNGRY

pytestmark = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)

NOWHERE = {"nowhere": "at-all"}
HUNGRY_LATER = "until [ -e /tmp/go ]; do sleep 0.2; done; tail /dev/zero; exit $?"


def test_job_that_is_killed_for_memory_once(provisioner: Provisioner, app: FilesApp) -> None:
    migrate = job("", name="migrate")
    migrate["spec"]["template"]["spec"]["containers"][0] |= HUNGRY
    ended = provisioner.run(app.verifier({"extra": migrate}))
    sentence = r"container main of pod migrate-\w+ was killed for using more memory than 16Mi"
    demand(ended, "Errored", "Capacity", sentence)


def test_job_whose_time_runs_out_before_a_node_takes_it(
    provisioner: Provisioner, app: FilesApp
) -> None:
    migrate = job("echo done", name="migrate")
    migrate["spec"]["activeDeadlineSeconds"] = 5
    migrate["spec"]["template"]["spec"]["nodeSelector"] = NOWHERE
    ended = provisioner.run(app.verifier({"extra": migrate}))
    sentence = r"Job migrate failed: .*; no node took its pod: 0/1 nodes are available.*"
    demand(ended, "Errored", "Capacity", sentence)


def test_restores_pod_that_vanishes(
    provisioner: Provisioner, app: FilesApp, kubectl: Kubectl
) -> None:
    def remove(_: object, sandbox: str) -> None:
        while not (pods := kubectl.names("pods", "-n", sandbox)):
            time.sleep(0.1)
        kubectl.run("delete", "pod", *pods, "-n", sandbox, "--wait=false")

    document = patched(app, "/nodeSelector", NOWHERE)
    ended = provisioner.act(document, "restore: begins", remove)
    demand(ended, "Errored", "Cluster", "the pod of restore files was removed before it was done")


def test_application_that_is_killed_for_memory_under_its_checks(
    provisioner: Provisioner, app: FilesApp
) -> None:
    """A wrong answer counts at once, unless the application lost a pod before."""
    limits = {"limits": {"memory": "64Mi"}}
    closed = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": closed}
    checks = [
        check("touch /tmp/go", "makes it hungry"),
        {"name": "refused for 5 s", "tcp": {"service": "web", "port": 80}},
    ]
    document = patched(app, "/containers/0/resources", limits, checks=checks)
    document["spec"]["application"]["values"] = {"extra": service, "command": HUNGRY_LATER}
    ended = provisioner.run(document)
    sentence = r"container web of pod web-\S+ was killed for using more memory than 64Mi"
    demand(ended, "Errored", "Capacity", sentence)
