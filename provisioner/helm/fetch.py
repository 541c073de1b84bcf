"""Charts out of repositories and registries, by ``helm pull`` into a private folder.

Credentials are in files for their owner's eyes only, never in argv; without a Secret of the
verifier's they are those that the user's own Helm has for that repository or registry.
"""

import asyncio
import base64
import json
import tempfile
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import yaml
from pyhelm3 import errors

from provisioner import kubeyaml
from provisioner.errors import ChartError
from provisioner.helm import missing
from provisioner.helm.command import is_before_4
from provisioner.helm.missing import SOURCE, RemoteChart
from provisioner.helm.release import Helm

SECONDS = 120.0
"""What one chart may take: a mirror that is slow is no reason to wait for ever."""


async def pull(helm: Helm, chart: RemoteChart, folder: Path) -> Path:
    """The chart's ``.tgz``, in a folder of its own inside of ``folder``.

    Raises:
        ConfigurationError: there is no such chart or version, or access is refused.
        ChartError: the repository or registry does not answer, or not in time.
    """
    place = Path(tempfile.mkdtemp(dir=folder))
    try:
        async with asyncio.timeout(SECONDS):
            if chart.is_oci:
                await _from_registry(helm, chart, place)
            else:
                await _from_repository(helm, chart, place)
    except TimeoutError as error:
        raise ChartError(
            f"{chart} did not come within {SECONDS:.0f} s", hint="is its server up?"
        ) from error
    return _archive_in(place)


def _archive_in(place: Path) -> Path:
    return next(place.glob("*.tgz"))


async def _from_registry(helm: Helm, chart: RemoteChart, place: Path) -> None:
    env = {"HELM_CONTENT_CACHE": str(place / "content")}
    if chart.credentials:
        env["HELM_REGISTRY_CONFIG"] = _written(place / "registry.json", _registry_config(chart))
    plain = ["--plain-http"] if _is_local(chart.host) else []
    try:
        await helm.command.run([*_pull(chart.url, chart, place), *plain], env=env)
    except errors.Error as error:
        raise missing.in_registry(chart, error) from error


async def _from_repository(helm: Helm, chart: RemoteChart, place: Path) -> None:
    entry = await _entry(helm, chart)
    config = {"apiVersion": "", "repositories": [entry]}
    env = {
        "HELM_REPOSITORY_CONFIG": _written(place / "repositories.yaml", config),
        "HELM_REPOSITORY_CACHE": str(place / "cache"),
        "HELM_CONTENT_CACHE": str(place / "content"),
    }
    # Helm 3 tells of an index that it cannot get only when asked to; Helm 4 always does.
    strict = ["--fail-on-repo-update-fail"] if is_before_4(await helm.version()) else []
    try:
        await helm.command.run(["repo", "update", SOURCE, *strict], env=env)
    except errors.Error as error:
        raise missing.index(chart, error) from error
    try:
        await helm.command.run(_pull(f"{SOURCE}/{chart.name}", chart, place), env=env)
    except errors.Error as error:
        raise await missing.in_repository(helm, chart, env, error) from error


def _pull(reference: str, chart: RemoteChart, place: Path) -> list[object]:
    return ["pull", reference, f"--version={chart.version}", "--destination", place]


async def _entry(helm: Helm, chart: RemoteChart) -> dict[str, Any]:
    """The repository as Helm keeps it: with the Secret's credentials, or the user's own entry."""
    if chart.credentials:
        username, password = chart.credentials
        return {"name": SOURCE, "url": chart.url, "username": username, "password": password}
    said = await helm.command.run(["env", "HELM_REPOSITORY_CONFIG"])
    own = _entries(Path(said.decode().strip()))
    found = next((one for one in own if _same(one.get("url"), chart.url)), {})
    return {**found, "name": SOURCE, "url": chart.url}


def _entries(path: Path) -> list[dict[str, Any]]:
    """The repositories that the user added to Helm; none when there is no such file."""
    try:
        found: Any = yaml.load(path.read_text("utf-8"), Loader=kubeyaml.Loader)  # noqa: S506
    except (OSError, ValueError, yaml.YAMLError):
        return []
    entries = found.get("repositories") if isinstance(found, dict) else None
    found = entries if isinstance(entries, list) else []
    return [one for one in found if isinstance(one, dict)]


def _same(one: object, other: str) -> bool:
    return str(one).rstrip("/") == other.rstrip("/")


def _registry_config(chart: RemoteChart) -> Mapping[str, Any]:
    """The registry's login, as Docker and Helm keep it."""
    login = base64.b64encode(":".join(chart.credentials or ()).encode()).decode()
    return {"auths": {chart.host: {"auth": login}}}


def _written(path: Path, content: Mapping[str, Any]) -> str:
    # JSON is YAML, and needs no library to write it.
    path.touch(mode=0o600)
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def _is_local(host: str) -> bool:
    """Whether it is a registry of this machine, which speaks plain HTTP."""
    name = host.rpartition(":")[0] or host
    try:
        return name == "localhost" or ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
