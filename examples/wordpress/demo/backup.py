"""Backups as an operator's Job makes them: the database by mariadb-backup, the uploads as they are.

Both go into restic repositories of their own and carry one `session=<id>` tag, by which they are
found to belong together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from examples.common import backup as jobs
from examples.common.backup import Stored, new_session
from examples.common.cluster import Kube, Object
from examples.common.stores import ensure_secrets
from examples.wordpress.demo.production import Production

DATABASE, UPLOADS = "database", "uploads"
PARTS = (DATABASE, UPLOADS)
TAG = "blog"
_MARIADB_USER, _WORDPRESS_USER = 999, 33
_PREPARE = Path(__file__).with_name("scripts") / "prepare.sh"


@dataclass(frozen=True)
class _Request:
    production: Production
    session: str
    parts: tuple[str, ...]
    cut_in_half: str


def backup(
    kube: Kube,
    production: Production,
    *,
    session: str | None = None,
    parts: Iterable[str] = PARTS,
    cut_in_half: str = "",
) -> str:
    """Back up a production and return the session's id.

    With `parts` and `session` the parts can be taken on different days under one session;
    `cut_in_half` names a file of the prepared database, such as `wordpress/wp_posts.ibd`, that is
    damaged before it goes into the repository. Both are what a verification has to find out.
    """
    request = _Request(production, session or new_session(), tuple(parts), cut_in_half)
    ensure_secrets(kube, production.namespace, production.repositories)
    jobs.run(kube, _job(request))
    return request.session


def _job(request: _Request) -> Object:
    production = request.production
    pod: Object = {
        "initContainers": [_prepare(request)] if DATABASE in request.parts else [],
        "containers": [jobs.store(_stored(request, part)) for part in request.parts],
        "volumes": [
            {"name": "prepared", "emptyDir": {}},
            jobs.claim("mariadb", production.database_claim),
            jobs.claim("uploads", production.uploads_claim),
        ],
    }
    return jobs.job(production.namespace, request.session, pod)


def _prepare(request: _Request) -> Object:
    """Return the container that copies the running database and makes the copy consistent."""
    production = request.production
    environment = [
        {"name": "DATABASE_HOST", "value": production.database_service},
        jobs.secret_env("BACKUP_PASSWORD", production.secret, "backupPassword"),
        {"name": "CUT_IN_HALF", "value": request.cut_in_half},
    ]
    mounts = [
        {"name": "mariadb", "mountPath": "/var/lib/mysql", "readOnly": True},
        {"name": "prepared", "mountPath": "/prepared"},
        jobs.SCRATCH,
    ]
    container = jobs.container("prepare", "mariadb", _MARIADB_USER, _PREPARE)
    return {**container, "env": environment, "volumeMounts": mounts}


def _stored(request: _Request, part: str) -> Stored:
    database, uploads = request.production.repositories
    if part == DATABASE:
        repository, user = database, _MARIADB_USER
        mount: Object = {"name": "prepared", "subPath": "data"}
    else:
        repository, user = uploads, _WORDPRESS_USER
        mount = {"name": "uploads", "readOnly": True}
    tags = f"{TAG},session={request.session}"
    return Stored(part, repository, user, request.production.release, tags, mount)
