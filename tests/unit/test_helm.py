"""What Helm's words mean."""

import pytest
from pyhelm3 import errors as helm

from provisioner import errors
from provisioner.helm.release import _failed_tests, _install_error

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
        ("Kubernetes cluster unreachable: connection refused", "Unknown",
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
        ("Kubernetes cluster unreachable: i/o timeout", errors.ClusterError),
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
