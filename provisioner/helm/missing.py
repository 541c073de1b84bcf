"""Why a chart did not come: what Helm's words mean, and what is there instead."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import urlsplit

from pyhelm3 import errors

from provisioner.errors import ChartError, ConfigurationError, ProvisionerError
from provisioner.helm.release import Helm, last_words
from provisioner.redaction import redacted

SOURCE = "source"
"""What the one repository is called in the private configuration."""

MOST_NAMES = 20

_NO_INDEX = re.compile(r"Unable to get an update from .*:\n\t(.+)")
_REFUSED = re.compile(
    r"\b40[13]\b|unauthorized|forbidden|denied|credential not found", re.IGNORECASE
)
_NOT_THERE = re.compile(r"not found|\b404\b|name unknown|manifest unknown", re.IGNORECASE)


@dataclass(frozen=True)
class RemoteChart:
    """One version of one chart in a chart repository, or (``oci://``) in a registry.

    ``url`` is the repository's, or the chart's own in a registry; ``secret`` names where the
    credentials are from, a user's name and a password.
    """

    url: str
    name: str
    version: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    secret: str = ""

    @property
    def is_oci(self) -> bool:
        """Whether it is in a registry."""
        return self.url.startswith("oci://")

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def server(self) -> str:
        """The server, as a person calls it."""
        if self.is_oci:
            return f"registry {self.host}"
        return f"chart repository {redacted(self.url)}"

    def __str__(self) -> str:
        where = redacted(self.url) if self.is_oci else f"{self.name} of {redacted(self.url)}"
        return f"chart {where} in version {self.version}"


def index(chart: RemoteChart, error: errors.Error) -> ProvisionerError:
    """Why the index of a chart repository did not come."""
    told = _NO_INDEX.search(error.stdout.decode(errors="replace"))
    reason = told[1] if told else last_words(error.stderr.decode(errors="replace"))
    return _unreadable(chart, redacted(reason))


def in_registry(chart: RemoteChart, error: errors.Error) -> ProvisionerError:
    """Why a registry did not give the chart."""
    reason = redacted(last_words(error.stderr.decode(errors="replace")))
    if _REFUSED.search(reason) or not _NOT_THERE.search(reason):
        return _unreadable(chart, reason)
    return ConfigurationError(
        f"{chart} is not there",
        hint="check spec.application.chart.oci and version against the registry's tags",
    )


async def in_repository(
    helm: Helm, chart: RemoteChart, env: Mapping[str, str], error: errors.Error
) -> ProvisionerError:
    """Why a chart repository, whose index has come, did not give the chart."""
    reason = redacted(last_words(error.stderr.decode(errors="replace")))
    if "no chart name found" in reason:
        names = list(await _listed(helm, env))
        close = get_close_matches(chart.name, names, n=1)
        nearest = f"nearest is {close[0]}; " if close else ""
        return ConfigurationError(
            f"{chart.server} has no chart {chart.name}", hint=f"{nearest}there are: {_few(names)}"
        )
    if "no chart version found" in reason:
        versions = (await _listed(helm, env)).get(chart.name, [])
        return ConfigurationError(
            f"{chart.server} has no version {chart.version} of chart {chart.name}",
            hint=f"there are: {_few(versions)}",
        )
    return _unreadable(chart, reason)


def _unreadable(chart: RemoteChart, reason: str) -> ProvisionerError:
    if not _REFUSED.search(reason):
        return ChartError(
            f"{chart.server} cannot be read: {reason}", hint="is it up, and is the address right?"
        )
    hint = "name a Secret with username and password: spec.application.chart.secret"
    if chart.secret:
        hint = f"check username and password in Secret {chart.secret}"
    return ConfigurationError(f"{chart.server} refuses access: {reason}", hint=hint)


async def _listed(helm: Helm, env: Mapping[str, str]) -> dict[str, list[str]]:
    """All charts of the repository with their versions; nothing when Helm cannot list them."""
    command: list[object] = ["search", "repo", f"{SOURCE}/", "--versions", "--devel"]
    try:
        found = json.loads(await helm.command.run([*command, "--output", "json"], env=env))
    except (errors.Error, ValueError):
        return {}
    listed: dict[str, list[str]] = {}
    for one in found:
        listed.setdefault(one["name"].removeprefix(f"{SOURCE}/"), []).append(one["version"])
    return listed


def _few(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return (", ".join(names[:MOST_NAMES]) or "none") + more
