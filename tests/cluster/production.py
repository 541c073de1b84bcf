"""Charts as their owners publish and install them, with Helm alone."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.files_app import CHART
from tests.cluster.kube import environment


@dataclass(frozen=True)
class Owner:
    """Somebody with a Helm of their own, a folder and a namespace."""

    helm: Path
    kubeconfig: Path
    namespace: str
    folder: Path

    def chart(self, name: str = "files", **changes: Any) -> Path:
        """A copy of the smallest chart; what changes in its Chart.yaml is given."""
        path = self.folder / "charts" / name
        if not path.exists():
            shutil.copytree(CHART, path)
        file = path / "Chart.yaml"
        file.write_text(
            yaml.safe_dump({**yaml.safe_load(file.read_text()), "name": name} | changes)
        )
        return path

    def parent(self, *dependencies: Mapping[str, Any]) -> Path:
        """A chart of nothing but subcharts, with its lock."""
        path = self.chart("site", dependencies=list(dependencies))
        (path / "templates" / "all.yaml").unlink()
        (path / "values.yaml").write_text("{}\n")
        self.run("dependency", "update", str(path))
        return path

    def publish(self, chart: Path, url: str = "") -> Path:
        """Package the chart and put it into the folder of a chart repository."""
        repository = self.folder / "repository-of-charts"
        repository.mkdir(exist_ok=True)
        self.run("package", str(chart), "--destination", str(repository))
        self.run("repo", "index", str(repository), *(["--url", url] if url else []))
        return repository

    def push(self, chart: Path, registry: str, **env: str) -> None:
        """Package the chart and push it into a registry of this machine."""
        self.run("package", str(chart), "--destination", str(self.folder))
        version = yaml.safe_load((chart / "Chart.yaml").read_text())["version"]
        package = self.folder / f"{chart.name}-{version}.tgz"
        self.run("push", str(package), f"{registry}/charts", "--plain-http", **env)

    def install(self, chart: Path, values: Mapping[str, Any], release: str = "web") -> None:
        self.upgrade(chart, values, release)

    def upgrade(
        self, chart: Path, values: Mapping[str, Any], release: str = "web", *, works: bool = True
    ) -> None:
        file = self.folder / "production.yaml"
        file.write_text(yaml.safe_dump(dict(values)))
        arguments = ["--install", release, str(chart), "--values", str(file)]
        arguments += ["--namespace", self.namespace, "--kubeconfig", str(self.kubeconfig)]
        self.run("upgrade", *arguments, works=works)

    def run(self, *arguments: str, works: bool = True, **env: str) -> None:
        done = subprocess.run(
            [str(self.helm), *arguments], capture_output=True, text=True, check=False,
            env=environment(
                HELM_REPOSITORY_CONFIG=str(self.folder / "helm.yaml"),
                HELM_CACHE_HOME=str(self.folder / "helm-cache"), **env,
            ),
        )  # fmt: skip
        assert (done.returncode == 0) == works, done.stderr
