"""What Helm records of a release, and the chart that comes out of it again."""

import base64
import gzip
import io
import json
import tarfile
from typing import Any

import pytest

from provisioner.errors import ConfigurationError
from provisioner.helm import record
from provisioner.helm.record import ReleaseRecord, Subchart, chart_archive, decode, subcharts

URL = "https://charts.example.com"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def chart(**changes: Any) -> dict[str, Any]:
    found = {
        "metadata": {"apiVersion": "v2", "name": "blog", "version": "1.2.3"},
        "lock": None,
        "templates": [{"name": "templates/a.yaml", "data": encoded("kind: {{ .Values.kind }}")}],
        "values": {"kind": "ConfigMap"},
        "schema": encoded('{"type": "object"}'),
        "files": [
            {"name": ".helmignore", "data": encoded("*.yaml")},
            {"name": "crds/a.yaml", "data": encoded("kind: CustomResourceDefinition")},
            {"name": "empty", "data": None},
        ],
    }
    return found | changes


def release(**changes: Any) -> dict[str, Any]:
    found = {
        "name": "blog",
        "version": 3,
        "chart": chart(),
        "config": {"kind": "Secret"},
        "manifest": "---\n# Source: blog/templates/a.yaml\nkind: Secret\n",
    }
    return found | changes


def secret(content: bytes) -> dict[str, Any]:
    inner = base64.b64encode(content)
    data = {"release": base64.b64encode(inner).decode()}
    return {"metadata": {"name": "sh.helm.release.v1.blog.v3"}, "data": data}


def packed(found: Any) -> dict[str, Any]:
    return secret(gzip.compress(json.dumps(found).encode()))


def recorded(**changes: Any) -> ReleaseRecord:
    return decode("blog", packed(release(**changes)))


def unpacked(archive: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as file:
        found = {one.name: file.extractfile(one) for one in file}
        return {name: one.read().decode() for name, one in found.items() if one}


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_a_record_is_read_packed_or_plain(pack: Any) -> None:
    found = decode("blog", secret(pack(json.dumps(release()).encode())))
    assert (found.revision, found.values) == (3, {"kind": "Secret"})


def test_a_release_without_values_of_its_own() -> None:
    assert recorded(config=None).values == {}


@pytest.mark.parametrize(
    "broken",
    [
        {"metadata": {"name": "x"}},
        {"data": None},
        {"data": {"release": "no base64!"}},
        secret(b"no json"),
        secret(b"\x1f\x8b\x08 no gzip"),
        secret(gzip.compress(json.dumps(release()).encode())[:-9]),
        packed([1]),
        packed({"version": 1}),
        packed(release(chart={"metadata": None})),
    ],
)
def test_what_is_no_record(broken: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="record of release blog cannot be read: Secret"):
        decode("blog", broken)


def test_a_record_that_unfolds_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_BYTES", 1000)
    with pytest.raises(ConfigurationError):
        recorded(manifest=" " * 2000)


def test_the_chart_comes_out_as_it_was_installed() -> None:
    files = unpacked(chart_archive(recorded(), {}))
    assert json.loads(files.pop("blog/Chart.yaml"))["version"] == "1.2.3"
    assert json.loads(files.pop("blog/values.yaml")) == {"kind": "ConfigMap"}
    assert files == {
        "blog/values.schema.json": '{"type": "object"}',
        "blog/templates/a.yaml": "kind: {{ .Values.kind }}",
        "blog/.helmignore": "*.yaml",
        "blog/crds/a.yaml": "kind: CustomResourceDefinition",
        "blog/empty": "",
    }


def test_a_chart_without_values_schema_and_files() -> None:
    bare = recorded(chart=chart(values=None, schema=None, files=None, templates=None))
    assert list(unpacked(chart_archive(bare, {}))) == ["blog/Chart.yaml"]


def dependency(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": "1.x.x", "repository": URL, "enabled": True, **more}


def parent(
    *dependencies: dict[str, Any], lock: list[tuple[str, str]] | None = None, **changes: Any
) -> ReleaseRecord:
    metadata = {"apiVersion": "v2", "name": "blog", "dependencies": list(dependencies)}
    locked = [{"name": name, "version": version, "repository": URL} for name, version in lock or []]
    return recorded(chart=chart(metadata=metadata, lock={"dependencies": locked}), **changes)


def test_a_subchart_is_what_the_lock_says() -> None:
    """Also one that is switched off is in the lock, and a subchart of an alias is named there."""
    cache = dependency("cache", alias="cache")
    both = parent(dependency("mysql"), cache, lock=[("mysql", "1.4.0"), ("redis", "1.7.1")])
    assert subcharts(both) == [Subchart("mysql", "1.4.0", URL), Subchart("redis", "1.7.1", URL)]
    one = parent(dependency("mysql"), lock=[("mysql", "1.4.0"), ("redis", "1.7.1")])
    assert subcharts(one) == [Subchart("mysql", "1.4.0", URL)]
    assert subcharts(recorded()) == []


def test_subcharts_are_put_back_under_their_own_names() -> None:
    cache = dependency("cache", alias="cache", condition="cache.enabled")
    found = parent(cache, lock=[("redis", "1.7.1")])
    files = unpacked(chart_archive(found, {"redis-1.7.1.tgz": b"packed"}))
    assert files["blog/charts/redis-1.7.1.tgz"] == "packed"
    written = json.loads(files["blog/Chart.yaml"])["dependencies"]
    assert written == [cache | {"name": "redis", "version": "1.7.1"}]


def test_a_chart_of_version_v1_has_its_dependencies_in_one_place() -> None:
    """Its requirements.yaml also has those that are switched off, and nobody has their archives."""
    old = {"name": "requirements.yaml", "data": encoded("dependencies: []")}
    found = parent(dependency("redis", version="1.7.1"))
    found.chart["files"].append(old)
    assert "blog/requirements.yaml" not in unpacked(chart_archive(found, {}))


LOST = {
    "of the chart's own folder": (
        parent(dependency("redis", version="1.7.1", repository="")),
        "redis 1.7.1 of the chart's own folder",
    ),
    "of a folder": (
        parent(dependency("redis", version="1.7.1", repository="file://../redis")),
        "redis 1.7.1 of file://../redis",
    ),
    "without a lock": (parent(dependency("redis")), f"redis 1.x.x of {URL}"),
    "behind an alias": (
        parent(
            dependency("cache", alias="cache"),
            lock=[("redis", "1.7.1"), ("valkey", "2.0.0"), ("mysql", "1.0.0")],
        ),
        f"cache of {URL}",
    ),
    "that Chart.yaml does not name": (
        recorded(manifest="# Source: blog/charts/redis/templates/a.yaml\n"),
        "where to get them: redis",
    ),
    "that only hooks are of": (
        recorded(hooks=[{"path": "blog/charts/redis/templates/a.yaml"}]),
        "where to get them: redis",
    ),
}


@pytest.mark.parametrize(("found", "told"), LOST.values(), ids=LOST.keys())
def test_a_subchart_that_nobody_can_get_is_never_left_out(found: ReleaseRecord, told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        subcharts(found)
    assert told in raised.value.message
    assert "spec.application.chart.path" in raised.value.hint
