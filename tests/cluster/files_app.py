"""The smallest application: one pod, one claim, one repository in a folder of the node."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import devcluster
from tests.cluster.kube import Kubectl, environment

CHART = Path(__file__).with_name("charts") / "files"
PASSWORD = "of-the-test"

SERVING = {
    "image": "localhost/rest-server:dev",
    "command": "echo here I am; exec rest-server --no-auth --path /tmp/x --listen :8000",
    "extra": {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"app": "web"},
            "ports": [{"name": "http", "port": 80, "targetPort": 8000}],
        },
    },
}
"""Values that make it a server behind a Service, which answers 405 at its root."""


class Files:
    """Data in a folder of the node, and a repository of it in another."""

    def __init__(self, folder: Path, like: Path | None = None) -> None:
        """``like`` is the folder of others, to begin with: restic takes its time for a new key."""
        self.repository = folder / "repository"
        self.data = folder / "data"
        if like:
            shutil.copytree(like, folder, dirs_exist_ok=True)
        else:
            self.data.mkdir()
            self._restic("init")

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def back_up(self, *tags: str) -> None:
        flags = [f"--tag={tag}" for tag in ("files", *tags)]
        self._restic("backup", "--host=files", *flags, str(self.data))

    def forget_all(self, *flags: str) -> None:
        self._restic("forget", "--tag=files", "--unsafe-allow-remove-all", *flags)

    def snapshots(self) -> list[Path]:
        """Their files in the repository, named by their ids."""
        return list((self.repository / "snapshots").iterdir())

    def back_up_relatively(self) -> None:
        self._restic("backup", "--host=files", "--tag=files", ".", folder=self.data)

    def _restic(self, *arguments: str, folder: Path | None = None) -> None:
        argv = [str(devcluster.binary("restic")), "--repo", str(self.repository), *arguments]
        done = subprocess.run(
            argv, env=environment(RESTIC_PASSWORD=PASSWORD), capture_output=True, text=True,
            check=False, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


class FilesApp(Files):
    """The verifier that brings them back, and what it needs in the cluster."""

    def __init__(
        self, kubectl: Kubectl, namespace: str, folder: Path, like: Path | None = None
    ) -> None:
        super().__init__(folder, like)
        self.namespace = namespace
        # The cluster's pods read it as root of the node; pytest's own folders are closed.
        os.chmod(folder, 0o755)  # noqa: S103
        kubectl.create_secret(namespace, "repository", {"RESTIC_PASSWORD": PASSWORD})

    def verifier(self, values: Mapping[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
        """A document whose one check reads ``index.html``."""
        return {
            "apiVersion": "verify.provisioner.dev/v1alpha1",
            "kind": "BackupVerifier",
            "metadata": {"name": f"files-{secrets.token_hex(2)}", "namespace": self.namespace},
            "spec": {
                "application": {
                    "chart": {"path": str(CHART)},
                    "releaseName": "web",
                    "values": dict(values or {}),
                },
                "repositories": [{"name": "files", "restic": self._access()}],
                "restores": [
                    {"name": "files", "from": "files", "select": {"tags": ["files"]},
                     "into": {"claim": {"name": "web-files"}}}
                ],
                "checks": [check("cat /data/index.html", equals="hello")],
                "readiness": {"timeout": "1m"},
                "timeout": "5m",
                **spec,
            },
        }  # fmt: skip

    def _access(self) -> dict[str, Any]:
        volume = {"hostPath": {"path": str(self.repository), "type": "Directory"}}
        image = "localhost/restic:dev"
        return {
            "url": str(self.repository), "secret": "repository", "image": image, "volume": volume
        }  # fmt: skip


def check(command: str, name: str = "the page is there", **expect: Any) -> dict[str, Any]:
    """An ``exec`` check in the application's one pod."""
    argv = ["bash", "-c", command]
    return {
        "name": name,
        "exec": {"workload": "Deployment/web", "command": argv, "expect": expect},
    }
