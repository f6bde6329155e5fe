"""How moments and durations are written: always UTC, always with their unit."""

from datetime import UTC, datetime, timedelta


def moment(at: datetime) -> str:
    """Write a moment to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def duration(length: timedelta) -> str:
    """Write a duration in its largest whole unit, as the repository's file does: `24h`, `7d`."""
    seconds = int(length.total_seconds())
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0 and (unit != "d" or seconds > size):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
