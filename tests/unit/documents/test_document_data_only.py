"""Documents without an application: what is left of them, and what is refused."""

from pathlib import Path

import pytest
from document_fakes import VALID, problems

from provisioner.documents import load_verifier
from provisioner.models.words import Evidence

ALONE = """\
apiVersion: verify.provisioner.dev/v1alpha1
kind: BackupVerifier
metadata: {name: uploads}
spec:
  repositories:
    - name: store
      restic: {url: "rest:http://store/", secret: restic}
  restores:
    - name: uploads
      from: store
      into: {claim: {name: uploads}}
  sandbox:
    claims:
      uploads: {resources: {requests: {storage: 2Gi}}}
  checks:
    - name: whole
      files: {restore: uploads}
    - name: read
      script: {image: i, source: "#!/bin/sh", claims: [{name: uploads, path: /u}]}
"""
CLAIMS = ALONE[ALONE.index("  sandbox:") : ALONE.index("  checks:")]
CHECKS = ALONE[ALONE.index("  checks:") :]
NOT_ALONE = "expected files, script, job, kubernetes or a standard set; or spec.application"
SET = "- standard: {set: postgres, image: i, claim: uploads}"

FAULTS = {
    "a volume of a workload": (
        ("{claim: {name: uploads}}", "{volume: {workload: StatefulSet/db, name: data}}"),
        "11:14: spec.restores[0].into.volume: a volume of an application, which this document has "
        "none of; expected claim: {name: NAME}, which the sandbox then makes; or spec.application",
    ),
    "a stream into a service": (
        ("{claim: {name: uploads}}", "{stream: {workload: StatefulSet/db, command: [load]}}"),
        "11:14: spec.restores[0].into.stream: a stream of an application, which this document has "
        "none of; expected claim: {name: NAME}, which the sandbox then makes; or spec.application",
    ),
    "a strategy of filling what is empty": (
        (
            "into: {claim: {name: uploads}}",
            "into: {claim: {name: uploads}}\n      strategy: inplace",
        ),
        "12:7: spec.restores[0].strategy: a strategy, of filling the claims of an application; "
        "expected none, or an application",
    ),
    "a claim of no such name": (
        ("{claim: {name: uploads}}", "{claim: {name: My_Claim}}"),
        "11:28: spec.restores[0].into.claim.name: 'My_Claim'; expected a name of lower-case "
        "letters, digits and '-', such as data",
    ),
    "a listed claim that nobody fills": (
        ("      uploads: {res", "      upload: {res"),
        "14:7: spec.sandbox.claims.upload: claim 'upload', which no restore goes into; "
        "expected one of: uploads (did you mean uploads?)",
    ),
    "a claim that one check at a time could mount": (
        ("{resources:", "{accessModes: [ReadWriteOncePod], resources:"),
        "14:31: spec.sandbox.claims.uploads.accessModes[0]: 'ReadWriteOncePod'; "
        "expected one of: ReadWriteOnce, ReadWriteMany (did you mean ReadWriteOnce?)",
    ),
    "production's own volume": (
        ("{resources:", "{volumeName: pvc-1, resources:"),
        "14:17: spec.sandbox.claims.uploads.volumeName: the unknown field 'volumeName'; expected "
        "one of: accessModes, resources, storageClassName, volumeMode (did you mean volumeMode?)",
    ),
    "a check of a claim that nobody fills": (
        ("claims: [{name: uploads", "claims: [{name: upload"),
        "19:63: spec.checks[1].script.claims[0].name: 'upload'; expected a claim that a restore "
        "goes into, one of: uploads (did you mean uploads?)",
    ),
    "Secrets that nothing copies": (
        ("claims: [{name: uploads", "secrets: [blog], claims: [{name: uploads"),
        "19:47: spec.checks[1].script.secrets: Secrets, which application.copySecrets brings into "
        "a sandbox; expected no secrets, or an application",
    ),
    "an engine that nothing runs": (
        ("- name: read", "- standard: postgres\n    - name: read"),
        "18:17: spec.checks[1].standard: postgres without image and claim, and no application runs "
        "it; expected {set: postgres, image: IMAGE, claim: CLAIM}, to start it on the data",
    ),
    "an engine on no data": (
        ("- name: read", "- standard: {set: redis, image: i}\n    - name: read"),
        "18:17: spec.checks[1].standard: redis without claim, and no application runs "
        "it; expected {set: redis, image: IMAGE, claim: CLAIM}, to start it on the data",
    ),
    "an engine on a claim that nobody fills": (
        ("- name: read", f"{SET.replace('uploads', 'upload')}\n    - name: read"),
        "18:50: spec.checks[1].standard.claim: 'upload'; expected a claim that a restore goes "
        "into, one of: uploads (did you mean uploads?)",
    ),
    "an engine that is started and runs": (
        ("- name: read", f"{SET.replace('claim', 'secret: s, claim')}\n    - name: read"),
        "18:43: spec.checks[1].standard.secret: secret, of an engine that an application runs; "
        "expected image and claim: who starts it on the data is let in",
    ),
    "a folder outside of the claim": (
        ("- name: read", f"{SET.replace('claim', 'folder: ../x, claim')}\n    - name: read"),
        "18:51: spec.checks[1].standard.folder: '../x'; expected a folder of the claim, such as "
        "data/pgdata",
    ),
    "two servers on the same data": (
        (
            "- name: read",
            f"{SET}\n    - name: x\n      {SET.removeprefix('- ')}\n    - name: read",
        ),
        "20:17: spec.checks[2].standard: the same data as the set on line 18; expected one engine "
        "for each data directory",
    ),
    "the readiness of nothing": (
        ("  checks:", "  readiness: {timeout: 1m}\n  checks:"),
        "15:3: spec.readiness: the readiness of an application, which this document has none of; "
        "expected no readiness, or an application",
    ),
    "evidence that nothing could give": (
        ("  checks:", "  requireEvidence: booted\n  checks:"),
        "15:20: spec.requireEvidence: 'booted', and there is no spec.application that could boot; "
        "expected restored or proven, or an application",
    ),
    "the same without a check": (
        (CHECKS, "  restoreOnly: true\n  requireEvidence: booted\n"),
        "16:20: spec.requireEvidence: 'booted', and there is no spec.application that could boot; "
        "expected restored, or an application",
    ),
    "a proof without a check": (
        (CHECKS, "  restoreOnly: true\n  requireEvidence: proven\n"),
        "16:20: spec.requireEvidence: 'proven' beside restoreOnly: true, without a check to prove "
        "it; expected restored",
    ),
    "no checks and not a word of it": (
        (CHECKS, ""),
        "5:3: spec.checks: nothing; expected at least one check; "
        "or restoreOnly: true, when nothing is to be asked",
    ),
}


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    path = tmp_path / "verifier.yaml"
    path.write_text(ALONE)
    return path


