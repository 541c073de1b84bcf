"""What a ``script`` check creates: a ConfigMap with the program, and a pod that runs it once."""

from provisioner.cluster.api import Object
from provisioner.models.base import GROUP, MANAGED_BY
from provisioner.models.checks import ScriptCheck

CONTAINER = "check"
CHECK_LABEL = f"{GROUP}/check"
FILE = "run"
FOLDER = "/provisioner"

RESOURCES = {
    "requests": {"cpu": "10m", "memory": "32Mi"},
    "limits": {"cpu": "1", "memory": "256Mi"},
}
"""Small: the sandbox's quota is the application's."""


def labels(name: str) -> dict[str, str]:
    """Labels of both objects. The last one is the pod's alone, to watch nothing else."""
    return {
        **MANAGED_BY,
        f"{GROUP}/role": "check",
        CHECK_LABEL: name,
    }


def config_map(name: str, question: ScriptCheck) -> Object:
    """The program."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": labels(name)},
        "data": {FILE: question.source},
    }


def pod(name: str, question: ScriptCheck, node: str | None = None) -> Object:
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
            "containers": [_container(question)],
            "volumes": [_program_volume(name), *_claim_volumes(question)],
            **_on_node(node),
        },
    }


def _container(question: ScriptCheck) -> Object:
    return {
        "name": CONTAINER,
        "image": question.image,
        "command": [f"{FOLDER}/{FILE}"],
        "env": [{"name": key, "value": value} for key, value in question.env.items()],
        "envFrom": [{"secretRef": {"name": name}} for name in question.secrets],
        "resources": RESOURCES,
        # Capabilities stay as the baseline allows: without them not even root could read the
        # files of the application's own user.
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            {"name": "program", "mountPath": FOLDER, "readOnly": True},
            *(
                {"name": f"claim-{index}", "mountPath": claim.path, "readOnly": True}
                for index, claim in enumerate(question.claims)
            ),
        ],
    }


def _program_volume(name: str) -> Object:
    return {"name": "program", "configMap": {"name": name, "defaultMode": 0o755}}


def _claim_volumes(question: ScriptCheck) -> list[Object]:
    # Read-only in the container and not in the volume: the same claim is mounted writable by
    # the application, and some drivers refuse to attach it both ways.
    return [
        {"name": f"claim-{index}", "persistentVolumeClaim": {"claimName": claim.name}}
        for index, claim in enumerate(question.claims)
    ]


def _on_node(node: str | None) -> Object:
    """To where its claims are in use: a ReadWriteOnce volume is attached to one node."""
    if node is None:
        return {}
    there = {"key": "metadata.name", "operator": "In", "values": [node]}
    terms = {"nodeSelectorTerms": [{"matchFields": [there]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
    return {"affinity": {"nodeAffinity": required}}
