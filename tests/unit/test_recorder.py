"""The record of a session shows no secret, wherever it comes from."""

from provisioner.errors import ConfigurationError
from provisioner.models.session import CheckRecord
from provisioner.models.words import CheckState, Outcome
from provisioner.phases.context import Recorder, masked

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
