"""``plan`` from argv to exit code, with the pipeline faked at the edge."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from session_fakes import BEGUN, MIB, snapshot, target

from provisioner import errors, schemas
from provisioner.cli import plan as plan_command
from provisioner.cli.main import main
from provisioner.models.plan import (
    Estimate,
    PhaseEstimate,
    Plan,
    PlannedCheck,
    PlannedClaim,
    PlannedObject,
    VerifiedBefore,
)
from provisioner.models.session import ChartRecord, EnlargedClaim, Tools
from provisioner.models.words import Evidence, PhaseName

Captured = pytest.CaptureFixture[str]
Use = Callable[[Any], None]


def plan(**changes: Any) -> Plan:
    claim = PlannedClaim(
        restore="database",
        snapshot="1a2b3c4d" * 8,
        claim="data-blog-mariadb-0",
        sub_path="old",
        requested="8Gi",
        requested_bytes=8 * 2**30,
        snapshot_bytes=300 * MIB,
    )
    values: dict[str, Any] = {
        "verifier": "blog",
        "planned_at": BEGUN,
        "chart": ChartRecord(name="blog", version="1.2.3", source="oci://registry/charts/blog"),
        "snapshots": [snapshot(bytes=300 * MIB, files=412), snapshot("uploads", seed=7)],
        "skew_seconds": 134.0,
        "restores": [claim],
        "objects": [
            PlannedObject(kind="Deployment", name="blog"),
            PlannedObject(kind="Pod", name="blog-test", hooks=["test"]),
        ],
        "quota": {"pods": "50"},
        "checks": [
            PlannedCheck(name="posts", kind="sql", reads_data=True),
            PlannedCheck(name="port", kind="tcp", reads_data=False),
        ],
        "required_evidence": Evidence.PROVEN,
        "tools": Tools(provisioner="0.1.0"),
    }
    return Plan(**values | changes)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Put an answer in the place of the real pipeline's."""

    def put(answer: Any) -> None:
        async def preview(_request: object, _store: object) -> Plan:
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[no-any-return]

        monkeypatch.setattr(plan_command, "_pipeline", lambda: preview)

    return put


def test_plan_in_words(document: Path, use: Use, capsys: Captured) -> None:
    use(plan())
    assert main(["plan", str(document)]) == 0
    assert capsys.readouterr().out == (
        "plan for blog; nothing was created\n"
        "\n"
        "chart\n"
        "  blog 1.2.3  oci://registry/charts/blog\n"
        "\n"
        "snapshots\n"
        "  database  1a2b3c4d  3h12m old  300.0 MiB     412 files  nightly,\n"
        "                                                          session=20260101\n"
        "  uploads   1a2b3c4d  3h12m old  size unknown             drawn by seed 7,\n"
        "                                                          nightly,\n"
        "                                                          session=20260101\n"
        "  2m14s from the oldest to the newest\n"
        "\n"
        "restores\n"
        "  database  1a2b3c4d into claim data-blog-mariadb-0/old  300.0 MiB into 8Gi\n"
        "\n"
        "objects of the chart: 2\n"
        "  Deployment/blog\n"
        "  Pod/blog-test    hook: test\n"
        "\n"
        "quota of the sandbox\n"
        "  pods  50\n"
        "\n"
        "checks\n"
        "  posts  sql\n"
        "  port   tcp  reads no data\n"
        "\n"
        "pass  needs evidence proven\n"
        "time  not known: there is no former session of this verifier\n"
    )


def planned(document: Path, use: Use, capsys: Captured, **changes: Any) -> str:
    use(plan(**changes))
    assert main(["plan", str(document)]) == 0
    return capsys.readouterr().out


