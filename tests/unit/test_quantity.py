"""Quantities as Kubernetes writes them."""

import pytest

from provisioner.models.quantity import bytes_of, in_mebibytes


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0", 0),
        ("100Mi", 100 * 2**20),
        ("8Gi", 8 * 2**30),
        ("1.5Gi", 3 * 2**29),
        ("1Ei", 2**60),
        ("10G", 10**10),
        ("2k", 2000),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("128974848000m", 128974848),
        ("1500m", 2),
        (1073741824, 2**30),
        (".5", 1),
    ],
)
def test_bytes(written: str, expected: int) -> None:
    assert bytes_of(written) == expected


@pytest.mark.parametrize("written", ["", "much", "8GB", "8 Gi", "1e3Gi", "Gi", "1e999"])
def test_what_is_no_quantity(written: str) -> None:
    with pytest.raises(ValueError, match="is no quantity"):
        bytes_of(written)


def test_mebibytes_are_never_too_few() -> None:
    assert in_mebibytes(2**20) == "1Mi"
    assert in_mebibytes(2**20 + 1) == "2Mi"
