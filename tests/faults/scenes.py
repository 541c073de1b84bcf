"""Documents in which something is wrong, made from the smallest application's."""

from collections.abc import Sequence
from typing import Any

from tests.cluster.files_app import FilesApp, check

IMAGE = "localhost/restic:dev"
PHASES = ("plan", "sandbox", "restore", "install", "ready", "check", "keep", "teardown")
AFTER_THE_VERDICT = ("keep", "teardown")


def long_enough(app: FilesApp, phase: str) -> dict[str, Any]:
    """A session that passes, and is for a while in that phase."""
    keep = {"keepAlive": {"onSuccess": "10m"}} if phase == "keep" else {}
    slowly = "sleep 5; " if phase == "check" else ""
    one = check(f"{slowly}cat /data/index.html", equals="hello")
    return app.verifier(checks=[one], **keep)


def patched(app: FilesApp, path: str, value: Any, **spec: Any) -> dict[str, Any]:
    """The application with one field of its Deployment's pod set."""
    return with_patch(app, "Deployment/web", f"/spec/template/spec{path}", value, **spec)


def with_patch(app: FilesApp, target: str, path: str, value: Any, **spec: Any) -> dict[str, Any]:
    document = app.verifier(**spec)
    kind, _, name = target.partition("/")
    operation = {"op": "add", "path": path, "value": value}
    patch = {"target": {"kind": kind, "name": name}, "patch": [operation]}
    document["spec"]["application"]["patches"] = [patch]
    return document


def job(script: str, *, hook: str = "", name: str = "one") -> dict[str, Any]:
    """A Job of the chart, or one of its hooks, that is not tried again."""
    container = {"name": "main", "image": IMAGE, "command": ["bash", "-c", script]}
    pod = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
    }
    annotations = {"helm.sh/hook": hook} if hook else {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"backoffLimit": 0, "template": {"spec": pod}},
    }


def states(report: dict[str, Any], names: Sequence[str] = PHASES) -> dict[str, str]:
    """How each phase ended."""
    return {one["name"]: one["state"] for one in report["phases"] if one["name"] in names}
