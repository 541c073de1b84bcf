"""Names resolve, and volumes of the default class are as on a real cluster."""

import json

from tests.cluster.devcluster.network import pod
from tests.cluster.kube import Kubectl

_SECURITY = {"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 2000}
_WAIT = ("--for=jsonpath={.status.phase}=Succeeded", "--timeout=90s")


def _run(kubectl: Kubectl, namespace: str, script: str, **spec: object) -> str:
    kubectl.apply(pod(namespace, "once", script, restartPolicy="Never", **spec))
    kubectl.run("wait", "pod/once", "-n", namespace, *_WAIT)
    return kubectl.run("logs", "once", "-n", namespace)


def test_names_of_the_cluster_resolve_and_no_others(kubectl, namespace):
    script = """
    getent hosts kubernetes.default
    getent hosts kube-dns.kube-system.svc.cluster.local
    getent hosts www.example.org || echo unknown
    """
    answers = _run(kubectl, namespace, script).splitlines()
    assert [line.split()[0] for line in answers] == ["10.96.0.1", "10.96.0.10", "unknown"]


def test_a_volume_of_the_default_class_is_given_to_the_fs_group(kubectl, namespace):
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    kubectl.apply(claim)
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    answers = _run(
        kubectl,
        namespace,
        "touch /data/file && stat -c '%u:%g %a' /data /data/file",
        securityContext=_SECURITY,
        volumes=[volume],
        container={"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
    )
    assert answers.splitlines() == ["0:2000 2775", "1000:2000 644"]


def test_the_default_class_waits_for_the_first_consumer(kubectl):
    default = "storageclass.kubernetes.io/is-default-class"
    classes = json.loads(kubectl.run("get", "storageclass", "-o", "json"))["items"]
    marked = [c for c in classes if c["metadata"].get("annotations", {}).get(default) == "true"]
    assert [c["volumeBindingMode"] for c in marked] == ["WaitForFirstConsumer"]
