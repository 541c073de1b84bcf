"""What Helm's words mean."""

from pathlib import Path
from typing import Any

import pytest
from pyhelm3 import errors as helm

from provisioner import errors
from provisioner.cluster import away
from provisioner.helm.command import HelmCommand
from provisioner.helm.release import Helm, Release, _failed_tests, _install_error, is_unreached

SUITE = "NAME: blog\nTEST SUITE:     blog-test\nLast Started:   Mon\nPhase:          {}\n"
QUOTA = 'pods "t" is forbidden: exceeded quota: verify, requested: pods=1, used: pods=9'


def ended(stderr: str, phase: str = "Failed") -> helm.Error:
    return helm.Error(1, SUITE.format(phase).encode(), f"Error: {stderr}\n".encode())


def test_a_test_fails_when_helm_says_so() -> None:
    result = _failed_tests(ended("1 error occurred:\n\t* pod blog-test failed"))
    assert not result.passed
    assert result.log.endswith("pod blog-test failed")
    assert not _failed_tests(ended("job blog-test failed: BackoffLimitExceeded")).passed


@pytest.mark.parametrize(
    ("stderr", "phase", "error"),
    [
        ("unable to get pod logs for blog-test: pods \"blog-test\" not found", "Succeeded",
         errors.CheckUnableError),
        ("timed out waiting for the condition", "Failed", errors.CheckUnableError),
        ("warning: Hook test t.yaml failed: pods \"t\" is invalid", "Failed",
         errors.CheckUnableError),
        (f"warning: Hook test t.yaml failed: {QUOTA}", "Failed", errors.CapacityError),
    ],
)  # fmt: skip
def test_a_test_that_was_not_put_fails_nobody(
    stderr: str, phase: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _failed_tests(ended(stderr, phase))


@pytest.mark.parametrize(
    ("stderr", "error"),
    [
        (QUOTA, errors.CapacityError),
        ("values don't meet the specifications of the schema(s)", errors.ConfigurationError),
        ("no matches for kind Foo", errors.ChartError),
        ("failed post-install: job blog-setup failed: BackoffLimitExceeded", errors.HookError),
        ("failed pre-install: timed out waiting for the condition", errors.HookError),
        ("failed post-install: warning: Hook post-install j.yaml failed: is invalid",
         errors.ChartError),
        ("failed post-install: warning: hook post-install j.yaml failed: is invalid",
         errors.ChartError),
        (f"failed post-install: warning: Hook post-install j.yaml failed: {QUOTA}",
         errors.CapacityError),
    ],
)  # fmt: skip
def test_why_a_chart_does_not_install(stderr: str, error: type[Exception]) -> None:
    assert type(_install_error(ended(stderr))) is error


SERVER = "https://10.0.0.1:6443"
GET = f'Get "{SERVER}/version?timeout=32s": '


@pytest.mark.parametrize(
    ("said", "unreached"),
    [
        (f"Kubernetes cluster unreachable: {GET}dial tcp: connect: connection refused", True),
        (f"failed post-install: {GET}read tcp: connection reset by peer", True),
        (f"{GET}EOF", True),
        ("unexpected error when reading response body. Please retry: unexpected EOF", True),
        ('looks like "https://charts.example" cannot be reached: connection refused', False),
        ("failed post-install: resource Job/ns/setup not ready. status: Unknown, message:", True),
        ("failed post-install: resource Job/ns/setup not ready. status: Failed, message: x", False),
        ("failed post-install: job setup failed: BackoffLimitExceeded", False),
        (f"{GET}x509: certificate signed by unknown authority", False),
    ],
)
def test_when_the_cluster_was_away(said: str, unreached: bool) -> None:
    assert is_unreached(said, SERVER) is unreached


class Cluster:
    """Holds the records of releases."""

    server, kubeconfig, context = SERVER, None, None

    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def list_all(self, _resource: Any, _namespace: str, labels: str) -> list[Any]:
        assert labels == "owner=helm,name=web"
        return [{"metadata": {"name": "sh.helm.release.v1.web.v1"}}]

    async def delete(self, _resource: Any, name: str, _namespace: str) -> None:
        self.deleted.append(name)


class Command:
    """A Helm that says one thing after the other; an empty one is success."""

    def __init__(self, *said: str) -> None:
        self.said = list(said)
        self.ran: list[list[object]] = []

    async def run(self, command: list[object], *_: Any) -> bytes:
        self.ran.append(command)
        if said := self.said.pop(0):
            raise ended(said)
        return b"v4.0.0"


def helm_that(cluster: Cluster, *said: str) -> tuple[Helm, Command]:
    one, command = Helm("helm", cluster), Command("", *said)  # type: ignore[arg-type]
    one.command = command  # type: ignore[assignment]
    return one, command


async def test_releases_are_recorded_in_the_sandbox_whatever_the_user_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELM_DRIVER", "sql")
    program = tmp_path / "helm"
    program.write_text("#!/bin/sh\nprintenv HELM_DRIVER\n")
    program.chmod(0o700)
    command = HelmCommand(str(program), None, None)
    assert await command.run(["list"]) == b"secret\n"


WEB = Release("web", "verify-x", Path("chart"), {})


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "_FIRST_PAUSE", 0.0)


@pytest.mark.usefixtures("_impatient")
async def test_an_install_that_broke_off_is_begun_anew_without_its_record() -> None:
    cluster = Cluster()
    one, command = helm_that(cluster, f"{GET}EOF", "")
    await one.install(WEB, 60)
    assert [ran[0] for ran in command.ran] == ["version", "upgrade", "upgrade"]
    assert cluster.deleted == ["sh.helm.release.v1.web.v1"]


async def test_an_install_that_failed_is_not_tried_again() -> None:
    cluster = Cluster()
    one, command = helm_that(cluster, "no matches for kind Foo")
    with pytest.raises(errors.ChartError):
        await one.install(WEB, 60)
    assert [ran[0] for ran in command.ran] == ["version", "upgrade"]
    assert cluster.deleted == []


@pytest.mark.usefixtures("_impatient")
async def test_a_cluster_that_stays_away_is_no_fault_of_the_chart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(away, "AWAY_SECONDS", 0.0)
    one, _ = helm_that(Cluster(), f"{GET}EOF")
    with pytest.raises(errors.ClusterAwayError, match="Helm does not reach the cluster"):
        await one.install(WEB, 60)


async def test_helms_own_limit_comes_after_ours() -> None:
    one, command = helm_that(Cluster(), "")
    await one.install(WEB, 60)
    assert "90s" in command.ran[-1]
