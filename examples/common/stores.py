"""Where backups go: a password-protected rest-server and an S3 bucket on MinIO.

Both have fixed cluster addresses, so that the machine and every pod reach them by the same name.
Credentials are made at the first run and live in the cluster's Secrets alone.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from examples.common.cluster import RESTRICTED, CommandError, Kube, Object, secret

NAMESPACE = "backup-stores"
IMAGES = ("rest-server", "minio", "restic")
REST_ADDRESS, REST_PORT = "10.96.50.10", 8000
S3_ADDRESS, S3_PORT = "10.96.50.11", 9000
_STORE_KEYS = ("restUser", "restPassword", "s3User", "s3Password")
_USER = 1000


@dataclass(frozen=True)
class Repository:
    """One restic repository of a production: where it is, and the Secret that opens it."""

    name: str
    url: str

    @property
    def secret(self) -> str:
        """Return the Secret with its password and the store's own credentials."""
        return f"restic-{self.name}"


def on_rest_server(name: str, path: str) -> Repository:
    """Return a repository on the rest-server."""
    return Repository(name, f"rest:http://{REST_ADDRESS}:{REST_PORT}/{path}")


def in_bucket(name: str, bucket: str) -> Repository:
    """Return a repository in an S3 bucket of its own."""
    return Repository(name, f"s3:http://{S3_ADDRESS}:{S3_PORT}/{bucket}")


def ensure(kube: Kube) -> None:
    """Run both stores, with what they already hold."""
    kube.ensure_namespace(NAMESPACE, RESTRICTED)
    credentials = _kept(kube, "credentials", _STORE_KEYS)
    kube.apply(_rest_server(credentials) + _minio(credentials))
    for name in ("rest-server", "minio"):
        kube.wait_for_rollout(NAMESPACE, f"deployment/{name}")


def ensure_secrets(kube: Kube, namespace: str, repositories: Sequence[Repository]) -> None:
    """Give a production the Secrets of its repositories."""
    store = _kept(kube, "credentials", _STORE_KEYS)
    # Kept with the stores: a namespace may be removed and made anew, its repositories stay.
    names = tuple(one.name for one in repositories)
    passwords = _kept(kube, f"repositories-{namespace}", names)
    kube.apply(
        secret(
            one.secret, namespace, {"RESTIC_PASSWORD": passwords[one.name], **_login(one, store)}
        )
        for one in repositories
    )


def _login(repository: Repository, store: Mapping[str, str]) -> dict[str, str]:
    if repository.url.startswith("s3:"):
        return {
            "AWS_ACCESS_KEY_ID": store["s3User"],
            "AWS_SECRET_ACCESS_KEY": store["s3Password"],
        }
    return {
        "RESTIC_REST_USERNAME": store["restUser"],
        "RESTIC_REST_PASSWORD": store["restPassword"],
    }


def _kept(kube: Kube, name: str, keys: tuple[str, ...]) -> dict[str, str]:
    """Return a Secret's values; made with random ones if there is none."""
    values = kube.secret_values(name, NAMESPACE)
    if values is None:
        _create(kube, name, {key: secrets.token_hex(16) for key in keys})
        values = kube.secret_values(name, NAMESPACE)
    return values or {}


def _create(kube: Kube, name: str, values: dict[str, str]) -> None:
    literals = "".join(f"{key}={value}\n" for key, value in values.items())
    argv = ("create", "secret", "generic", name, "-n", NAMESPACE, "--from-env-file=/dev/stdin")
    try:
        kube.kubectl(*argv, stdin=literals)
    except CommandError as error:
        # Another process was quicker: its values are the ones.
        if "already exists" not in error.output:
            raise


def htpasswd_line(user: str, password: str) -> str:
    """Return a password file's line in the SHA form, good enough for a random password."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return f"{user}:{{SHA}}{base64.b64encode(digest).decode()}"


def _rest_server(credentials: dict[str, str]) -> list[Object]:
    line = htpasswd_line(credentials["restUser"], credentials["restPassword"])
    container: Object = {
        "command": [
            "rest-server",
            "--path=/data",
            f"--listen=:{REST_PORT}",
            "--append-only",
            "--htpasswd-file=/etc/rest-server/htpasswd",
        ],
        "volumeMounts": [{"name": "passwords", "mountPath": "/etc/rest-server"}],
        "readinessProbe": {"tcpSocket": {"port": REST_PORT}, "periodSeconds": 2},
    }
    volumes = [{"name": "passwords", "secret": {"secretName": "rest-server"}}]
    return [
        secret("rest-server", NAMESPACE, {"htpasswd": f"{line}\n"}),
        *_server("rest-server", REST_ADDRESS, REST_PORT, container, volumes),
    ]


def _minio(credentials: dict[str, str]) -> list[Object]:
    environment = {
        "MINIO_ROOT_USER": credentials["s3User"],
        "MINIO_ROOT_PASSWORD": credentials["s3Password"],
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "HOME": "/tmp",  # noqa: S108
    }
    probe = {"httpGet": {"path": "/minio/health/ready", "port": S3_PORT}, "periodSeconds": 2}
    container: Object = {
        "command": ["minio", "server", "/data", f"--address=:{S3_PORT}"],
        "envFrom": [{"secretRef": {"name": "minio"}}],
        "readinessProbe": probe,
    }
    return [
        secret("minio", NAMESPACE, environment),
        *_server("minio", S3_ADDRESS, S3_PORT, container, []),
    ]


def _server(
    name: str, address: str, port: int, container: Object, volumes: list[Object]
) -> list[Object]:
    labels = {"app": name}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    service = {"clusterIP": address, "selector": labels, "ports": [{"port": port}]}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}}
    template = {"metadata": {"labels": labels}, "spec": _pod(name, container, volumes)}
    deployment = {
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": labels},
        "template": template,
    }
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": claim},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": deployment},
    ]


def _pod(name: str, container: Object, volumes: list[Object]) -> Object:
    mounts = [
        {"name": "data", "mountPath": "/data"},
        {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108
        *container.get("volumeMounts", []),
    ]
    return {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": name,
                "image": f"localhost/{name}:dev",
                "imagePullPolicy": "IfNotPresent",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                **container,
                "volumeMounts": mounts,
            }
        ],
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": name}},
            {"name": "scratch", "emptyDir": {}},
            *volumes,
        ],
    }
