"""Documents of any host, named by their address and by what to look for in them.

The identifier is `URL WHAT`; a URL has no space, so the first one separates them.
"""

from collections.abc import Callable

from octobot.model import addresses


def split(identifier: str) -> tuple[str, str]:
    """Return the URL and what follows it."""
    url, _, what = identifier.strip().partition(" ")
    return url, what.strip()


def address(good: Callable[[str], bool]) -> Callable[[str], str | None]:
    """Make the reader of an identifier's URL; None when it is not https or `what` is not good."""

    def read(identifier: str) -> str | None:
        url, what = split(identifier)
        parts = addresses.split(url)
        fine = parts is not None and parts.scheme == "https" and parts.netloc != ""
        return url if fine and good(what) else None

    return read
