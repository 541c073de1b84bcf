"""One document: the verifier in it, or all its faults."""

import os
from functools import cache
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from provisioner.documents.data_only import problems_of_data_only
from provisioner.documents.evidence import problems_of_evidence
from provisioner.documents.questions import problems_of_checks
from provisioner.documents.resources import problems_of_resources
from provisioner.documents.sense import CHART, at, problems_of_sense
from provisioner.documents.shape import problems_of_shape
from provisioner.documents.source import Source, written
from provisioner.errors import DocumentError, Problem
from provisioner.models.schema import json_schema
from provisioner.models.verifier import BackupVerifier


def load(source: Source, folder: File) -> BackupVerifier:
    """What the document says, and everything that can be known about it without a cluster.

    The chart's path becomes absolute: it is relative to ``folder``, not to the caller.

    Raises:
        DocumentError: with every fault of the document, in the file's order.
    """
    unread = {(problem.line, problem.column) for problem in source.problems}
    shape = problems_of_shape(source, _schema())
    problems = [
        *source.problems,
        *(problem for problem in shape if (problem.line, problem.column) not in unread),
        *problems_of_sense(source, folder),
        *problems_of_checks(source),
        *problems_of_resources(source),
        *problems_of_evidence(source),
        *problems_of_data_only(source),
    ]
    _anchor_chart(source.value, folder)
    try:
        verifier = BackupVerifier.model_validate(source.value)
    except ValidationError as error:
        problems += _problems_of_models(source, error, problems)
    if problems:
        raise DocumentError(sorted(problems, key=lambda one: (one.line, one.column, one.path)))
    return verifier


@cache
def _schema() -> dict[str, Any]:
    return json_schema(BackupVerifier, "validation")


def _anchor_chart(document: Any, folder: File) -> None:
    chart = at(document, CHART)
    if isinstance(chart, dict) and isinstance(chart.get("path"), str):
        chart["path"] = os.path.abspath(folder / chart["path"])


def _problems_of_models(
    source: Source, error: ValidationError, known: list[Problem]
) -> list[Problem]:
    """What only the models' own validators see; the rest the schema has told, in better words."""
    told = [problem.path for problem in known]
    errors = error.errors(include_url=False, include_input=False)
    found = [
        source.problem(one["loc"], one["msg"].removeprefix("Value error, "), "a value that fits")
        for one in errors
        if not known or one["type"] == "value_error"
    ]
    return [problem for problem in found if not any(_covers(path, problem.path) for path in told)]


def _covers(told: str, path: str) -> bool:
    return path == told or path.startswith((f"{told}.", f"{told}[")) or told == written(())
