"""The running services that dumps are streamed into: whether the chart has them. Pure."""

from collections.abc import Sequence

from provisioner.cluster.api import Object
from provisioner.cluster.workloads import replicas_wanted
from provisioner.errors import ConfigurationError
from provisioner.helm.hooks import AFTER, BEFORE, runs_hooks
from provisioner.models.verifier import Restore
from provisioner.restores.claims.targets import workload_named
from provisioner.restores.stream.pod import container_of


def service_of(restore: Restore, objects: Sequence[Object]) -> Object | None:
    """The service of a streamed restore; None for any other.

    Raises:
        ConfigurationError: the chart makes no such workload or container, or nothing runs of it.
    """
    stream = restore.into.stream
    if stream is None:
        return None
    found = workload_named(restore, stream.workload, objects)
    for name in stream.needs:
        workload_named(restore, name, objects)
    if not replicas_wanted(found):
        raise ConfigurationError(
            f"restore {restore.name}: {stream.workload} has 0 replicas, and nothing to load into",
            hint="set its number of replicas under spec.application.values",
        )
    container_of(restore.name, stream, found)
    return found


def refuse_missing_services(restores: Sequence[Restore], objects: Sequence[Object]) -> None:
    """Refuse what no dump can be streamed into.

    Hooks before an install have to run before the service starts, and those after it when it is
    loaded, which are two installs; Helm runs all hooks in each, or none.

    Raises:
        ConfigurationError: a service is missing, or the chart has hooks of both kinds.
    """
    streamed = [one for one in restores if service_of(one, objects)]
    if streamed and runs_hooks(objects, BEFORE) and runs_hooks(objects, AFTER):
        raise ConfigurationError(
            f"restore {streamed[0].name} is streamed, and the chart has hooks both before and after"
            " its install: Helm would run the later ones before the dump is loaded",
            hint="switch one kind off under spec.application.values, or restore files into a claim",
        )
