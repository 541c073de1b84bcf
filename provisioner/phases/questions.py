"""Whether each standard set has its workload, before anything is created."""

from collections.abc import Sequence

from provisioner.checks.standard.workload import container_of, fitting, only
from provisioner.cluster.api import Object
from provisioner.cluster.resources import WORKLOADS
from provisioner.errors import CheckUnableError, ConfigurationError
from provisioner.models.checks import Check
from provisioner.readiness.custom import is_custom


def refuse_the_ambiguous(checks: Sequence[Check], objects: Sequence[Object]) -> None:
    """Each set's engine must be found by its image or command, or be named.

    What an operator will make of a custom resource is not there yet: it is looked for when asked.

    Raises:
        ConfigurationError: none of the release's workloads fits, or several do.
    """
    workloads = [one for one in objects if one["kind"] in WORKLOADS]
    later = any(map(is_custom, objects))
    for check in checks:
        standard = check.standard
        if (
            standard is None
            or standard.set == "files"
            or (later and not fitting(standard, workloads))
        ):
            continue
        try:
            container_of(standard, only(standard, workloads))
        except CheckUnableError as error:
            message = f"check {check.name}: {error.message}"
            raise ConfigurationError(message, hint=error.hint) from error
