"""The pods of an engine that is started on restored data: one looks for the data, one serves it."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.checks.program_pod import Program, labels, on_node
from provisioner.checks.standard.engine import text_of
from provisioner.cluster.api import Object
from provisioner.models.checks import ProgramClaim
from provisioner.models.standard import StandardCheck

CONTAINER = "engine"
MOUNT = "/restored"
RUN = "/run/engine"
"""Where its socket and what it is told of logins are: in nobody's data."""

_SOCKETS: Mapping[str, Mapping[str, str]] = {
    "postgres": {"PGHOST": RUN, "POSTGRES_USER_FILE": f"{RUN}/user"},
    "mariadb": {"MYSQL_UNIX_PORT": f"{RUN}/mysql.sock", "MARIADB_USER": "root"},
    "redis": {},
}
"""How the clients of its sets find it."""

_ANSWERS: Mapping[str, str] = {
    "postgres": f"pg_isready -q -h {RUN}",
    "mariadb": (
        "admin=$(command -v mariadb-admin || command -v mysqladmin) && "
        f'"$admin" --no-defaults --socket={RUN}/mysql.sock ping --silent'
    ),
    "redis": '"$(command -v redis-cli || command -v valkey-cli)" PING | grep -q PONG',
}

_RESOURCES = {"requests": {"cpu": "100m", "memory": "256Mi"}}
"""No limits: production's are not known, and one that is too small would blame a good backup."""


@dataclass(frozen=True)
class Data:
    """A data directory in a claim, and the numbers of who owns it."""

    folder: str
    user: int
    group: int


def finder(question: StandardCheck) -> Program:
    """What finds the data directory, with the engine's own image."""
    return Program(
        word="engine",
        image=str(question.image),
        command=["sh", "-c", text_of("find_data.sh"), "sh", question.set, question.folder or ""],
        claims=[ProgramClaim(name=str(question.claim), path=MOUNT)],
        root=True,
    )


def manifest(name: str, question: StandardCheck, data: Data, node: str | None) -> Object:
    """The pod that serves it, as the owner of the data: as production does."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels(name)},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 2,
            "securityContext": {
                "runAsUser": data.user,
                "runAsGroup": data.group,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "initContainers": [_passwd(question)],
            "containers": [_container(question, data)],
            "volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": question.claim}},
                {"name": "run", "emptyDir": {}},
            ],
            **on_node(node),
        },
    }


_PASSWD = f"""\
cp /etc/passwd {RUN}/passwd
id -un >/dev/null 2>&1 || echo "engine:x:$(id -u):$(id -g)::/tmp:/bin/sh" >>{RUN}/passwd
"""
"""Production's user may have no name in the image, and PostgreSQL asks for one."""


def _passwd(question: StandardCheck) -> Object:
    return {
        **_as_its_owner(question),
        "name": "passwd",
        "command": ["sh", "-c", _PASSWD],
        "volumeMounts": [{"name": "run", "mountPath": RUN}],
    }


def _as_its_owner(question: StandardCheck) -> Object:
    """What both containers have in common; the pod says who the owner is."""
    return {
        "image": question.image,
        "imagePullPolicy": "IfNotPresent",
        "resources": _RESOURCES,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _container(question: StandardCheck, data: Data) -> Object:
    env = {"DATA": f"{MOUNT}/{data.folder}", **_SOCKETS[question.set]}
    return {
        **_as_its_owner(question),
        "name": CONTAINER,
        "command": ["sh", "-c", text_of(f"start_{question.set}.sh"), "sh"],
        "args": list(question.args),
        "env": [{"name": key, "value": value} for key, value in env.items()],
        "readinessProbe": {
            "exec": {"command": ["sh", "-c", _ANSWERS[question.set]]},
            "periodSeconds": 1,
            "timeoutSeconds": 5,
        },
        "volumeMounts": [
            {"name": "data", "mountPath": MOUNT},
            {"name": "run", "mountPath": RUN},
            {"name": "run", "mountPath": "/etc/passwd", "subPath": "passwd"},
        ],
    }
