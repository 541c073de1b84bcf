"""kubectl against the tests' own cluster, and namespaces that go with the test run."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import devcluster

RUN_LABEL = "provisioner-test-run"
RUN_VARIABLE = "PROVISIONER_TEST_RUN"


def environment(**more: str) -> dict[str, str]:
    """This process' environment without a cluster of the user's in it."""
    return {key: value for key, value in os.environ.items() if key != "KUBECONFIG"} | more


@dataclass(frozen=True)
class Kubectl:
    """One cluster, by its own kubeconfig."""

    kubeconfig: Path

    def run(self, *arguments: str, stdin: str | None = None, timeout: float = 120) -> str:
        argv = [str(devcluster.binary("kubectl")), "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(
            argv, input=stdin, text=True, capture_output=True, timeout=timeout, check=True
        )
        return done.stdout

    def items(self, kind: str, *arguments: str) -> list[dict[str, Any]]:
        return list(json.loads(self.run("get", kind, "-o", "json", *arguments))["items"])

    def names(self, kind: str, *arguments: str) -> set[str]:
        return {one["metadata"]["name"] for one in self.items(kind, *arguments)}

    def apply(self, manifest: Mapping[str, Any]) -> None:
        self.run("apply", "-f", "-", stdin=json.dumps(manifest))

    def create_namespace(self, name: str) -> None:
        labels = {RUN_LABEL: os.environ[RUN_VARIABLE]}
        metadata = {"name": name, "labels": labels}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def create_secret(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        metadata = {"name": name, "namespace": namespace}
        self.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": metadata,
                "stringData": dict(values),
            }
        )

    def kubeconfig_of(self, namespace: str, account: str, folder: Path) -> Path:
        """A kubeconfig of a service account, as a CI job has one."""
        token = self.run("-n", namespace, "create", "token", account).strip()
        config = json.loads(self.run("config", "view", "--raw", "-o", "json"))
        config["users"][0]["user"] = {"token": token}
        path = folder / f"{account}.kubeconfig"
        path.write_text(json.dumps(config))
        return path

    def delete_namespaces_of_this_run(self) -> None:
        selector = f"{RUN_LABEL}={os.environ[RUN_VARIABLE]}"
        self.run("delete", "namespace", "-l", selector, "--wait=false")
