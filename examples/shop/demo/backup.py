"""Backups as an operator's Job makes them: Redis' files as they are, PostgreSQL by pg_basebackup.

Both go into one restic repository, told apart by tags and paths. Nothing but the time says which
belong together. The queue is copied first: a job that is done meanwhile has its invoice in the
database, too, and may be done again, while a job without its order would be lost.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from examples.common import backup as jobs
from examples.common.backup import Stored, new_session
from examples.common.cluster import Kube, Object
from examples.common.stores import ensure_secrets
from examples.shop.demo.production import DATABASE, Production

PARTS = ("database", "queue")
TAG = "shop"
_USER = 999
_SCRIPTS = Path(__file__).with_name("scripts")
_PREPARED = {"name": "prepared", "mountPath": "/prepared"}


@dataclass(frozen=True)
class _Request:
    production: Production
    cut_in_half: str


def backup(kube: Kube, production: Production, *, cut_in_half: str = "") -> dict[str, str]:
    """Back up a production and return the snapshots' short ids, by their part.

    `cut_in_half` names a table that is damaged in the copy before it goes into the repository,
    which is what a verification has to find out.
    """
    ensure_secrets(kube, production.namespace, production.repositories)
    return saved(jobs.run(kube, _job(_Request(production, cut_in_half))))


def saved(told: str) -> dict[str, str]:
    """Return the snapshots' short ids by their part, from the Job's log."""
    found = dict(re.findall(r"^\[pod/[^/]+/(\S+)\] snapshot ([0-9a-f]+) saved$", told, re.M))
    if set(found) != set(PARTS):
        raise jobs.BackupError(f"the backup does not say which snapshots it saved:\n{told}")
    return found


def _job(request: _Request) -> Object:
    production = request.production
    # One after the other: two at a time would both make the repository.
    database, queue = (jobs.store(_stored(production, part)) for part in PARTS)
    pod: Object = {
        "initContainers": [_copy_queue(production), _copy_database(request), database],
        "containers": [queue],
        "volumes": [
            {"name": "prepared", "emptyDir": {}},
            jobs.claim("queue", production.queue_claim),
        ],
    }
    return jobs.job(production.namespace, new_session(), pod)


def _stored(production: Production, part: str) -> Stored:
    (repository,) = production.repositories
    mount = {"name": "prepared", "subPath": part}
    tags = f"{TAG},{part}"
    return Stored(part, repository, _USER, production.release, tags, mount, path=f"/{part}")


def _copy_queue(production: Production) -> Object:
    return {
        **jobs.container("copy-queue", "redis", _USER, _SCRIPTS / "copy-queue.sh"),
        "env": [
            {"name": "REDIS_HOST", "value": production.queue},
            jobs.secret_env("REDISCLI_AUTH", production.secret, "redisPassword"),
        ],
        "volumeMounts": [
            {"name": "queue", "mountPath": "/data", "readOnly": True},
            _PREPARED,
            jobs.SCRATCH,
        ],
    }


def _copy_database(request: _Request) -> Object:
    production = request.production
    settings = {
        "PGHOST": production.database,
        "PGUSER": "backup",
        "PGDATABASE": DATABASE,
        "CUT_IN_HALF": request.cut_in_half,
    }
    return {
        **jobs.container("copy-database", "postgresql", _USER, _SCRIPTS / "copy-database.sh"),
        "env": [
            *({"name": name, "value": value} for name, value in settings.items()),
            jobs.secret_env("PGPASSWORD", production.secret, "backupPassword"),
        ],
        "volumeMounts": [_PREPARED, jobs.SCRATCH],
    }
