"""``kubernetes``: a field of an object in the sandbox."""

import json
from collections.abc import Sequence
from typing import Any

import jsonpath

from provisioner.checks.answer import Answer
from provisioner.checks.expect import describe, judge
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.api import Object
from provisioner.errors import CheckUnableError
from provisioner.models.kubernetes import KubernetesCheck, standard_path


async def ask(question: KubernetesCheck, app: Sandbox, yardstick: Yardstick) -> Answer:
    """Read the object and judge what its field holds."""
    kind = await app.cluster.kinds.find(question.version, question.kind)
    where = f"{question.kind} {question.name}"
    if kind is None:
        raise CheckUnableError(f"the cluster knows no kind {question.kind} of {question.version}")
    if not kind.namespaced:
        raise CheckUnableError(f"{where} would be cluster-wide: it is not part of the sandbox")
    found = await app.cluster.find(kind, question.name, app.namespace)
    if found is None:
        return Answer(False, describe(question.expect, yardstick), f"{where} does not exist")
    return judge(question.expect, shown(values(question, found)), yardstick)


def values(question: KubernetesCheck, found: Object) -> list[Any]:
    """What the path finds in the object.

    Raises:
        CheckUnableError: it is no JSONPath.
    """
    try:
        return list(jsonpath.findall(standard_path(question.json_path), found))
    except jsonpath.JSONPathError as error:
        said = str(error).partition("\n")[0]
        raise CheckUnableError(f"jsonPath: {question.json_path!r}: {said}") from error


def shown(found: Sequence[Any]) -> str:
    """The values as kubectl prints them: a space between, texts as they are, the rest as JSON."""
    return " ".join(one if isinstance(one, str) else json.dumps(one) for one in found)
