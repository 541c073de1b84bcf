"""Sessions without an application: data in claims of the sandbox's own, and engines on them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import devcluster
from devcluster import Cluster
from tests.cluster import blog, shop
from tests.cluster.blog import Backups
from tests.cluster.files_app import FilesApp
from tests.cluster.provisioner import Ended, Provisioner
from tests.cluster.shop import ShopBackups

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
    assert (restored["strategy"], restored["bytes"]) == ("scratch", len("hello"))
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


def engines(backups: ShopBackups, ids: dict[str, str]) -> dict[str, Any]:
    checks = [{"standard": POSTGRES | {"claim": "db"}}, {"standard": REDIS | {"claim": "queue"}}]
    claims = {"database": "db", "queue": "queue"}
    return _without_application(shop.verifier(backups, ids), claims, {"checks": checks})


def test_engines_start_on_good_data_and_are_asked(
    helm4: Provisioner, shop_backups: ShopBackups
) -> None:
    ended = helm4.run(engines(shop_backups, shop_backups.good))
    assert ended.verdict == ("Passed", None), ended.report
    assert ended.report["evidence"] == "proven"
    assert set(states(ended).values()) == {"Passed"}
    assert "shop" in ended.check("postgres: there is data")["saw"]
    assert "loaded from append only file" in ended.check("redis: it was loaded whole")["saw"]


def test_engines_find_what_is_lost(helm4: Provisioner, shop_backups: ShopBackups) -> None:
    ended = helm4.run(engines(shop_backups, shop_backups.cut))
    assert ended.verdict == ("Failed", "Check"), ended.report
    assert states(ended)[f"postgres: {START}"] == "Passed"
    assert states(ended)["postgres: no rows are lost"] == "Failed"


def test_mariadb_needs_no_password(helm4: Provisioner, backups: Backups) -> None:
    checks = [{"standard": MARIADB | {"claim": "db"}}]
    claims = {"database": "db", "uploads": "uploads"}
    document = blog.verifier(backups, backups.good)
    ended = helm4.run(_without_application(document, claims, {"checks": checks}))
    assert ended.verdict == ("Passed", None), ended.report
    assert "rows in" in ended.check("mariadb: there is data")["saw"]
    assert "only what user" not in ended.check("mariadb: every table is sound")["saw"]


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
    assert "global/pg_control" in ended.check(f"postgres: {START}")["saw"]
    assert ended.check(f"blog: {START}")["saw"].startswith("no data directory of mariadb in claim")
    assert seen[f"redis: {START}"] == "Errored"
    assert "cannot be pulled" in ended.check(f"redis: {START}")["message"]
    others = {state for name, state in seen.items() if START not in name}
    assert others == {"Skipped"}
