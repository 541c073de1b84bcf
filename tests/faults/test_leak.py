"""A namespace that does not go: told in a pass, too, with the commands that end it."""

import shlex
import subprocess

import pytest

import devcluster
from tests.cluster.files_app import FilesApp
from tests.cluster.provisioner import Provisioner

FINALIZER = "example.test/nobody"


@pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)
def test_finalizer_that_nobody_serves(provisioner: Provisioner, app: FilesApp) -> None:
    stuck = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "stuck", "finalizers": [FINALIZER]},
    }
    ended = provisioner.run_leaking(app.verifier({"extra": stuck}))
    assert ended.verdict == ("Passed", None), ended.report
    assert (ended.report["cleanup"], ended.exit_code) == ("Leaked", 5)
    object_left, namespace_left = ended.report["leftovers"]
    sandbox = ended.report["sandbox"]
    assert object_left == {
        "kind": "ConfigMap",
        "namespace": sandbox,
        "name": "stuck",
        "reason": f"finalizers that nobody serves: {FINALIZER}",
        "command": f"kubectl patch configmaps stuck --namespace {sandbox} --type merge"
        """ --patch '{"metadata":{"finalizers":null}}'""",
    }
    assert namespace_left["command"] == f"kubectl delete namespace {sandbox}"
    assert f"{FINALIZER} in 1 resource instances" in namespace_left["reason"]
    shown = provisioner.call("show", ended.report["id"]).stdout
    assert object_left["command"] in shown
    for leftover in ended.report["leftovers"]:
        obey(provisioner, leftover["command"])
    provisioner.demand_nothing_left({**ended.report, "cleanup": "Clean"})


def obey(provisioner: Provisioner, command: str) -> None:
    """Do what the report says, as a user would."""
    program, *arguments = shlex.split(command)
    assert program == "kubectl"
    argv = [str(devcluster.binary("kubectl")), "--kubeconfig"]
    argv += [str(provisioner.kubectl.kubeconfig), *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0 or "NotFound" in done.stderr, done
