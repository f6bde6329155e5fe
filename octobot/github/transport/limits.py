"""How much of GitHub's patience to use, and which of it a request costs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of GitHub's patience to use."""

    write_gap: float = 1.0
    """Seconds between two writes."""
    writes_per_minute: int = 80
    writes_per_hour: int = 500
    points_per_minute: int = 900
    """A read costs 1, a write 5; GitHub counts GraphQL apart (2,000), we count it with the rest."""
    concurrency: int = 8
    """GitHub allows 100 requests at once."""
    longest_sleep: float = 60.0
    """Seconds; a longer wait is a `TryLater`."""
    deadline: float = 40.0
    """Seconds for one request, its answer's last byte included; GitHub gives up after ten."""


UNHURRIED = Limits()
"""For GitHub itself."""
UNLIMITED = Limits(
    write_gap=0, writes_per_minute=10**6, writes_per_hour=10**6, points_per_minute=10**6
)
"""For a sandbox, which has nobody else to serve; what it refuses is still heeded."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What of a request matters for its pace and for repeating it."""

    bucket: str
    """`core`, `graphql` or `search`, as `x-ratelimit-resource` names them."""
    write: bool = False
    content: bool = False
    """Counts against 80 a minute and 500 an hour."""
    repeatable: bool = True
    """Doing it twice has the effect of doing it once."""

    @property
    def points(self) -> int:
        """What GitHub counts it as."""
        return 5 if self.write else 1
