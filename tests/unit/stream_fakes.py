"""A service of a chart, and a dump that is streamed into it."""

from datetime import UTC, datetime
from typing import Any

from provisioner.cluster.api import Object
from provisioner.models.verifier import Repository, Restore
from provisioner.repositories.snapshot import Snapshot
from provisioner.restores.stream.pod import PlannedStream

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REPOSITORY = Repository.model_validate(
    {"name": "repo", "restic": {"url": "rest:http://10.0.0.1:8000/r", "secret": "s"}}
)
SNAPSHOT = Snapshot("f" * 64, NOON, "shop", ("/shop.sql",), ())


def service(**pod: Any) -> Object:
    container = {
        "name": "db",
        "image": "postgres:17",
        "env": [{"name": "POSTGRES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db"}}}],
        "securityContext": {"runAsUser": 999},
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "password", "mountPath": "/run/secrets"},
        ],
    }
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "password", "secret": {"secretName": "db"}},
    ]
    spec = {"containers": [container, {"name": "exporter"}], "volumes": volumes, **pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {"template": {"spec": spec}},
    }


def restore(**stream: Any) -> Restore:
    given = {"workload": "StatefulSet/db", "command": ["pg_restore"], **stream}
    return Restore.model_validate({"name": "db", "from": "repo", "into": {"stream": given}})


def planned(**stream: Any) -> PlannedStream:
    return PlannedStream(restore(**stream), REPOSITORY, SNAPSHOT, "/shop.sql", 100, service())
