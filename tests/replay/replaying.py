"""The recorded bumps of a public distro, where they are at hand (`octobot docs maintainer`)."""

from pathlib import Path

CASES = Path(__file__).parents[3] / "shared" / "data" / "replay-dev.jsonl.gz"
KNOWN = Path(__file__).with_name("KNOWN.md")

MECHANICAL = (
    "commit+version",
    "commit+epoch+version",
    "sha+version",
    "epoch+sha+version",
    "version",
    "epoch+version",
    "commit+epoch+sha+version",
)
