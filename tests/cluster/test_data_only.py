"""Sessions without an application: data in claims of the sandbox's own, and engines on them."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import devcluster
from devcluster import Cluster
from tests.cluster.engine_data import damage, write_engines
from tests.cluster.files_app import FilesApp
from tests.cluster.provisioner import Ended, Provisioner

READ = """\
#!/bin/sh
cat /files/index.html
"""
POSTGRES = {"set": "postgres", "image": "localhost/postgresql:dev"}
REDIS = {"set": "redis", "image": "localhost/redis:dev"}
MARIADB = {"set": "mariadb", "image": "localhost/mariadb:dev"}
START = "it starts on the data"


@pytest.fixture
def helm4(cluster: Cluster, tmp_path: Path) -> Iterator[Provisioner]:
    """With one Helm: what these sessions ask of it, the other tests ask of both."""
    one = Provisioner(cluster.kubeconfig, devcluster.binary("helm4"), tmp_path)
    yield one
    one.demand_nothing_runs()


def alone(app: FilesApp, claim: str = "files", **spec: Any) -> dict[str, Any]:
    document = app.verifier()
    checks = [
        {"name": "whole", "files": {"restore": "files"}},
        {"name": "read", "script": {"image": "localhost/restic:dev", "source": READ,
                                    "claims": [{"name": claim, "path": "/files"}],
                                    "expect": {"equals": "hello"}}},
        {"name": "bound", "kubernetes": {"kind": "PersistentVolumeClaim", "name": claim,
                                         "jsonPath": "{.status.phase}",
                                         "expect": {"equals": "Bound"}}},
    ]  # fmt: skip
    return _without_application(document, {"files": claim}, {"checks": checks, **spec})


def _without_application(
    document: dict[str, Any], claims: dict[str, str], spec: dict[str, Any]
) -> dict[str, Any]:
    for name in ("application", "readiness"):
        document["spec"].pop(name, None)
    for restore in document["spec"]["restores"]:
        restore["into"] = {"claim": {"name": claims[restore["name"]]}}
    document["spec"] |= spec
    return document


def skipped(ended: Ended) -> set[str]:
    return {one["name"] for one in ended.report["phases"] if one["state"] == "Skipped"}


def states(ended: Ended) -> dict[str, str]:
    return {one["name"]: one["state"] for one in ended.report["checks"]}


def test_files_come_back_into_a_claim_of_the_sandboxs_own(
    provisioner: Provisioner, app: FilesApp
) -> None:
    app.write({"shared/by-a-group": "x"})
    os.chown(app.data / "shared", 77, 78)
    (app.data / "shared").chmod(0o2770)  # as a volume with an fsGroup has it
    app.back_up("session=2")
    listed = {"files": {"resources": {"requests": {"storage": "3Mi"}}}}
    document = alone(app, sandbox={"claims": listed, "quota": {"requests.storage": "1Gi"}})
    (planned,) = provisioner.plan(document, "--output", "json").plan["restores"]
    assert (planned["strategy"], planned["claim"], planned["requested"]) == (
        "scratch", "files", "3Mi"
    )  # fmt: skip
    ended = provisioner.run(document)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["evidence"] == "proven"
    assert ended.report["message"] == "the data came back: 3 checks passed"
    assert skipped(ended) >= {"install", "ready"}
    (restored,) = ended.report["restores"]
    assert (restored["strategy"], restored["bytes"]) == ("scratch", len("hello") + 1)
    assert ended.check("read")["saw"] == "hello"


def test_other_files_are_a_bad_backup(helm4: Provisioner, app: FilesApp) -> None:
    app.write({"index.html": "of another day"})
    app.back_up("session=2")
    ended = helm4.run(alone(app))
    assert ended.verdict == ("Failed", "Check"), ended.report
    assert states(ended) == {"whole": "Passed", "read": "Failed", "bound": "Passed"}


def test_nothing_is_asked_where_that_is_said(helm4: Provisioner, app: FilesApp) -> None:
    document = alone(app, restoreOnly=True)
    del document["spec"]["checks"]
    ended = helm4.run(document)
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["evidence"] == "restored"
    assert ended.report["message"] == "the data came back; nothing was asked of it"


def test_a_claim_that_the_quota_has_no_room_for_is_no_bad_backup(
    helm4: Provisioner, app: FilesApp
) -> None:
    ended = helm4.run(alone(app, sandbox={"quota": {"requests.storage": "1Mi"}}))
    assert ended.verdict == ("Errored", "Capacity"), ended.report


@pytest.fixture(scope="module")
def engine_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engines")
    write_engines(folder)
    return folder


def engines(app: FilesApp, data: Path, *, damaged: bool = False) -> dict[str, Any]:
    subprocess.run(["cp", "--archive", f"{data}/.", str(app.data)], check=True)
    if damaged:
        damage(app.data)
    app.back_up("session=2")
    sets = [one | {"claim": "files"} for one in (POSTGRES, MARIADB, REDIS)]
    return alone(app, checks=[{"standard": one} for one in sets])


def test_engines_start_on_good_data_and_need_no_password(
    helm4: Provisioner, app: FilesApp, engine_data: Path
) -> None:
    ended = helm4.run(engines(app, engine_data))
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["evidence"] == "proven"
    assert set(states(ended).values()) == {"Passed"}
    assert "30000 rows in 1 of 1 tables of shop" in ended.check("postgres: there is data")["saw"]
    assert "5000 rows in 1 of 1 tables of shop" in ended.check("mariadb: there is data")["saw"]
    assert "only what user" not in ended.check("mariadb: every table is sound")["saw"]
    assert ended.check("redis: there are keys")["saw"].startswith("1 keys")


def test_engines_find_what_is_lost(helm4: Provisioner, app: FilesApp, engine_data: Path) -> None:
    ended = helm4.run(engines(app, engine_data, damaged=True))
    assert ended.verdict == ("Failed", "Check"), ended.report
    seen = states(ended)
    assert seen[f"postgres: {START}"] == seen[f"mariadb: {START}"] == "Passed"
    assert seen["postgres: no rows are lost"] == "Failed"
    assert seen["mariadb: every table is sound"] == "Failed"
    assert seen[f"redis: {START}"] == "Failed"
    assert "Unexpected EOF reading RDB file" in ended.check(f"redis: {START}")["message"]
    assert seen["redis: there are keys"] == "Skipped"


def test_a_server_that_does_not_start_is_a_bad_backup_and_a_missing_image_is_not(
    helm4: Provisioner, app: FilesApp
) -> None:
    app.write({"pgdata/PG_VERSION": "15\n", "pgdata/global/1260": "", "dump.rdb": "REDIS0009"})
    (app.data / "pgdata").chmod(0o700)
    for path in [app.data / "pgdata", *(app.data / "pgdata").rglob("*")]:
        os.chown(path, 999, 999)
    app.back_up("session=2")
    missing = {"set": "redis", "image": "localhost/no-such-engine:dev", "claim": "files"}
    checks = [
        {"standard": POSTGRES | {"claim": "files"}},
        {"name": "redis", "severity": "advisory", "standard": missing},
        {"name": "blog", "standard": MARIADB | {"claim": "files"}},
    ]
    ended = helm4.run(alone(app, checks=checks))
    assert ended.verdict == ("Failed", "Check"), ended.report
    seen = states(ended)
    assert seen[f"postgres: {START}"] == seen[f"blog: {START}"] == "Failed"
    assert "global/pg_control" in ended.check(f"postgres: {START}")["message"]
    assert ended.check(f"blog: {START}")["saw"].startswith("no data directory of mariadb in claim")
    assert seen[f"redis: {START}"] == "Errored"
    assert "cannot be pulled" in ended.check(f"redis: {START}")["message"]
    others = {state for name, state in seen.items() if START not in name}
    assert others == {"Skipped"}
