"""Foreign text into our values: what is not exactly of the expected shape becomes None."""

import re
from datetime import UTC, datetime

from octobot.model.ids import Sha

_SHA = re.compile("[0-9a-f]{40}")


def read_sha(text: object) -> Sha | None:
    """Read a git object id of 40 lower-case hexadecimal digits; None for anything else."""
    return Sha(text) if isinstance(text, str) and _SHA.fullmatch(text) else None


def read_time(text: object) -> datetime | None:
    """Read GitHub's ISO 8601 time; None for what is none, or names no zone."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the latter: year 1, east of Greenwich
        return None
