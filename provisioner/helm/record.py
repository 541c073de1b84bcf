"""A release as Helm 3 and 4 record it: what is in its Secret, and the chart made of it again. Pure.

The record holds the chart's own files as they were installed, without what ``.helmignore`` leaves
out. Of subcharts it only holds the names, versions and repositories (helm/helm#8501).
"""

import base64
import gzip
import io
import json
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.errors import ConfigurationError

GZIP_MAGIC = b"\x1f\x8b\x08"
MOST_BYTES = 100 * 2**20
"""Unpacked size of a record: more than Helm takes for a chart is no record of its own."""

_UNREADABLE = (KeyError, TypeError, ValueError, OSError, EOFError, zlib.error)
"""What all may be wrong with what is no record."""

_EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")
_FETCHED = ("http://", "https://", "oci://")
_REWRITTEN = {"Chart.yaml", "values.yaml", "values.schema.json"}
_OLD_DEPENDENCIES = {"requirements.yaml", "requirements.lock"}
"""Of charts of version v1. Helm would read them over the dependencies that we write."""


@dataclass(frozen=True)
class Subchart:
    """A dependency as the live release has it. ``repository`` may be one that nobody can fetch."""

    name: str
    version: str
    repository: str

    @property
    def can_be_fetched(self) -> bool:
        """Whether it is known which one it was, and where it came from."""
        exact = _EXACT_VERSION.fullmatch(self.version)
        return bool(exact) and self.repository.startswith(_FETCHED)

    def __str__(self) -> str:
        where = self.repository or "the chart's own folder"
        return f"{self.name} {self.version} of {where}".replace("  ", " ")


@dataclass(frozen=True)
class ReleaseRecord:
    """One revision of one release. ``values`` are those that were given to it."""

    name: str
    revision: int
    chart: Mapping[str, Any] = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    manifest: str = field(repr=False)


def decode(name: str, secret: Mapping[str, Any]) -> ReleaseRecord:
    """What a Secret of Helm's says of the release.

    Raises:
        ConfigurationError: it is no record of a release.
    """
    try:
        inner = base64.b64decode(secret["data"]["release"])
        found = json.loads(_unpacked(base64.b64decode(inner)))
        return ReleaseRecord(
            name=name,
            revision=int(found["version"]),
            chart={**found["chart"], "metadata": {**found["chart"]["metadata"]}},
            values=dict(found.get("config") or {}),
            manifest=_manifest(found),
        )
    except _UNREADABLE as error:
        raise ConfigurationError(
            f"Helm's record of release {name} cannot be read: {_where(secret)} holds no release",
            hint=f"does this work? helm get all {name}",
        ) from error


def _where(secret: Mapping[str, Any]) -> str:
    return f"Secret {(secret.get('metadata') or {}).get('name', '')}"


def _unpacked(data: bytes) -> bytes:
    """As Helm: what was stored before it compressed its records is plain."""
    if not data.startswith(GZIP_MAGIC):
        return data
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        unpacked = file.read(MOST_BYTES + 1)
    if len(unpacked) > MOST_BYTES:
        raise ValueError("too large")
    return unpacked


def _manifest(found: Mapping[str, Any]) -> str:
    """All that was rendered, hooks included, with Helm's comments on where it came from."""
    hooks = [f"# Source: {hook.get('path', '')}" for hook in found.get("hooks") or []]
    return "\n".join([found.get("manifest") or "", *hooks])


def subcharts(record: ReleaseRecord) -> list[Subchart]:
    """The subcharts that the release was installed with.

    Raises:
        ConfigurationError: Helm's record does not tell enough to get them again.
    """
    found = [_subchart(record, index) for index, _ in enumerate(_dependencies(record))]
    lost = [str(one) for one in found if not one.can_be_fetched]
    lost += sorted(_rendered_subcharts(record) - {_key(one) for one in _dependencies(record)})
    if lost:
        raise ConfigurationError(
            f"Helm keeps no copy of a release's subcharts, and for release {record.name} it cannot"
            f" be told where to get them: {', '.join(lost)}",
            hint="give the chart itself: spec.application.chart.path, repo or oci",
        )
    return found


def _dependencies(record: ReleaseRecord) -> list[Mapping[str, Any]]:
    return list(record.chart["metadata"].get("dependencies") or [])


def _key(dependency: Mapping[str, Any]) -> str:
    """The name that the subchart goes by inside of its parent."""
    return str(dependency.get("alias") or dependency["name"])


def _rendered_subcharts(record: ReleaseRecord) -> set[str]:
    chart = re.escape(record.chart["metadata"]["name"])
    return set(re.findall(rf"^# Source: {chart}/charts/([^/\n]+)/", record.manifest, re.MULTILINE))


def _subchart(record: ReleaseRecord, index: int) -> Subchart:
    wanted = _dependencies(record)[index]
    repository = str(wanted.get("repository") or "")
    if locked := _locked(record, index):
        return Subchart(locked["name"], locked["version"], repository)
    # An alias hides the name: nobody knows which chart it is.
    version = "" if wanted.get("alias") else str(wanted.get("version", ""))
    return Subchart(str(wanted["name"]), version, repository)


def _locked(record: ReleaseRecord, index: int) -> Mapping[str, Any] | None:
    """The dependency's line in the chart's lock: with the exact version and without an alias.

    The lock also has those that are switched off, which the record's dependencies have not.
    """
    dependencies = _dependencies(record)
    locked = list((record.chart.get("lock") or {}).get("dependencies") or [])
    if len(locked) == len(dependencies):
        return dict(locked[index])
    wanted = dependencies[index]
    fitting = [
        one
        for one in locked
        if one.get("repository", "") == wanted.get("repository", "")
        and (wanted.get("alias") or one["name"] == wanted["name"])
    ]
    return dict(fitting[0]) if len(fitting) == 1 else None


def chart_archive(record: ReleaseRecord, parts: Mapping[str, bytes]) -> bytes:
    """The chart as a ``.tgz``; ``parts`` are its subcharts' own, by their files' names.

    An archive and not a folder: ``.helmignore`` was applied before the record was made, and no
    name in it can reach out.
    """
    chart, name = record.chart, str(record.chart["metadata"]["name"])
    files = {"Chart.yaml": json.dumps(_metadata(record)).encode()}
    if chart.get("values") is not None:
        files["values.yaml"] = json.dumps(chart["values"]).encode()
    if chart.get("schema"):
        files["values.schema.json"] = base64.b64decode(chart["schema"])
    for one in [*(chart.get("templates") or []), *(chart.get("files") or [])]:
        if one["name"] not in _REWRITTEN | _OLD_DEPENDENCIES:
            files[one["name"]] = base64.b64decode(one["data"] or "")
    files |= {f"charts/{part}": data for part, data in parts.items()}
    return _archive({f"{name}/{path}": data for path, data in files.items()})


def _metadata(record: ReleaseRecord) -> dict[str, Any]:
    """Chart.yaml, with the dependencies as the chart had them before Helm applied their aliases."""
    metadata = dict(record.chart["metadata"])
    if found := _dependencies(record):
        metadata["dependencies"] = [
            {**one, "name": part.name, "version": part.version}
            for one, part in zip(found, subcharts(record), strict=True)
        ]
    return metadata


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