def test_plan_tells_that_there_is_no_application(
    document: Path, use: Use, capsys: Captured
) -> None:
    enlarged = [EnlargedClaim(claim="data", requested="1Gi", enlarged="2Gi")]
    text = planned(document, use, capsys, data_only=True, chart=None, objects=[], enlarged=enlarged)
    assert "\nno application: data only, into claims of the sandbox\n" in text
    assert "data  2Gi instead of the document's 1Gi\n" in text
    assert "chart" not in text


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"claim": "data", "requested": "5Gi"}, "into claim data, in place 300.0 MiB into 5Gi"),
        ({"claim": "data", "sub_path": "x"}, "into claim data/x, in place 300.0 MiB"),
        (
            {"workload": "StatefulSet/db", "volume": "data"},
            "into volume data of StatefulSet/db, in place 300.0 MiB",
        ),
    ],
)
def test_plan_tells_what_is_restored_in_place(
    document: Path, use: Use, capsys: Captured, place: dict[str, str], told: str
) -> None:
    one = {"restore": "db", "snapshot": "1a2b3c4d" * 8, "strategy": "inplace", **place}
    use(plan(restores=[PlannedClaim(snapshot_bytes=300 * MIB, **one)]))  # type: ignore[arg-type]
    assert main(["plan", str(document)]) == 0
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "in place" in one]
    assert told in " ".join(line.split())


def test_plan_tells_who_verified_the_same(document: Path, use: Use, capsys: Captured) -> None:
    at = datetime.now(UTC) - timedelta(hours=3)
    before = {"session": "blog-x7k2p", "at": at}
    told = "\n  verified already: session blog-x7k2p passed 3h ago"
    known = VerifiedBefore(**before, skips=False)
    assert f"{told}\n" in planned(document, use, capsys, verified=known)
    needless = VerifiedBefore(**before, skips=True)
    text = planned(document, use, capsys, verified=needless)
    assert f"{told}; a run would do nothing\n" in text


def test_plan_tells_that_there_will_be_no_pass(document: Path, use: Use, capsys: Captured) -> None:
    text = planned(document, use, capsys, targets=[target(met=False)])
    assert "\ntargets\n  recovery point  missed  1d6h, at most 1d2h\n" in text
    assert "\npass  needs evidence proven; a target is missed, so there will be none\n" in text
    port = PlannedCheck(name="port", kind="tcp", reads_data=False)
    text = planned(document, use, capsys, checks=[port])
    assert "\npass  needs evidence proven; no check reads data, so there will be none\n" in text
    text = planned(document, use, capsys, checks=[], required_evidence=Evidence.RESTORED)
    assert "\npass  needs evidence restored\n" in text


def test_plan_tells_the_time_of_former_sessions(document: Path, use: Use, capsys: Captured) -> None:
    phases = [PhaseEstimate(name=PhaseName.RESTORE, seconds=12.0)]
    use(plan(estimate=Estimate(sessions=3, seconds=72.0, phases=phases)))
    assert main(["plan", str(document)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "time  about 1m12s, as 3 former sessions: restore 12.0 s"


def test_plan_as_json_prints_the_plan_and_nothing_else(
    document: Path, use: Use, capsys: Captured
) -> None:
    use(plan())
    assert main(["plan", str(document), "--output", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    schema = json.loads((schemas.FOLDER / "plan.schema.json").read_text())
    Draft202012Validator(schema).validate(printed)
    assert Plan.model_validate(printed) == plan()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NoBackupError("no snapshot"), 1),
        (errors.ConfigurationError("no claim"), 3),
        (errors.RepositoryError("no answer"), 3),
        (errors.ChartError("no template"), 3),
        (errors.NoConsistentSetError("no set"), 4),
        (errors.DeadlineExceededError("the plan", 5), 4),
        (errors.ProvisionerError("none of the known"), 3),
        (RuntimeError("a bug"), 3),
    ],
    ids=lambda one: type(one).__name__,
)
def test_plan_ends_as_a_run_would(
    error: Exception, code: int, document: Path, use: Use, capsys: Captured
) -> None:
    use(error)
    assert main(["plan", str(document)]) == code
    captured = capsys.readouterr()
    assert str(error) in captured.err
    assert captured.out == ""


def test_a_wrong_document_is_2(document: Path, use: Use, capsys: Captured) -> None:
    use(RuntimeError("must not be asked"))
    document.write_text(document.read_text().replace("kind: BackupVerifier", "kind: Backup"))
    assert main(["plan", str(document)]) == 2
    assert "expected BackupVerifier" in capsys.readouterr().err
