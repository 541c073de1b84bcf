"""A valid document in a folder with its chart."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("document_fakes")

from document_fakes import VALID  # noqa: E402 - its assertions are rewritten first


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text("name: blog\n")
    path = tmp_path / "verifier.yaml"
    path.write_text(VALID)
    return path
