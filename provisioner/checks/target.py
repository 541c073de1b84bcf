"""What a check is put to, and where in it."""

from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass, field

from provisioner.cluster.api import Cluster, Object
from provisioner.cluster.pods import is_ready, selector_text
from provisioner.cluster.resources import POD, SECRET, WORKLOADS
from provisioner.errors import CheckUnableError
from provisioner.helm.release import TestResult
from provisioner.repositories.restic import ResticRepository


@dataclass(frozen=True)
class Restored:
    """One claim that a snapshot was put into.

    The snapshot's ``folder`` is what lies in the claim's ``sub_path``, which is empty for its root.
    ``image`` is the one that restored it. ``files`` is how many there were.
    """

    name: str
    claim: str
    sub_path: str
    repository: ResticRepository
    snapshot: str
    folder: str
    image: str
    files: int


@dataclass(frozen=True)
class Sandbox:
    """The restored application: where it runs, what knows its Helm, and what came back."""

    cluster: Cluster
    namespace: str
    release: str
    helm_test: Callable[[str], Awaitable[TestResult]]
    restored: Sequence[Restored] = ()
    databases: Set[str] = frozenset()
    """Claims that engines are started on."""
    engines: dict[str, str] = field(default_factory=dict)
    """Pods of the engines that were started on restored data, by the claim and folder of it."""


async def ready_pod(app: Sandbox, workload: str) -> str:
    """Name of a ready pod of ``KIND/NAME``.

    Raises:
        CheckUnableError: there is no such workload, or no pod of it is ready.
    """
    kind, _, name = workload.partition("/")
    found = await app.cluster.find(WORKLOADS[kind], name, app.namespace)
    if found is None:
        raise CheckUnableError(f"{workload} does not exist in the sandbox")
    labels = selector_text(found["spec"]["selector"])
    pods = await app.cluster.list_all(POD, app.namespace, labels=labels)
    ready = sorted(str(pod["metadata"]["name"]) for pod in pods if is_ready(pod))
    if not ready:
        raise CheckUnableError(f"no pod of {workload} is ready")
    return ready[0]


async def read_secret(app: Sandbox, name: str) -> Object:
    """The ``data`` of a Secret of the sandbox, still encoded.

    Raises:
        CheckUnableError: there is no such Secret.
    """
    found = await app.cluster.find(SECRET, name, app.namespace)
    if found is None:
        raise CheckUnableError(
            f"Secret {name} does not exist in the sandbox",
            hint="application.copySecrets copies Secrets of the verifier's namespace into it",
        )
    return dict(found.get("data") or {})
