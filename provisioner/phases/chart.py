"""Which chart is verified, and with which values: fetched once, so that all see the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

from provisioner import kubeyaml
from provisioner.cluster.api import Object
from provisioner.cluster.resources import CONFIG_MAP, SECRET
from provisioner.errors import ConfigurationError
from provisioner.helm import fetch, record
from provisioner.helm.missing import RemoteChart
from provisioner.helm.record import ReleaseRecord
from provisioner.helm.release import Release, Rendered
from provisioner.helm.values import merge
from provisioner.models.application import Application, Chart, ValuesSource
from provisioner.models.session import ChartRecord
from provisioner.phases.context import Context
from provisioner.phases.production import read_object, text_at, texts_of
from provisioner.redaction import redacted
from provisioner.tasks import all_or_first_error, both

STATUS = "status"
"""Helm's label on its records: how the revision stands."""


@dataclass(frozen=True)
class _Found:
    """A chart on this machine, where it came from, and the values that came with it."""

    path: Path
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)


async def rendered(context: Context, application: Application) -> tuple[Release, Rendered]:
    """The release that will be installed, and what it renders to; the chart is noted.

    Raises:
        ProvisionerError: the chart or its values cannot be had, or it does not render.
    """
    found, given = await both(
        _find(context, application.chart), _values_from(context, application.values_from)
    )
    values = reduce(merge, [*given, application.values], dict(found.values))
    context.recorder.hide_values(values)
    patches = [one.as_written() for one in application.patches]
    release = Release(application.release, context.sandbox, found.path, values, patches)
    made = await context.helm.render(release)
    context.recorder.update(chart=_noted(made.metadata, found.source))
    return replace(release, validated=not patches), made


def _noted(metadata: Mapping[str, Any], source: str) -> ChartRecord:
    return ChartRecord(
        name=str(metadata.get("name", "")),
        version=str(metadata.get("version", "")),
        app_version=str(metadata.get("appVersion", "")),
        source=source,
    )


async def _find(context: Context, chart: Chart) -> _Found:
    if chart.path is not None:
        return _Found(chart.path, str(chart.path))
    if chart.release is not None:
        return await _live(context, chart.release.name, chart.release.namespace)
    remote = await _remote(context, chart)
    return _Found(await fetch.pull(context.helm, remote, context.folder), redacted(remote.url))


async def _remote(context: Context, chart: Chart) -> RemoteChart:
    url = chart.oci or chart.repo or ""
    name = chart.name or url.rpartition("/")[2]
    login = await _login(context, chart.secret) if chart.secret else None
    return RemoteChart(url, name, chart.version or "", login, chart.secret or "")


async def _login(context: Context, name: str) -> tuple[str, str]:
    wanted_by = "spec.application.chart.secret"
    secret = await read_object(context, name, wanted_by)
    context.recorder.hide(texts_of(secret))
    user, password = (text_at(secret, one, wanted_by) for one in ("username", "password"))
    return user, password


async def _live(context: Context, name: str, namespace: str | None) -> _Found:
    """The live release's chart and values, out of Helm's own record of it."""
    if namespace not in (None, context.source):
        raise ConfigurationError(
            f"spec.application.chart.release is in namespace {namespace}, and this verifier reads"
            f" its own alone, which is {context.source}",
            hint="set metadata.namespace to the namespace of production",
        )
    found = await _deployed(context, name)
    chart = context.folder / f"{name}.tgz"
    chart.write_bytes(record.chart_archive(found, await _subcharts(context, found)))
    source = f"release {name} in namespace {context.source}, revision {found.revision}"
    return _Found(chart, source, found.values)


async def _deployed(context: Context, name: str) -> ReleaseRecord:
    """The revision that is live: what failed or hangs since then is not production."""
    labels = f"owner=helm,name={name}"
    found = await context.cluster.list_all(SECRET, context.source, f"{labels},{STATUS}=deployed")
    if not found:
        known = await context.cluster.list_all(SECRET, context.source, labels)
        raise _not_deployed(context, name, known) if known else await _no_release(context, name)
    return record.decode(name, max(found, key=_revision))


def _revision(secret: Mapping[str, Any]) -> int:
    return int(_label(secret, "version") or 0)


def _label(secret: Mapping[str, Any], name: str) -> str:
    return str((secret["metadata"].get("labels") or {}).get(name, ""))


def _not_deployed(context: Context, name: str, known: Sequence[Object]) -> ConfigurationError:
    revisions = [f"{_revision(one)} {_label(one, STATUS)}" for one in sorted(known, key=_revision)]
    return ConfigurationError(
        f"release {name} in namespace {context.source} has no deployed revision:"
        f" {', '.join(revisions)}",
        hint=f"see: helm history {name} --namespace {context.source}",
    )


async def _no_release(context: Context, name: str) -> ConfigurationError:
    known = await context.cluster.list_all(SECRET, context.source, "owner=helm")
    names = sorted({_label(one, "name") for one in known})
    close = get_close_matches(name, names, n=1)
    nearest = f"nearest is {close[0]}; " if close else ""
    return ConfigurationError(
        f"there is no release {name} in namespace {context.source}",
        hint=f"{nearest}releases there: {', '.join(names) or 'none'}",
    )


async def _subcharts(context: Context, found: ReleaseRecord) -> dict[str, bytes]:
    """The archives of its subcharts, in the very versions that are live."""
    parts = {(one.name, one.version): one for one in record.subcharts(found)}
    remotes = [_subchart(one) for one in parts.values()]
    paths = await all_or_first_error(
        fetch.pull(context.helm, one, context.folder) for one in remotes
    )
    return {path.name: path.read_bytes() for path in paths}


def _subchart(one: record.Subchart) -> RemoteChart:
    is_oci = one.repository.startswith("oci://")
    url = f"{one.repository.rstrip('/')}/{one.name}" if is_oci else one.repository
    return RemoteChart(url, one.name, one.version)


async def _values_from(context: Context, sources: Sequence[ValuesSource]) -> list[dict[str, Any]]:
    return await all_or_first_error(_values(context, one) for one in sources)


async def _values(context: Context, source: ValuesSource) -> dict[str, Any]:
    wanted_by = "spec.application.valuesFrom"
    kind = SECRET if source.secret else CONFIG_MAP
    found = await read_object(context, source.secret or source.config_map or "", wanted_by, kind)
    text = text_at({"kind": kind.kind, **found}, source.key, wanted_by)
    where = f"{wanted_by}: {kind.kind} {found['metadata']['name']}, key {source.key}"
    return _mapping(text, where)


def _mapping(text: str, where: str) -> dict[str, Any]:
    """The values; what is wrong with them is told without showing them."""
    try:
        values: Any = yaml.load(text, Loader=kubeyaml.Loader)  # noqa: S506 - built on the safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{where}{line}: no valid YAML") from error
    if not isinstance(values, dict | None):
        raise ConfigurationError(f"{where}: no values, which are a mapping")
    return values or {}
