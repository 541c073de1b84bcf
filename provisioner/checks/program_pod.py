"""What a program of the user's runs in: a pod that runs it once, and a ConfigMap with its text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provisioner.cluster.api import Object
from provisioner.models.base import GROUP, MANAGED_BY
from provisioner.models.checks import JobCheck, ProgramClaim, ScriptCheck

CONTAINER = "check"
CHECK_LABEL = f"{GROUP}/check"
FILE = "run"
FOLDER = "/provisioner"

RESOURCES = {
    "requests": {"cpu": "10m", "memory": "32Mi"},
    "limits": {"cpu": "1", "memory": "256Mi"},
}
"""Small: the sandbox's quota is the application's."""


@dataclass(frozen=True)
class Program:
    """What runs in the pod; ``word`` is what messages call it.

    Either ``source`` is the program itself, or ``command`` and ``args`` are the container's own.
    """

    word: str
    image: str
    source: str = ""
    command: Sequence[str] = ()
    args: Sequence[str] = ()
    secrets: Sequence[str] = ()
    claims: Sequence[ProgramClaim] = ()
    env: tuple[tuple[str, str], ...] = ()
    lines: int = 20
    """The last ones of what it says are read."""
    root: bool = False
    """Whether it runs as root, and may write to its claims."""


def program_of(question: ScriptCheck | JobCheck) -> Program:
    """The program of a check."""
    program = Program(
        word="script" if isinstance(question, ScriptCheck) else "job",
        image=question.image,
        secrets=question.secrets,
        claims=question.claims,
        env=tuple(question.env.items()),
    )
    if isinstance(question, ScriptCheck):
        return replace(program, source=question.source)
    return replace(program, command=question.command, args=question.args)


def labels(name: str) -> dict[str, str]:
    """Labels of both objects. The last one is the pod's alone, to watch nothing else."""
    return {
        **MANAGED_BY,
        f"{GROUP}/role": "check",
        CHECK_LABEL: name,
    }


def config_map(name: str, program: Program) -> Object:
    """The program's own text."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": labels(name)},
        "data": {FILE: program.source},
    }


def pod(name: str, program: Program, node: str | None = None) -> Object:
    """The pod. It has no token and gains no rights; its user is the image's own."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels(name)},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 1,
            "containers": [_container(program)],
            "volumes": [*_source_volumes(name, program), *_claim_volumes(program)],
            **on_node(node),
        },
    }


def _container(program: Program) -> Object:
    return {
        "name": CONTAINER,
        "image": program.image,
        **_argv(program),
        "env": [{"name": key, "value": value} for key, value in program.env],
        "envFrom": [{"secretRef": {"name": name}} for name in program.secrets],
        "resources": RESOURCES,
        # Capabilities stay as the baseline allows: without them not even root could read the
        # files of the application's own user.
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "seccompProfile": {"type": "RuntimeDefault"},
            **({"runAsUser": 0, "runAsNonRoot": False} if program.root else {}),
        },
        "volumeMounts": [
            *_source_mounts(program),
            *(
                {"name": f"claim-{index}", "mountPath": claim.path, "readOnly": not program.root}
                for index, claim in enumerate(program.claims)
            ),
        ],
    }


def _argv(program: Program) -> Object:
    """What is not given is the image's own."""
    if program.source:
        return {"command": [f"{FOLDER}/{FILE}"]}
    given = {"command": list(program.command), "args": list(program.args)}
    return {name: words for name, words in given.items() if words}


def _source_mounts(program: Program) -> list[Object]:
    mount = {"name": "program", "mountPath": FOLDER, "readOnly": True}
    return [mount] if program.source else []


def _source_volumes(name: str, program: Program) -> list[Object]:
    volume = {"name": "program", "configMap": {"name": name, "defaultMode": 0o755}}
    return [volume] if program.source else []


def _claim_volumes(program: Program) -> list[Object]:
    # Read-only in the container and not in the volume: the same claim is mounted writable by
    # the application, and some drivers refuse to attach it both ways.
    return [
        {"name": f"claim-{index}", "persistentVolumeClaim": {"claimName": claim.name}}
        for index, claim in enumerate(program.claims)
    ]


def on_node(node: str | None) -> Object:
    """To where its claims are in use: a ReadWriteOnce volume is attached to one node."""
    if node is None:
        return {}
    there = {"key": "metadata.name", "operator": "In", "values": [node]}
    terms = {"nodeSelectorTerms": [{"matchFields": [there]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
    return {"affinity": {"nodeAffinity": required}}
