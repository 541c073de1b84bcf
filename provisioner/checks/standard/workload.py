"""Which workload runs an engine, by its image or its command. Pure."""

import re
from collections.abc import Iterator, Sequence

from provisioner.cluster.api import Object
from provisioner.errors import CheckUnableError
from provisioner.models.standard import StandardCheck

_IMAGES = {
    "postgres": re.compile(
        r"postgres|postgresql(-repmgr)?|postgis|timescaledb(-ha)?|pgvector|spilo-\d+"
    ),
    "mariadb": re.compile(r"mariadb(-galera)?|mysql(-server)?|percona(-server)?"),
    "redis": re.compile(r"redis(-stack-server)?|valkey"),
}
"""By the last part of an image's path; exporters and clients have other names."""

_COMMANDS = {
    "postgres": re.compile(r"(^|[/\s])postgres(\s|$)"),
    "mariadb": re.compile(r"(^|[/\s])(mariadbd|mysqld)(_safe|-safe)?(\s|$)"),
    "redis": re.compile(r"(^|[/\s])(redis|valkey)-server(\s|$)"),
}


def container_of(question: StandardCheck, workload: Object) -> str:
    """The workload's container that runs the engine: by its name, its image, or as the only one.

    Raises:
        CheckUnableError: there is none.
    """
    names = [str(one["name"]) for one in _containers(workload)]
    like = [str(one["name"]) for one in _containers(workload) if _runs(question.set, one)]
    found = [name for name in names if name == question.container] if question.container else like
    if not found and not question.container and len(names) == 1:
        return names[0]
    if not found:
        wanted = question.container or f"that runs {question.set}"
        raise CheckUnableError(
            f"{ref_of(workload)} has no container {wanted}; it has: {', '.join(names)}",
            hint=f"name it: standard: {{set: {question.set}, workload: ..., container: NAME}}",
        )
    return found[0]


def fitting(question: StandardCheck, workloads: Sequence[Object]) -> list[Object]:
    """The workloads that could be meant."""
    return [one for one in workloads if _is_meant(question, one)]


def only(question: StandardCheck, workloads: Sequence[Object]) -> Object:
    """The one workload that is meant.

    Raises:
        CheckUnableError: none fits, or several do.
    """
    found = fitting(question, workloads)
    if len(found) == 1:
        return found[0]
    refs = ", ".join(map(ref_of, found or workloads)) or "no workloads at all"
    many = f"several workloads run {question.set}: {refs}"
    none = f"no workload {question.workload or f'that runs {question.set}'}; there are: {refs}"
    raise CheckUnableError(
        many if found else none,
        hint=f"name it: standard: {{set: {question.set}, workload: KIND/NAME, container: NAME}}",
    )


def ref_of(workload: Object) -> str:
    """``KIND/NAME``."""
    return f"{workload['kind']}/{workload['metadata']['name']}"


def _is_meant(question: StandardCheck, workload: Object) -> bool:
    if question.workload:
        return ref_of(workload) == question.workload
    return any(_runs(question.set, one) for one in _containers(workload))


def _containers(workload: Object) -> Iterator[Object]:
    yield from workload["spec"]["template"]["spec"]["containers"]


def runs_any(container: Object) -> bool:
    """Whether a container runs an engine that there is a set for."""
    return any(_runs(one, container) for one in _IMAGES)


def _runs(engine: str, container: Object) -> bool:
    image = str(container.get("image", "")).partition("@")[0].rpartition("/")[2].partition(":")[0]
    command = " ".join([*(container.get("command") or []), *(container.get("args") or [])])
    return bool(_IMAGES[engine].fullmatch(image) or _COMMANDS[engine].search(command))
