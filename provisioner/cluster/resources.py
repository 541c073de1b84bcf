"""The kinds that this project names itself, and their places in the API."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """One kind of object: its API version and its plural in URLs."""

    kind: str
    version: str
    plural: str
    namespaced: bool = True


NAMESPACE = Resource("Namespace", "v1", "namespaces", namespaced=False)
POD = Resource("Pod", "v1", "pods")
SECRET = Resource("Secret", "v1", "secrets")
CONFIG_MAP = Resource("ConfigMap", "v1", "configmaps")
CLAIM = Resource("PersistentVolumeClaim", "v1", "persistentvolumeclaims")
STORAGE_CLASS = Resource("StorageClass", "storage.k8s.io/v1", "storageclasses", namespaced=False)
VOLUME = Resource("PersistentVolume", "v1", "persistentvolumes", namespaced=False)
SERVICE = Resource("Service", "v1", "services")
EVENT = Resource("Event", "v1", "events")
ENDPOINT_SLICE = Resource("EndpointSlice", "discovery.k8s.io/v1", "endpointslices")
JOB = Resource("Job", "batch/v1", "jobs")
CRON_JOB = Resource("CronJob", "batch/v1", "cronjobs")
DEPLOYMENT = Resource("Deployment", "apps/v1", "deployments")
STATEFUL_SET = Resource("StatefulSet", "apps/v1", "statefulsets")
DAEMON_SET = Resource("DaemonSet", "apps/v1", "daemonsets")
REPLICA_SET = Resource("ReplicaSet", "apps/v1", "replicasets")
NETWORK_POLICY = Resource("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies")

WORKLOADS = {one.kind: one for one in (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)}
