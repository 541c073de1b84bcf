"""A custom resource of a chart: the session waits for what its operator says of it."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.files_app import FilesApp
from tests.cluster.kube import Kubectl
from tests.cluster.provisioner import Provisioner

pytestmark = pytest.mark.parametrize("provisioner", ["helm4"], indirect=True)

BOOTING = {"type": "Ready", "status": "False", "reason": "Booting", "message": "1 of 3 members"}


@pytest.fixture
def group(kubectl: Kubectl) -> Iterator[str]:
    """An API group of the test's own, with a kind Widget; the test is its operator."""
    group = f"g{secrets.token_hex(4)}.example.test"
    name = f"widgets.{group}"
    kubectl.apply(definition(name, group))
    kubectl.run("wait", "--for=condition=Established", f"crd/{name}", "--timeout=60s")
    yield group
    kubectl.run("delete", "crd", name)


def definition(name: str, group: str) -> dict[str, Any]:
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": anything},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
            "versions": [version],
        },
    }


def widget(group: str, *conditions: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": f"{group}/v1",
        "kind": "Widget",
        "metadata": {"name": "one"},
        "status": {"conditions": list(conditions)},
    }


def test_one_is_waited_for_until_it_is_ready(
    provisioner: Provisioner, app: FilesApp, kubectl: Kubectl, group: str
) -> None:
    def operate(_: object, sandbox: str) -> None:
        status = {"status": widget(group, {**BOOTING, "status": "True"})["status"]}
        patch = ["--type", "merge", "--patch", json.dumps(status)]
        kubectl.run("patch", f"widgets.{group}", "one", "-n", sandbox, *patch)

    document = app.verifier({"extra": widget(group, BOOTING)}, readiness={"timeout": "3m"})
    waiting = "waiting for Widget/one: Ready is False: Booting: 1 of 3 members"
    ended = provisioner.act(document, waiting, operate)
    assert ended.verdict == ("Passed", None), ended.report


def test_one_that_its_operator_gives_up_is_not_waited_for(
    provisioner: Provisioner, app: FilesApp, group: str
) -> None:
    stalled = {"type": "Stalled", "status": "True", "message": "no such class"}
    document = app.verifier({"extra": widget(group, BOOTING, stalled)}, readiness={"timeout": "3m"})
    ended = provisioner.run(document)
    assert ended.verdict == ("Inconclusive", "Application"), ended.report
    assert ended.exit_code == 4
    assert ended.report["message"] == (
        "Widget one was given up by its operator: Stalled: no such class"
    )
    assert "Widget/one: Ready is False: Booting: 1 of 3 members" in ended.report["diagnosis"]