@pytest.mark.parametrize(("change", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_tells_the_fault_at_its_place(alone: Path, change: tuple[str, str], told: str) -> None:
    assert ALONE.count(change[0]) == 1
    alone.write_text(ALONE.replace(*change))
    assert f"{alone}:{told}" in [str(problem) for problem in problems(alone)]


KINDS = {
    "sql": "{engine: mysql, workload: StatefulSet/a, service: a, secret: s, database: d, query: q}",
    "redis": "{service: a, command: [DBSIZE]}",
    "http": "{service: a}",
    "tcp": "{service: a, port: 80}",
    "exec": "{workload: Deployment/a, command: [count]}",
    "helmTest": "{}",
}


@pytest.mark.parametrize(("kind", "question"), KINDS.items())
def test_what_asks_an_application_is_refused(alone: Path, kind: str, question: str) -> None:
    alone.write_text(ALONE.replace("files: {restore: uploads}", f"{kind}: {question}"))
    assert [str(one) for one in problems(alone)] == [
        f"{alone}:17:7: spec.checks[0].{kind}: {kind}, which asks an application, and this "
        f"document has none; {NOT_ALONE}"
    ]


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        (("", ""), Evidence.PROVEN),
        (("  checks:", "  requireEvidence: restored\n  checks:"), Evidence.RESTORED),
        ((CHECKS, "  restoreOnly: true\n"), Evidence.RESTORED),
        ((CLAIMS, ""), Evidence.PROVEN),
    ],
)
def test_what_is_left_is_a_document(
    alone: Path, change: tuple[str, str], evidence: Evidence
) -> None:
    alone.write_text(ALONE.replace(*change))
    assert load_verifier(alone).spec.required_evidence is evidence


def test_an_application_under_a_mistyped_name_is_one_fault(document: Path) -> None:
    document.write_text(VALID.replace("  application:", "  aplication:"))
    told = [(one.path, one.suggestion) for one in problems(document)]
    assert told == [("spec.aplication", "application")]


def test_an_application_that_is_left_blank_is_no_wish_for_data_only(document: Path) -> None:
    chart = "    chart: {path: ./chart}\n    releaseName: blog\n"
    document.write_text(VALID.replace(chart, ""))
    assert [(one.path, one.found) for one in problems(document)] == [
        ("spec.application", "nothing")
    ]


def test_an_engine_of_an_application_is_not_started_again(document: Path) -> None:
    document.write_text(VALID.replace("  timeout: 1h", f"    {SET}\n  timeout: 1h"))
    assert [(one.path, one.found) for one in problems(document)] == [
        ("spec.checks[2].standard.image", TWICE.format("image")),
        ("spec.checks[2].standard.claim", TWICE.format("claim")),
    ]


TWICE = "{}, beside spec.application, whose own engine is asked"


def test_an_application_makes_its_own_claims(document: Path) -> None:
    claims = "  sandbox: {claims: {blog-uploads: {}}}\n  timeout: 1h"
    document.write_text(VALID.replace("  timeout: 1h", claims))
    assert [str(one) for one in problems(document)] == [
        f"{document}:26:13: spec.sandbox.claims: claims beside spec.application, which makes its "
        "own; expected no claims here, or no application"
    ]
