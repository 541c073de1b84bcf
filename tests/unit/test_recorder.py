"""The record of a session: it shows no secret, and has one entry for each claim."""

from types import SimpleNamespace
from typing import Any, cast

from provisioner.errors import ConfigurationError
from provisioner.models.session import CheckRecord, RestoreRecord, Session, Tools, now
from provisioner.models.words import CheckState, Outcome, PhaseState
from provisioner.phases.context import Recorder, masked
from provisioner.progress import Nobody

HIDDEN = {"s3cret-value"}


def test_text_lists_and_models_are_masked() -> None:
    record = CheckRecord(
        name="login", kind="sql", state=CheckState.FAILED, reads_data=True, saw="s3cret-value!"
    )
    assert masked("password is s3cret-value", HIDDEN) == "password is ***"
    assert masked(["a", "s3cret-value"], HIDDEN) == ["a", "***"]
    assert masked([record], HIDDEN)[0].saw == "***!"
    assert masked([record], HIDDEN)[0].state is CheckState.FAILED


def test_what_is_no_text_stays_what_it_is() -> None:
    assert masked(Outcome.PASSED, {"Passed"}) is Outcome.PASSED
    assert masked(3, HIDDEN) == 3


def test_an_error_that_no_record_tells_is_masked_too() -> None:
    recorder = Recorder(None, None, None)  # type: ignore[arg-type]
    recorder.hide({"password": "s3cret-value"})
    error = ConfigurationError(
        "s3cret-value is too short", hint="not s3cret-value", details=["s3cret-value"]
    )
    recorder.mask_error(error)
    assert (str(error), error.message) == ("*** is too short", "*** is too short")
    assert (error.hint, error.details) == ("not ***", ["***"])


def restored(claim: str, state: PhaseState, **more: Any) -> RestoreRecord:
    return RestoreRecord(name="database", snapshot="a", claim=claim, state=state, **more)


def test_each_claim_of_a_restore_has_a_record_that_its_end_replaces() -> None:
    begun = now()
    session = Session(
        id="x", verifier="x", sandbox="x", started_at=begun, expires_at=begun,
        tools=Tools(provisioner="1"),
    )  # fmt: skip
    recorder = Recorder(session, cast("Any", SimpleNamespace()), Nobody())
    for state in (PhaseState.RUNNING, PhaseState.DONE):
        for replica in (0, 1):
            recorder.put_restore(restored(f"data-db-{replica}", state, replica=replica))
    found = [(one.claim, one.state) for one in recorder.session.restores]
    assert found == [("data-db-0", PhaseState.DONE), ("data-db-1", PhaseState.DONE)]
