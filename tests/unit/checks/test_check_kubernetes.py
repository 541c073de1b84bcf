"""Fields of objects: found, wrong, and not to be asked for."""

from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.checks.expect import UNKNOWN
from provisioner.checks.kubernetes import ask
from provisioner.cluster.resources import DEPLOYMENT, NAMESPACE
from provisioner.errors import CheckUnableError
from provisioner.models.kubernetes import KubernetesCheck

WEB = {
    "metadata": {"name": "web", "annotations": {"example.com/a": "b"}},
    "spec": {"paused": False, "template": {"a": 1}},
    "status": {
        "readyReplicas": 2,
        "conditions": [
            {"type": "Progressing", "status": "True"},
            {"type": "Available", "status": "False"},
        ],
    },
}


def question(path: str, **more: Any) -> KubernetesCheck:
    given = {"kind": "Deployment", "name": "web", "jsonPath": path, "expect": {}, **more}
    return KubernetesCheck.model_validate(given)


def app(kind: Any = DEPLOYMENT, found: Any = WEB) -> Any:
    async def find_kind(version: str, name: str) -> Any:
        return kind

    async def find(*_: Any) -> Any:
        return found

    cluster = SimpleNamespace(kinds=SimpleNamespace(find=find_kind), find=find)
    return SimpleNamespace(cluster=cluster, namespace="verify-x")


@pytest.mark.parametrize(
    ("path", "saw"),
    [
        ("{.status.readyReplicas}", "2"),
        (".status.readyReplicas", "2"),
        ("$.status.readyReplicas", "2"),
        ("{.status.conditions[*].status}", "True False"),
        ('{.status.conditions[?(@.type=="Available")].status}', "False"),
        ("{.metadata.annotations['example.com/a']}", "b"),
        ("{.spec.paused}", "false"),
        ("{.spec.template}", '{"a": 1}'),
    ],
)
async def test_a_field_is_shown_as_kubectl_does(path: str, saw: str) -> None:
    answer = await ask(question(path), app(), UNKNOWN)
    assert (answer.passed, answer.saw) == (True, saw)


async def test_a_field_is_judged() -> None:
    path = "{.status.readyReplicas}"
    assert (await ask(question(path, expect={"min": 2}), app(), UNKNOWN)).passed
    assert not (await ask(question(path, expect={"min": 3}), app(), UNKNOWN)).passed


async def test_a_field_that_is_not_there_is_no_pass() -> None:
    answer = await ask(question("{.status.nope}"), app(), UNKNOWN)
    assert not answer.passed
    assert "returned nothing" in answer.saw


async def test_an_object_that_is_not_there_is_no_pass() -> None:
    answer = await ask(question("{.status}"), app(found=None), UNKNOWN)
    assert (answer.passed, answer.saw) == (False, "Deployment web does not exist")


@pytest.mark.parametrize(
    ("kind", "path", "told"),
    [
        (None, "{.status}", "knows no kind Deployment of apps/v1"),
        (NAMESPACE, "{.status}", "would be cluster-wide"),
        (DEPLOYMENT, "{.status.[}", "jsonPath: "),
    ],
)
async def test_what_cannot_be_asked_for_is_no_verdict(kind: Any, path: str, told: str) -> None:
    with pytest.raises(CheckUnableError, match=told):
        await ask(question(path), app(kind), UNKNOWN)


def test_secrets_and_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="whose values would stand in the report"):
        question("{.data}", kind="Secret")
    with pytest.raises(ValueError, match="whose apiVersion is not known"):
        question("{.status}", kind="Cluster")
    assert question("{.status}", kind="Cluster", apiVersion="example.com/v1").version
