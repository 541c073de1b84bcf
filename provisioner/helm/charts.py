"""Where the project's own charts lie."""

from pathlib import Path


def sandbox_chart() -> Path:
    """The folder of ``charts/verify-sandbox``: inside an installed package, or in the checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_charts" / "verify-sandbox"
    return installed if installed.exists() else package.parent / "charts" / "verify-sandbox"
