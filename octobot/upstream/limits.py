"""How much an upstream may cost us, and how little we may cost it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults are polite to a stranger's server; times are in seconds."""

    per_second: float = 1.0
    """Requests a second to one host, on average."""
    burst: int = 5
    """Requests to one host that may go out at once after a rest."""
    concurrency: int = 4
    """Requests to one host under way at the same time."""
    attempts: int = 3
    """Of a request that dropped or met a server error."""
    backoff: float = 0.5
    """The first wait between attempts; it doubles, with jitter."""
    redirects: int = 3
    connect: float = 10.0
    idle: float = 20.0
    """Silence after which an exchange is given up."""
    deadline: float = 45.0
    """One attempt of a request, from the first byte to the last."""
    download_deadline: float = 900.0
    """One attempt of a download that is hashed."""
    download: int = 4 << 30
    """Bytes of a download that is hashed."""
    failures: int = 5
    """Failures of a host in a row after which it is left alone for a while."""
    rest: float = 60.0
    """The first such while; it doubles with each failure that follows."""
    longest_rest: float = 3600.0
    remembered: int = 32 << 20
    """Bytes of answers kept in order to ask whether they changed."""


UNLIMITED = Limits(per_second=10_000, burst=10_000, concurrency=32)
"""For a sandbox, which has nobody else to serve."""
