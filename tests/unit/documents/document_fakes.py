"""A valid document, and what is said of one that is not."""

from pathlib import Path

import pytest

from provisioner.documents import load_verifier
from provisioner.errors import DocumentError, Problem

VALID = """\
apiVersion: verify.provisioner.dev/v1alpha1
kind: BackupVerifier
metadata:
  name: blog
spec:
  application:
    chart: {path: ./chart}
    releaseName: blog
  repositories:
    - name: database
      restic: {url: "rest:http://backup:hunter2@store/", secret: restic-database}
    - name: uploads
      restic: {url: "s3:http://store/uploads", secret: restic-uploads}
  restores:
    - name: database
      from: database
      into: {volume: {workload: StatefulSet/blog-mariadb, name: data}}
    - name: uploads
      from: uploads
      into: {claim: {name: blog-uploads}}
  checks:
    - name: front page
      http: {service: blog}
    - name: posts
      exec: {workload: Deployment/blog, command: [count]}
  timeout: 1h
"""

Change = tuple[str, str]
"""What is written instead of what in the valid document."""


def problems(path: Path) -> list[Problem]:
    with pytest.raises(DocumentError) as raised:
        load_verifier(path)
    return raised.value.problems


def demand_only_fault(document: Path, change: Change, told: str) -> None:
    """The document with that change has this one fault."""
    assert VALID.count(change[0]) == 1
    document.write_text(VALID.replace(*change))
    told = told.replace("{folder}", str(document.parent))
    assert [str(problem) for problem in problems(document)] == [f"{document}:{told}"]
