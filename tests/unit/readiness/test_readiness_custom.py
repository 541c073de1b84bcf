"""Custom resources are ready when their operators say so, and done when those say nothing."""

from typing import Any

import pytest
from readiness_objects import READY, condition, container, made, observed, pod, service

from provisioner.errors import DeadlineExceededError, LateError, OperatorError
from provisioner.readiness import custom
from provisioner.readiness.rules import judge, status
from provisioner.readiness.settle import SILENT, Settling
from provisioner.readiness.state import Observed
from provisioner.readiness.trouble import OPERATOR_GRACE, find_troubles
from provisioner.readiness.wait import cut_short, late


def widget(*conditions: Any, version: str = "example.test/v1", **more: Any) -> Any:
    return made(version, "Widget", "one", **({"conditions": list(conditions)} | more))


FALSE = condition("Ready", "False", reason="Booting", message="two of three members")


@pytest.mark.parametrize(
    ("one", "ready", "reason"),
    [
        (widget(condition("Ready")), True, "Ready"),
        (widget(condition("Available")), True, "Available"),
        (widget(FALSE), False, "Ready is False: Booting: two of three members"),
        (widget(condition("Available", "Unknown")), False, "Available is Unknown"),
        (widget(condition("Available"), FALSE), False, "Ready is False"),
        (widget(condition("Synced", "False")), True, "says nothing of being ready"),
        (made("example.test/v1", "Widget", "one"), True, "says nothing of being ready"),
        (widget(condition("Ready"), observedGeneration=1), False, "not looked at yet"),
        (widget(condition("Ready"), observedGeneration=2), True, "Ready"),
        (widget({**condition("Ready"), "observedGeneration": 1}), False, "Ready is not told yet"),
        (widget({**condition("Ready"), "observedGeneration": 2}), True, "Ready"),
    ],
)
def test_an_operators_word_counts(one: Any, ready: bool, reason: str) -> None:
    seen = status(one, observed([one]))
    assert (seen.ready, seen.custom) == (ready, True)
    assert seen.reason.startswith(reason)


def test_one_that_is_not_there_yet_is_not_ready() -> None:
    (seen,) = judge(observed([widget()], absent=True))
    assert str(seen) == "Widget/one: not created yet"


@pytest.mark.parametrize(
    ("version", "is_custom"),
    [("v1", False), ("apps/v1", False), ("networking.k8s.io/v1", False),
     ("gateway.networking.k8s.io/v1", True), ("example.test/v1alpha1", True)],
)  # fmt: skip
def test_kubernetes_own_kinds_are_not_custom(version: str, is_custom: bool) -> None:
    assert custom.is_custom({"apiVersion": version, "kind": "X"}) is is_custom


def test_a_custom_service_is_not_taken_for_kubernetes_own() -> None:
    knative = made("serving.example.test/v1", "Service", "web", conditions=[FALSE])
    own = service(selector={})
    own["spec"]["selector"] = None
    seen = {one.reason for one in judge(observed([own, knative]))}
    assert seen == {"has no selector", "Ready is False: Booting: two of three members"}
    found = list(custom.kinds([own, knative, knative]))
    assert found == [("serving.example.test/v1", "Service", "Service.serving.example.test")]


@pytest.mark.parametrize("kind", ["Stalled", "Failed"])
def test_one_that_its_operator_gave_up_is_trouble_after_a_grace(kind: str) -> None:
    (one,) = find_troubles(observed([widget(condition(kind, message="no such class"))]))
    assert isinstance(one.error, OperatorError)
    assert one.error.message == f"Widget one was given up by its operator: {kind}: no such class"
    assert one.grace == OPERATOR_GRACE
    assert find_troubles(observed([widget(condition(kind, "False"))])) == []
    assert find_troubles(observed([widget()], absent=True)) == []


def running() -> Any:
    return pod("web-1", container(), conditions=READY)


def test_one_that_is_late_while_all_pods_run_blames_nobody() -> None:
    error = late(observed([widget(FALSE)], running()), 60)
    assert type(error) is OperatorError
    assert error.message.endswith("two of three members; all its pods run")
    unready = observed([widget(FALSE)], pod("web-1", container()))
    assert type(late(unready, 60)) is LateError


def test_without_anything_pending_no_operator_is_blamed() -> None:
    restarted: Observed = observed([], running())
    assert type(late(restarted, 60)) is LateError


def test_who_had_not_the_time_that_it_may_take_has_not_failed() -> None:
    seen = observed([widget(FALSE)], running())
    error = cut_short(late(seen, 60), seen, 60)
    assert type(error) is DeadlineExceededError
    assert error.message.startswith(
        "the session did not end within 60 s; last seen: Widget/one: Ready is False"
    )


def test_one_without_any_status_gets_a_while_for_its_first() -> None:
    silent = observed([made("example.test/v1", "Widget", "one")])
    settling = Settling()
    assert settling.unsettled(silent, 100.0) == "the first status of Widget one"
    assert settling.unsettled(silent, 100.0 + SILENT / 2)
    assert not settling.unsettled(silent, 100.0 + SILENT)
    assert not Settling().unsettled(observed([widget(condition("Synced"))]), 100.0)
    assert not Settling().unsettled(observed([widget()], absent=True), 100.0)
