"""Where the sample distro and its world are: in the checkout, or inside the installed package."""

from pathlib import Path

import octobot


def fixtures() -> Path:
    """Give the folder of the fixtures."""
    package = Path(octobot.__file__).parent
    inside = package / "fixtures"
    return inside if inside.is_dir() else package.parent / "fixtures"
