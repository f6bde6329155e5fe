"""octobot keeps a distro's melange specs current."""

__version__ = "0.1.0"
"""By semver; the wheel, the image and `--version` have it from here."""
