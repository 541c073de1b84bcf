"""Patches on rendered objects, in a plan and on their way through Helm."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.errors import ConfigurationError
from provisioner.helm.patches import HELM_FILENAME, apply_all
from provisioner.helm.postrender import rewrite
from provisioner.helm.postrenderer import post_renderer, renders_hooks
from provisioner.models.application import ObjectPatch

WEB = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}}
CLAIM = {"kind": "PersistentVolumeClaim", "metadata": {"name": "web-files"}, "spec": {}}


def patch(*operations: dict[str, Any], kind: str = "Deployment", name: str = "web") -> Any:
    target = {"kind": kind, "name": name}
    return ObjectPatch.model_validate({"target": target, "patch": operations}).as_written()


ONE_REPLICA = patch({"op": "replace", "path": "/spec/replicas", "value": 1})


def test_only_the_target_changes_and_not_in_place() -> None:
    before = copy.deepcopy([WEB, CLAIM])
    assert apply_all([WEB, CLAIM], [ONE_REPLICA]) == [{**WEB, "spec": {"replicas": 1}}, CLAIM]
    assert before == [WEB, CLAIM]


def test_patches_of_one_object_go_in_order() -> None:
    patches = [
        patch({"op": "add", "path": "/spec/a", "value": None}),
        patch({"op": "move", "from": "/spec/a", "path": "/spec/b"}),
        patch({"op": "test", "path": "/spec/b", "value": None}),
    ]
    assert apply_all([WEB], patches)[0]["spec"] == {"replicas": 3, "b": None}


def test_a_patch_without_a_target_names_the_nearest() -> None:
    lost = patch({"op": "remove", "path": "/spec"}, name="wbe")
    with pytest.raises(ConfigurationError, match="for Deployment/wbe, which the chart") as caught:
        apply_all([CLAIM, WEB], [lost])
    assert caught.value.hint == (
        "nearest is Deployment/web; its objects: Deployment/web, PersistentVolumeClaim/web-files"
    )


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "remove", "path": "/spec/nothing"}, "can't remove a non-existent object 'nothing'"),
        ({"op": "replace", "path": "/no/where", "value": 1}, "member 'no' not found"),
        ({"op": "test", "path": "/spec/replicas", "value": 1}, "3.*not equal to tested value 1"),
        ({"op": "add", "path": "/spec/replicas/0", "value": 1}, "does not fit"),
        ({"op": "replace", "path": "/metadata/name", "value": "other"}, "makes another object"),
        ({"op": "replace", "path": "", "value": []}, "makes another object"),
    ],
)
def test_what_does_not_fit_is_told(operation: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        apply_all([WEB], [patch(operation)])


STREAM = """\
---
# Source: web/templates/a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {size: 1e3, day: 2024-01-01}
--- # of the next
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  when: 2024-01-01
  ratio: 1e3
  text: "1e3"
  flag: yes
"""


def test_the_rest_of_the_stream_passes_as_it_was_written() -> None:
    first, second = rewrite(STREAM, [ONE_REPLICA]).split("---\n")[1:]
    assert first == STREAM.split("--- #", maxsplit=1)[0].removeprefix("---\n")
    spec = {"replicas": 1, "when": "2024-01-01", "ratio": 1000.0, "text": "1e3", "flag": True}
    assert json.loads(second)["spec"] == spec


def test_what_is_in_a_list_is_patched_there() -> None:
    stream = json.dumps({"kind": "List", "items": [WEB, CLAIM]})
    result = rewrite(stream, [ONE_REPLICA]).removeprefix("---\n")
    assert json.loads(result)["items"] == [{**WEB, "spec": {"replicas": 1}}, CLAIM]


def test_helms_own_mark_is_kept_and_no_patch_sees_it() -> None:
    marked = {**CLAIM, "metadata": {"name": "web-files", "annotations": {HELM_FILENAME: "a.yaml"}}}
    add = {"op": "add", "path": "/metadata/annotations", "value": {"mine": "1"}}
    see = {"op": "add", "path": "/metadata/annotations/mine", "value": "1"}
    kind = "PersistentVolumeClaim"
    (result,) = apply_all([marked], [patch(add, kind=kind, name="web-files")])
    assert result["metadata"]["annotations"] == {"mine": "1", HELM_FILENAME: "a.yaml"}
    with pytest.raises(ConfigurationError, match="does not fit"):
        apply_all([marked], [patch(see, kind=kind, name="web-files")])


def run(flags: list[str], stdin: str) -> "subprocess.CompletedProcess[str]":
    argv = [flag.removeprefix("--post-renderer-args=") for flag in flags]
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)


def test_helm_3_gets_a_program() -> None:
    with post_renderer([ONE_REPLICA], "v3.22.0") as through:
        assert through.env == {}
        assert through.flags[:2] == ["--post-renderer", sys.executable]
        done = run(through.flags[1:], yaml.safe_dump(WEB))
        file = Path(done.args[-1])
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
    assert yaml.safe_load(done.stdout)["spec"] == {"replicas": 1}
    assert not file.parent.exists()


def test_helm_4_gets_a_plugin_beside_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_PLUGINS", "/of/the/user")
    with post_renderer([ONE_REPLICA], "v4.3.1") as through:
        ours, theirs = through.env["HELM_PLUGINS"].split(":")
        (plugin,) = Path(ours).glob("*/plugin.yaml")
        said = yaml.safe_load(plugin.read_text())
        (command,) = said["runtimeConfig"]["platformCommand"]
        done = run([command["command"], *command["args"]], yaml.safe_dump(WEB))
    assert theirs == "/of/the/user"
    assert through.flags == ["--post-renderer", said["name"]]
    assert yaml.safe_load(done.stdout)["spec"] == {"replicas": 1}
    assert not plugin.exists()


def test_what_does_not_fit_ends_the_program() -> None:
    with post_renderer([patch({"op": "remove", "path": "/a"})], "v3.22.0") as through:
        done = run(through.flags[1:], yaml.safe_dump(WEB))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("the patch of Deployment/web does not fit: ")
    assert "Traceback" not in done.stderr


def test_without_patches_helm_is_left_alone() -> None:
    with post_renderer([], "v4.3.1") as through:
        assert (through.flags, through.env) == ([], {})


@pytest.mark.parametrize(
    ("version", "hooks"), [("v3.14.0", False), ("v3.22.0", False), ("v4.1.2", True)]
)
def test_only_helm_4_sends_hooks(version: str, hooks: bool) -> None:
    assert renders_hooks(version) is hooks
