"""Read untrusted text: what does not have exactly the expected form becomes None."""

import json
from datetime import UTC, datetime
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
"""What a JSON text may hold."""


def read_time(text: object) -> datetime | None:
    """Read an ISO 8601 time with a zone; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the latter: year 1, east of Greenwich
        return None


def read_json(body: bytes) -> Json:
    """Read a JSON document; None (as for `null`) when it is invalid or nests too deep."""
    try:
        found: Json = json.loads(body)
    # A number of over 4,300 digits and bytes that are not UTF-8 are ValueErrors too.
    except (ValueError, RecursionError):
        return None
    return found
